import { concatMap, lastValueFrom } from 'rxjs';
import { codecClip } from './codec-clips.adapter.js';
import { rounded } from '#src/bench/measure.js';
import { reportClip } from '#src/bench/report-clips.js';
import { streamSchema } from '#src/shared/config/schema.js';
import type { Size } from '#src/shared/domain/box.js';
import type { FrameMemory } from '#src/shared/domain/frame.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import type { NativeFrame } from '#src/stream/native/types.js';
import { openSource } from '#src/stream/stages/ingest/source-session.adapter.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { requireGpu } from './required-gpu.js';
import { onGpu } from './frames.js';
import { difference, lumaOf } from './pictures.js';
import type { Step, StepContext } from './step.js';

const OUTPUT: Size = { width: 1280, height: 720 };
/** Pictures that are looked at: every so many frames. */
const EVERY = 13;
const NANOSECOND_MS = 1e-6;

interface Clip {
  readonly name: string;
  readonly file: () => Promise<string>;
  /** Steps of 8 bits by which a decoded sample may differ: the CPU dithers ten bits, the GPU cuts them off. */
  readonly mayDiffer: number;
}

const CLIPS: readonly Clip[] = [
  { name: 'H.264 720p', file: () => reportClip({ width: 1280, height: 720 }), mayDiffer: 0 },
  { name: 'H.264 1366×768', file: () => codecClip('h264-1366x768'), mayDiffer: 0 },
  { name: 'H.265 1080p', file: () => codecClip('h265-1080p'), mayDiffer: 0 },
  { name: 'H.265 1080p, 10 bits', file: () => codecClip('h265-10-bit-1080p'), mayDiffer: 1 },
];

interface Seen {
  readonly luma: Uint8Array;
  readonly composed: Uint8Array;
}

interface Decoded {
  readonly decoder: string;
  /** As the frames came, e.g. `NV12 cuda`. */
  readonly kinds: ReadonlySet<string>;
  readonly ptsMs: readonly number[];
  readonly seen: readonly Seen[];
}

/** The same files decoded on the GPU and on the CPU: codecs, depths and sizes. */
export const codecs: Step = {
  summary: 'H.264 and H.265, 8 and 10 bits, odd sizes: decoded on the GPU and on the CPU',
  limitS: 90,
  async run(context) {
    await requireGpu();
    for (const clip of CLIPS) await compare(clip, context);
  },
};

async function compare({ name, file, mayDiffer }: Clip, { put }: StepContext): Promise<void> {
  const path = await file();
  const gpu = await decode(path, 'cuda');
  const cpu = await decode(path, 'system');
  const told = (run: Decoded): string => `${run.decoder}: ${[...run.kinds].join(' and ')}`;
  put({
    what: `${name}: frames, GPU beside CPU`,
    unit: 'frames',
    value: gpu.ptsMs.length,
    goal: { atLeast: cpu.ptsMs.length, atMost: cpu.ptsMs.length },
    note: `${told(gpu)}; beside it ${told(cpu)}, ${cpu.ptsMs.length} frames`,
  });
  const isOnGpu = [...gpu.kinds].every((kind) => kind.includes('in cuda memory'));
  put({ what: `${name}: decoded into the GPU's memory`, unit: '', value: isOnGpu ? 1 : 0, goal: { atLeast: 1 } });
  const apart = gpu.ptsMs.map((ptsMs, i) => Math.abs(ptsMs - (cpu.ptsMs[i] ?? Number.NaN)));
  put({
    what: `${name}: PTS, largest difference`,
    unit: 'ms',
    value: rounded(apart.reduce(larger, 0), 6),
    goal: { atMost: NANOSECOND_MS },
  });
  const pairs = gpu.seen.flatMap((a, i) => (cpu.seen[i] ? [[a, cpu.seen[i]] as const] : []));
  const lumas = pairs.map(([a, b]) => difference(a.luma, b.luma));
  const note = `${pairs.length} frames, ${lumas.filter(({ most }) => most === 0).length} of them the same`;
  put({
    what: `${name}: luma, largest difference`,
    unit: '',
    value: lumas.map(({ most }) => most).reduce(larger, 0),
    goal: { atMost: mayDiffer },
    note: `${note}; lowest PSNR ${rounded(Math.min(...lumas.map(({ psnr }) => psnr)), 1)} dB`,
  });
  const pictures = pairs.map(([a, b]) => difference(a.composed, b.composed));
  put({
    what: `${name}: composed, largest difference`,
    unit: '',
    value: pictures.map(({ most }) => most).reduce(larger, 0),
    goal: { atMost: mayDiffer + 1 },
    note: `lowest PSNR ${rounded(Math.min(...pictures.map(({ psnr }) => psnr)), 1)} dB`,
  });
}

/** NaN wins. */
const larger = (a: number, b: number): number => Math.max(a, b);

/** The whole file, as fast as it goes; every so manyth frame is looked at and composed where it lies. */
async function decode(file: string, memory: FrameMemory): Promise<Decoded> {
  const addon = loadAddon();
  const { source } = streamSchema.parse({ source: { url: file, loop: false } });
  const session = await openSource(source, { pace: 'free', memory, logger: createLogger({ level: 'warn' }) });
  let decoder = 'unknown';
  const known = session.info$.subscribe((info) => (decoder = info.decoder ?? decoder));
  const kinds = new Set<string>();
  const ptsMs: number[] = [];
  const seen: Seen[] = [];
  const look = async (frame: NativeFrame): Promise<void> => {
    kinds.add(`${frame.format} in ${frame.memory} memory, ${frame.width}×${frame.height}`);
    ptsMs.push(frame.ptsMs);
    if ((ptsMs.length - 1) % EVERY !== 0) return addon.release(frame.handle);
    const luma = lumaOf(addon.readFrame(frame.handle), frame, frame.format);
    const { handle } = memory === 'cuda' ? await onGpu(addon, frame) : frame;
    const picture = await compose(handle, frame, memory);
    seen.push({ luma, composed: addon.readFrame(picture) });
    addon.release(picture);
    addon.release(handle);
  };
  try {
    await Promise.race([
      lastValueFrom(session.frames$.pipe(concatMap(look)), { defaultValue: undefined }),
      // Failed sources complete their frames too.
      session.ended.then(() => new Promise<never>(() => undefined)),
    ]);
    return { decoder, kinds, ptsMs, seen };
  } finally {
    known.unsubscribe();
    await session.close();
  }
}

/** Two tiles: one enlarged a little from between the pixels, one with the whole height. */
function compose(frame: number, { width, height }: Size, memory: FrameMemory): Promise<number> {
  const addon = loadAddon();
  const half = OUTPUT.width / 2;
  const tile = { width: half, height: OUTPUT.height };
  const regions = [
    {
      frame,
      crop: { x: 0.0531 * width, y: 0.011 * height, width: 0.33 * width, height: 0.66 * height },
      dest: { x: 0, y: 0, ...tile },
      alpha: 1,
    },
    {
      frame,
      crop: { x: width / 2, y: 0, width: width / 2, height },
      dest: { x: half, y: 0, ...tile },
      alpha: 1,
    },
  ];
  return memory === 'cuda' ? addon.composeOnGpu(OUTPUT, regions, 'system') : addon.compose(OUTPUT, regions);
}
