import { longClip } from './long-clip.adapter.js';
import { rounded } from '#src/bench/measure.js';
import type { Size } from '#src/shared/domain/box.js';
import type { FrameHandle, FrameMemory } from '#src/shared/domain/frame.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import type { ComposeRegion, NativeAddon } from '#src/stream/native/types.js';
import { requireGpu } from './required-gpu.js';
import { framesOf } from './frames.js';
import { summed, timeCalls, type Measure } from './measure.js';
import type { Step } from './step.js';

const OUTPUT: Size = { width: 1920, height: 1080 };
const TILE: Size = { width: 960, height: 1080 };
const GOAL_MS = 0.15;
/** So many are asked for before the first is waited for. */
const AT_ONCE = 16;

/** Two tiles of 960×1080 from 1080p into 1920×1080, on the GPU and beside it on the CPU. */
export const compose: Step = {
  summary: 'two tiles of 960×1080 into 1920×1080',
  limitS: 60,
  async run({ isQuick, put }) {
    const addon = loadAddon();
    await requireGpu();
    const calls = isQuick ? 5 : 1000;
    const [onGpu, inMemory] = [
      await framesOf(addon, await longClip(), { memory: 'cuda', count: 2 }),
      await framesOf(addon, await longClip(), { memory: 'system', count: 2 }),
    ];
    const gpu = (memory: FrameMemory) => (regions: readonly ComposeRegion[]) =>
      addon.composeOnGpu(OUTPUT, regions, memory);
    const cpu = (regions: readonly ComposeRegion[]): Promise<FrameHandle> => addon.compose(OUTPUT, regions);
    for (const step of [1, 0.75, 0.5]) {
      const how = step === 1 ? 'one to one' : `${rounded(1 / step, 2)} times enlarged`;
      const ways: [
        string,
        (regions: readonly ComposeRegion[]) => Promise<FrameHandle>,
        FrameHandle,
        Measure['goal'],
      ][] = [
        [`compose, ${how}, left on the GPU`, gpu('cuda'), onGpu[0]!.handle, { atMost: GOAL_MS }],
        [`compose, ${how}, brought down`, gpu('system'), onGpu[0]!.handle, undefined],
        [`compose, ${how}, on the CPU`, cpu, inMemory[0]!.handle, undefined],
      ];
      for (const [what, paint, frame, goal] of ways) {
        const regions = tiles(frame, step);
        const once = async (): Promise<void> => addon.release(await paint(regions));
        const times = await timeCalls(what.endsWith('CPU') ? calls / 5 : calls, isQuick ? 1 : 50, once);
        put({ what, unit: 'ms', ...summed(times), ...(goal && { goal }), note: 'host, one call at a time' });
        if (!goal) continue;
        const together = await timeCalls(calls / AT_ONCE, 2, () => manyAtOnce(addon, paint, regions));
        const each = together.map((ms) => ms / AT_ONCE);
        put({ what, unit: 'ms', ...summed(each), goal, note: `host, ${AT_ONCE} asked for at once, time of each` });
      }
    }
    for (const { handle } of [...onGpu, ...inMemory]) addon.release(handle);
  },
};

async function manyAtOnce(
  addon: NativeAddon,
  paint: (regions: readonly ComposeRegion[]) => Promise<FrameHandle>,
  regions: readonly ComposeRegion[],
): Promise<void> {
  const pictures = await Promise.all(Array.from({ length: AT_ONCE }, () => paint(regions)));
  for (const picture of pictures) addon.release(picture);
}

/** The two people of the clip, `step` source pixels a tile pixel. */
function tiles(frame: FrameHandle, step: number): ComposeRegion[] {
  const size = { width: TILE.width * step, height: TILE.height * step };
  const y = (OUTPUT.height - size.height) / 2;
  return [
    { frame, crop: { x: 100.3, y, ...size }, dest: { x: 0, y: 0, ...TILE }, alpha: 1 },
    { frame, crop: { x: 700.7, y, ...size }, dest: { x: TILE.width, y: 0, ...TILE }, alpha: 1 },
  ];
}
