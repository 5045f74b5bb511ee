import { expect } from 'vitest';
import type { Box, Size } from '#src/shared/domain/box.js';
import type { Detection } from '#src/shared/domain/detection.js';
import type { FrameHandle } from '#src/shared/domain/frame.js';
import type { ResolvedDetector } from '#src/stream/models/model-file.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { OnnxSession } from '#src/stream/inference/onnx-session.adapter.js';
import type { GpuCandidates, GpuModelOptions, NativeAddon } from '#src/stream/native/types.js';
import { candidateSpecOf, readCandidates } from '#src/stream/stages/detect/candidates.js';
import { createDecoder } from '#src/stream/stages/detect/decoders.js';
import { COMMON } from './networks.js';

export const SCORE_THRESHOLD = 0.3;

/** Part of a picture, or all of it. */
export type Crop = Box | undefined;

/** A detector of the manifest, as the GPU is asked for it and as the CPU runs it. */
export class TestDetector {
  readonly options: GpuModelOptions;
  readonly #addon: NativeAddon;
  readonly #file: ResolvedDetector;
  readonly #session: OnnxSession;

  private constructor(addon: NativeAddon, file: ResolvedDetector, input: Size, session: OnnxSession) {
    const { channels, order, mean, scale, pad, name } = file.entry.input;
    this.#addon = addon;
    this.#file = file;
    this.#session = session;
    this.options = {
      ...COMMON,
      path: file.path,
      inputName: name ?? '',
      outputNames: file.entry.outputs ?? [],
      input: { ...input, channels, order, mean, scale, pad },
      decode: candidateSpecOf(file.entry.decoder),
    };
  }

  /** `input`: of a network that takes any size. `convert` may put another file in the place of the model's. */
  static async load(
    addon: NativeAddon,
    name: string,
    input: Size,
    convert: (path: string) => Promise<string> = (path) => Promise.resolve(path),
  ): Promise<TestDetector> {
    const resolved = await new ModelStore().resolveDetector(name);
    const file = { ...resolved, path: await convert(resolved.path) };
    const { path, entry } = file;
    const session = await OnnxSession.open({
      path,
      threads: 1,
      inputName: entry.input.name,
      outputNames: entry.outputs,
    });
    return new TestDetector(addon, file, 'width' in entry.input.size ? entry.input.size : input, session);
  }

  /** What the GPU found, in pixels of the picture. */
  async find(id: number, handle: FrameHandle, crop?: Crop): Promise<readonly Detection[]> {
    const question = { ...(crop && { crop }), scoreThreshold: SCORE_THRESHOLD };
    return this.read(await this.#addon.detectOnGpu(id, handle, question), crop);
  }

  read(candidates: GpuCandidates, crop: Crop): readonly Detection[] {
    const mapping = { ...candidates.mapping, origin: crop ?? { x: 0, y: 0 } };
    return readCandidates(candidates, { spec: this.#file.entry.decoder, kind: 'face', mapping });
  }

  /** The same on the CPU: letterbox, network and decoder of the path that there is without a GPU. */
  async findOnCpu(handle: FrameHandle, crop?: Crop): Promise<readonly Detection[]> {
    const { input } = this.options;
    const tensor = new Float32Array(3 * input.width * input.height);
    const mapping = this.#addon.letterbox(handle, { ...input, ...(crop && { crop }) }, tensor);
    const { width, height } = input;
    const outputs = await this.#session.run(
      tensor,
      input.order === 'nchw' ? [1, 3, height, width] : [1, height, width, 3],
    );
    return createDecoder(this.#file.entry.decoder, 'face')(outputs, {
      input,
      mapping: { ...mapping, origin: crop ?? { x: 0, y: 0 } },
      scoreThreshold: SCORE_THRESHOLD,
    });
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

const numbersOf = ({ box, score, landmarks = [] }: Detection): readonly number[] => [
  score * 100,
  ...[box.x, box.y, box.width, box.height],
  ...landmarks.flatMap(({ x, y }) => [x, y]),
];

/** The same finds in the same order, to the hundredth of a pixel and of a percent, or to `most`. */
export function expectAlike(found: readonly Detection[], expected: readonly Detection[], most = 0.01): void {
  expect(found).toHaveLength(expected.length);
  const difference = expected.flatMap((detection, i) => {
    const numbers = numbersOf(found[i]!);
    return numbersOf(detection).map((number, k) => Math.abs(number - numbers[k]!));
  });
  expect(Math.max(0, ...difference)).toBeLessThan(most);
}
