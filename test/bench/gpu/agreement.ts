import { openChainBackend, runFreely, streamConfigFor, type Processor } from '#src/bench/measured-chain.js';
import { rounded } from '#src/bench/measure.js';
import { longClip } from './long-clip.adapter.js';
import type { Size } from '#src/shared/domain/box.js';
import { loadTestAddon } from '../../integration/native/test-addon.js';
import type { ComposedFrame } from '#src/stream/pipeline.js';
import { framesOf } from './frames.js';
import { requireGpu } from './required-gpu.js';
import { difference, lumaOf } from './pictures.js';
import type { Step, StepContext } from './step.js';

const SIZE: Size = { width: 1920, height: 1080 };
/** Composed pictures that are compared: every so many frames. */
const EVERY = 40;
/** TF32 and FP16 move boxes: what is compared here is all but that. */
const PRECISION = 'fp32';
/** Boxes of tracks, at most; what 32 bits of another order of sums do. */
const BOXES_PX = 0.5;

interface ComparedFrame {
  /** Tracks as `id state`, and who fills which tile. */
  readonly people: string;
  readonly slots: string;
  readonly boxes: readonly number[];
  readonly picture?: Uint8Array;
}

/** The same clip on the GPU and on the CPU: tracks, slots, composed pictures, tensors. */
export const agreement: Step = {
  summary: 'the same clip on the GPU and on the CPU: tracks, slots, pictures, tensors',
  limitS: 150,
  async run(context) {
    await comparePixels(context);
    await compareChains(context);
  },
};

async function compareChains({ isQuick, put }: StepContext): Promise<void> {
  const stream = streamConfigFor(await longClip(), SIZE);
  const runs = new Map<Processor, readonly ComparedFrame[]>();
  for (const processor of ['gpu', 'cpu'] as const) {
    const compared: ComparedFrame[] = [];
    const { signal } = new AbortController();
    const { backend, close } = await openChainBackend(
      { processor, stream, pictureMemory: 'system', precision: PRECISION },
      signal,
    );
    const onFrame = (frame: ComposedFrame, index: number): void => void compared.push(describe(frame, index));
    await runFreely(backend, { stream, onFrame, ...(isQuick && { seconds: 1.5 }) }, signal);
    await close();
    runs.set(processor, compared);
  }
  const [gpu = [], cpu = []] = [runs.get('gpu'), runs.get('cpu')];
  const frames = Math.min(gpu.length, cpu.length);
  const pairs = Array.from({ length: frames }, (_, i) => [gpu[i]!, cpu[i]!] as const);
  if (!isQuick)
    put({ what: 'frames, GPU beside CPU', unit: '', value: gpu.length - cpu.length, goal: { atMost: 0, atLeast: 0 } });
  const share = (same: (pair: readonly [ComparedFrame, ComparedFrame]) => boolean): number =>
    rounded(pairs.filter(same).length / frames, 4);
  const note = `${frames} frames`;
  put({
    what: 'frames with the same tracks and states',
    unit: '',
    value: share(([a, b]) => a.people === b.people),
    goal: { atLeast: 1 },
    note,
  });
  put({
    what: 'frames with the same slots',
    unit: '',
    value: share(([a, b]) => a.slots === b.slots),
    goal: { atLeast: 1 },
    note,
  });
  const offBy = pairs.flatMap(([a, b]) =>
    a.people === b.people ? a.boxes.map((value, i) => Math.abs(value - (b.boxes[i] ?? Number.NaN))) : [],
  );
  put({
    what: 'boxes of tracks, largest difference',
    unit: 'px',
    value: rounded(
      offBy.reduce((x, y) => Math.max(x, y), 0),
      3,
    ),
    goal: { atMost: BOXES_PX },
  });
  const pictures = pairs.flatMap(([a, b]) => (a.picture && b.picture ? [difference(a.picture, b.picture)] : []));
  put({
    what: 'composed pictures of the two chains, lowest PSNR',
    unit: 'dB',
    value: rounded(Math.min(...pictures.map(({ psnr }) => psnr)), 1),
    note: `${pictures.length} pictures`,
  });
}

