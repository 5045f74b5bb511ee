import type { Box, Size } from '#src/shared/domain/box.js';
import type { FrameFormat, FrameHandle } from '#src/shared/domain/frame.js';
import { rounded } from '#src/bench/measure.js';
import { percentilesOf } from '#src/shared/percentile.js';
import { seededRandom } from '#src/shared/random.js';
import type { ComposeRegion, LetterboxOptions, NativeAddon } from '#src/stream/native/types.js';

/** What one call costs. */
export interface CallCost {
  readonly medianMs: number;
  readonly p95Ms: number;
  /** CPU time of the whole process a call, milliseconds. */
  readonly cpuMs: number;
}

export interface ComposeBench {
  readonly calls: number;
  readonly costs: Readonly<Record<string, CallCost>>;
}

const SOURCE: Size = { width: 1920, height: 1080 };
const OUTPUT: Size = { width: 1920, height: 1080 };
const TILE: Size = { width: 960, height: 1080 };
/** One-to-one, mild and strong enlargement: source pixels a tile pixel. */
const STEPS = [1, 0.75, 0.5];

/**
 * Costs of painting two tiles of 960×1080 from 1080p into 1920×1080 and of the tensors that
 * detection takes, one call at a time.
 */
export async function benchCompose(addon: NativeAddon, calls = 300): Promise<ComposeBench> {
  const costs: Record<string, CallCost> = {};
  for (const format of ['I420', 'NV12'] as const) {
    const frame = addon.createFrame(SOURCE, format, noise(SOURCE));
    try {
      for (const [name, call] of callsOn(addon, frame, format)) costs[name] = await measure(call, calls);
    } finally {
      addon.release(frame);
    }
  }
  return { calls, costs };
}

function callsOn(addon: NativeAddon, frame: FrameHandle, format: FrameFormat): [string, () => unknown][] {
  const compose = (regions: readonly ComposeRegion[]) => async (): Promise<void> => {
    addon.release(await addon.compose(OUTPUT, regions));
  };
  const letterbox = (options: Size & { crop?: Box }) => {
    const all: LetterboxOptions = { ...options, channels: 'RGB', mean: 0, scale: 1 / 255, pad: 114, order: 'nchw' };
    const tensor = new Float32Array(3 * options.width * options.height);
    return () => addon.letterbox(frame, all, tensor);
  };
  const everything = { x: 0, y: 0, ...OUTPUT };
  const scene: ComposeRegion = { frame, crop: everything, dest: everything, alpha: 1 };
  return [
    ...STEPS.map((step): [string, () => unknown] => [`tiles ${step} ${format}`, compose(tiles(frame, step, 1))]),
    [`tiles fading over the scene ${format}`, compose([scene, ...tiles(frame, 0.5, 0.5)])],
    [`scene, copied ${format}`, compose([scene])],
    [`letterbox 640×384 ${format}`, letterbox({ width: 640, height: 384 })],
    [`letterbox 640×640 ${format}`, letterbox({ width: 640, height: 640 })],
    [
      `letterbox 128×256 of a person ${format}`,
      letterbox({ width: 128, height: 256, crop: { x: 300.5, y: 100.2, width: 300, height: 700 } }),
    ],
  ];
}

function tiles(frame: FrameHandle, step: number, alpha: number): ComposeRegion[] {
  const size = { width: TILE.width * step, height: TILE.height * step };
  const top = (SOURCE.height - size.height) / 2;
  return [
    { frame, crop: { x: 100.3, y: top, ...size }, dest: { x: 0, y: 0, ...TILE }, alpha },
    { frame, crop: { x: 700.7, y: top, ...size }, dest: { x: TILE.width, y: 0, ...TILE }, alpha },
  ];
}

async function measure(call: () => unknown, calls: number): Promise<CallCost> {
  for (let i = 0; i < calls / 10; i += 1) await call();
  const timesMs: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i += 1) {
    const start = performance.now();
    await call();
    timesMs.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  const { p50, p95 } = percentilesOf(timesMs);
  return { medianMs: rounded(p50, 3), p95Ms: rounded(p95, 3), cpuMs: rounded((user + system) / 1000 / calls, 3) };
}

function noise({ width, height }: Size): Uint8Array {
  const random = seededRandom(1);
  return Uint8Array.from({ length: (width * height * 3) / 2 }, () => 256 * random());
}
