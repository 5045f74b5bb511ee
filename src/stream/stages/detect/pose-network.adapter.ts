import { DiptychError } from '../../../shared/domain/errors.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { AffineMatrix } from '../../domain/affine-matrix.js';
import { OnnxSession } from '../../inference/onnx-session.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import type { PoseSetup } from './detector-messages.js';
import type { PosePort } from './pose-attacher.js';
import { POSE_VALUES } from './pose-crop.js';

/** A pose network on the CPU, for the detector thread; several people go in at once where the file takes them. */
export class PoseNetwork {
  readonly #session: OnnxSession;
  readonly #setup: PoseSetup;
  readonly #addon = loadAddon();
  #tensor = new Float32Array(0);

  private constructor(session: OnnxSession, setup: PoseSetup) {
    this.#session = session;
    this.#setup = setup;
  }

  /**
   * Opens the network and runs it once: first runs are slow.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it can't be loaded, or gives something else than poses.
   */
  static async open(setup: PoseSetup): Promise<PoseNetwork> {
    const network = new PoseNetwork(await OnnxSession.open(setup), setup);
    await network.#run(1);
    return network;
  }

  /** Reads poses in this frame. */
  in(handle: FrameHandle): PosePort {
    return { read: (crops) => this.#read(handle, crops) };
  }

  /** Frees the network; nothing may be running. */
  close(): Promise<void> {
    return this.#session.close();
  }

  async #read(handle: FrameHandle, crops: readonly AffineMatrix[]): Promise<Float32Array> {
    const { inputSize, pixels, maxBatch } = this.#setup;
    const values = new Float32Array(crops.length * POSE_VALUES);
    for (let first = 0; first < crops.length; first += maxBatch) {
      const batch = crops.slice(first, first + maxBatch);
      batch.forEach((crop, i) =>
        this.#addon.warpAffine(handle, crop, { ...inputSize, ...pixels, outside: 'pad' }, this.#input(i)),
      );
      values.set(await this.#run(batch.length), first * POSE_VALUES);
    }
    return values;
  }

  async #run(count: number): Promise<Float32Array> {
    const { inputSize, path } = this.#setup;
    const length = count * 3 * inputSize.width * inputSize.height;
    if (this.#tensor.length < length) this.#input(count - 1);
    const dims = [count, 3, inputSize.height, inputSize.width];
    const [output] = await this.#session.run(this.#tensor.subarray(0, length), dims);
    if (output?.data.length === count * POSE_VALUES) return output.data;
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `${path} gives ${output?.dims.join('×')} for ${count} people, expected ${count}×${POSE_VALUES}; ` +
        'take it in anew: diptych models add FILE',
    );
  }

  /** One input of the tensor, which grows to the largest batch. */
  #input(index: number): Float32Array {
    const { width, height } = this.#setup.inputSize;
    const length = 3 * width * height;
    const end = (index + 1) * length;
    if (this.#tensor.length < end) {
      const grown = new Float32Array(end);
      grown.set(this.#tensor);
      this.#tensor = grown;
    }
    return this.#tensor.subarray(end - length, end);
  }
}