function describe({ sourceFrame, picture }: ComposedFrame, index: number): ComparedFrame {
  const tracks = sourceFrame?.tracks ?? [];
  return {
    people: tracks.map(({ id, state }) => `${id} ${state}`).join(),
    slots: (sourceFrame?.slots ?? []).join(),
    boxes: tracks.flatMap(({ box: { x, y, width, height } }) => [x, y, width, height]),
    ...(index % EVERY === 0 && { picture: loadTestAddon().readFrame(picture) }),
  };
}

/** The same frames, the same regions: what decoding, composing and letterboxing differ by. */
async function comparePixels({ put }: StepContext): Promise<void> {
  const addon = loadTestAddon();
  await requireGpu(PRECISION);
  const clip = await longClip();
  const onGpu = await framesOf(addon, clip, { memory: 'cuda' });
  const inMemory = await framesOf(addon, clip, { memory: 'system' });
  const background = { colour: [60, 150, 110] } as const;
  const worst = { decoded: 0, composed: 0, psnr: Infinity, tensor: 0 };
  for (const [i, { handle: device, format }] of onGpu.entries()) {
    const { handle: host, format: hostFormat } = inMemory[i]!;
    worst.decoded = Math.max(
      worst.decoded,
      difference(lumaOf(addon.readFrame(device), SIZE, format), lumaOf(addon.readFrame(host), SIZE, hostFormat)).most,
    );
    // Two tiles, what lies between them, and their round corners.
    const regions = (frame: number) => [
      {
        frame,
        crop: { x: 101.3 + i, y: 7.7, width: 611.5, height: 688 },
        dest: { x: 0, y: 0, width: 960, height: 1080 },
        alpha: 1,
      },
      {
        frame,
        crop: { x: 900.2, y: 0, width: 960, height: 1080 },
        dest: { x: 960, y: 0, width: 960, height: 1080 },
        alpha: 0.7,
      },
      { ...background, dest: { x: 948, y: 0, width: 24, height: 1080 }, alpha: 0.6 },
      { ...background, dest: { x: 0, y: 0, width: 948, height: 1080 }, alpha: 1, radii: [40, 0, 200, 31] as const },
      {
        ...background,
        dest: { x: 972, y: 0, width: 948, height: 1080 },
        alpha: 0.4,
        radii: [24, 24, 7, 1024] as const,
      },
    ];
    const pictures = [
      await addon.composeOnGpu(SIZE, regions(device), 'system'),
      await addon.compose(SIZE, regions(host)),
    ] as const;
    const found = difference(addon.readFrame(pictures[0]), addon.readFrame(pictures[1]));
    for (const picture of pictures) addon.release(picture);
    worst.composed = Math.max(worst.composed, found.most);
    worst.psnr = Math.min(worst.psnr, found.psnr);
    worst.tensor = Math.max(worst.tensor, await tensorDifference(device, host));
  }
  for (const { handle } of [...onGpu, ...inMemory]) addon.release(handle);
  const note = `${onGpu.length} frames`;
  put({ what: 'luma of decoded frames, largest difference', unit: '', value: worst.decoded, note });
  put({
    what: 'composed pictures of the same frames, largest difference',
    unit: '',
    value: worst.composed,
    goal: { atMost: 1 },
    note,
  });
  put({ what: 'the same, lowest PSNR', unit: 'dB', value: rounded(worst.psnr, 1), note });
  put({
    what: 'tensors of the same frames, largest difference',
    unit: '/ 255',
    value: rounded(worst.tensor * 255, 4),
    goal: { atMost: 1 },
    note,
  });
}

async function tensorDifference(device: number, host: number): Promise<number> {
  const addon = loadTestAddon();
  const options = {
    width: 640,
    height: 640,
    channels: 'RGB',
    order: 'nchw',
    mean: 0,
    scale: 1 / 255,
    pad: 114,
  } as const;
  const [a, b] = [new Float32Array(3 * 640 * 640), new Float32Array(3 * 640 * 640)];
  await addon.letterboxOnGpu(device, options, a);
  addon.letterbox(host, options, b);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
