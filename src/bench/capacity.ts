import { estimatedUnits, REFERENCE } from '../shared/capacity/estimated-units.js';
import { machineMemoryMb, readHardware } from '../shared/capacity/capacity-file.adapter.js';
import type { KeptCapacity } from '../shared/capacity/kept-capacity.js';
import type { MachineShares } from '../shared/capacity/machine-shares.js';
import { outputSchema } from '../shared/config/schema.js';
import { DiptychError } from '../shared/domain/errors.js';
import { packageVersion } from '../shared/package-version.adapter.js';
import {
  heldStreams,
  heldUnits,
  isHeld,
  limitOf,
  nextStreams,
  type CapacityTrial,
  type MachineUse,
} from './capacity-search.js';
import { benchLoad, FPS, type LoadBenchResult } from './load.js';
import { rounded } from './measure.js';

/** How the capacity is looked for. */
export interface CapacityBenchOptions {
  /** How long each number of streams is measured, s, after it has settled. @defaultValue 20 */
  readonly seconds?: number;
  /** Of cameras and outputs, px. @defaultValue 1920×1080 */
  readonly size?: { readonly width: number; readonly height: number };
  /** Never more streams than these, 1 or more. @defaultValue 64 */
  readonly most?: number;
  /** Told in words what is tried and what came of it. */
  readonly onProgress?: (text: string) => void;
}

/** A number of streams and what it did. */
export interface TriedStreams extends CapacityTrial {
  /** Of the stream with the fewest, new pictures a second. */
  readonly slowestFps: number;
  /** The largest 95th percentile of the whole chain, ms. */
  readonly worstP95Ms: number;
  /** What the machine was busy with. */
  readonly use: MachineUse;
  /** Of it, the gateway with its streams, without the cameras. */
  readonly own: MachineShares;
}

/** What `diptych bench capacity` prints. */
export interface CapacityBenchResult {
  /** Of each stream, px. */
  readonly size: { readonly width: number; readonly height: number };
  /** Asked of each stream, pictures a second. */
  readonly fps: number;
  /** That many are held. */
  readonly streams: number;
  /** The same in streams of 1920×1080 at 30 pictures a second, with what is left for a smaller one. */
  readonly units: number;
  /** What one stream more would lack, in words. */
  readonly limit: string;
  /** In the order in which they were tried. */
  readonly trials: readonly TriedStreams[];
}

const FULL_HD = { width: REFERENCE.width, height: REFERENCE.height };

/**
 * How many streams of one size this machine holds: each shows at least 98 % of its pictures, the 95th percentile of
 * the chain stays below 300 ms, and nothing is given up. The cameras run on the same machine and take their share.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_USAGE` where no stream has this size; `DIPTYCH_E_PROGRAM_MISSING` if a program is not installed; `DIPTYCH_E_INTERNAL` if a stream does not start.
 */
export async function benchCapacity(
  { seconds = 20, size = FULL_HD, most = 64, onProgress = () => undefined }: CapacityBenchOptions,
  signal: AbortSignal,
): Promise<CapacityBenchResult> {
  checkSize(size);
  const trials: TriedStreams[] = [];
  for (let streams = nextStreams(trials, most); streams !== undefined; streams = nextStreams(trials, most)) {
    onProgress(`${streams} ${streams === 1 ? 'stream' : 'streams'} of ${size.width}×${size.height} …`);
    const trial = tried(streams, await benchLoad({ streams, seconds, size }, signal), await machineMemoryMb());
    trials.push(trial);
    onProgress(
      `${trial.isHeld ? 'held' : 'too many'}: the slowest shows ${trial.slowestFps} pictures a second, 95th percentile ${trial.worstP95Ms} ms`,
    );
  }
  const held = heldStreams(trials);
  const tooMany = trials.filter((trial) => !trial.isHeld).sort((a, b) => a.streams - b.streams)[0];
  const own = ownAt(held, trials);
  const units = own ? heldUnits(held, own, tooMany?.use) * estimatedUnits({ output: { ...size, fps: FPS } }) : 0;
  return {
    ...{ size, fps: FPS, streams: held, units: Math.floor(units * 100) / 100, trials },
    limit: tooMany ? limitOf(tooMany.use) : `not reached: more than ${most} streams were not tried (--most)`,
  };
}

/** What of a measurement is kept for the gateway; `undefined` where not even one stream was held. @param nowMs - Unix time, ms */
export async function capacityToKeep(result: CapacityBenchResult, nowMs: number): Promise<KeptCapacity | undefined> {
  const { size, fps, streams, units, limit, trials } = result;
  const use = ownAt(streams, trials);
  if (!use) return undefined;
  return {
    ...{ format: 1, measuredAt: new Date(nowMs).toISOString(), version: packageVersion() },
    ...{ hardware: await readHardware(), stream: { ...size, fps }, streams, units, limit, use },
  };
}

const ownAt = (streams: number, trials: readonly TriedStreams[]): MachineShares | undefined =>
  trials.find((trial) => trial.streams === streams)?.own;

function tried(streams: number, load: LoadBenchResult, memoryMb: number): TriedStreams {
  const { gpu, decoder } = load.use;
  return {
    ...{ streams, worstP95Ms: load.worstP95Ms, use: load.use },
    own: {
      cpu: rounded(load.coresUsed / load.cores),
      memory: rounded(load.memoryMb / memoryMb),
      ...(gpu !== undefined && { gpu }),
      ...(decoder !== undefined && { decoder }),
    },
    isHeld: isHeld(load, { fps: FPS }),
    slowestFps: Math.min(...load.streams.map(({ newFps }) => newFps)),
  };
}

function checkSize(size: { readonly width: number; readonly height: number }): void {
  const { success, error } = outputSchema.safeParse(size);
  if (success) return;
  const { path, message } = error.issues[0] ?? { path: [], message: '' };
  throw new DiptychError('DIPTYCH_E_USAGE', `--size ${size.width}x${size.height}: ${path.join('.')}: ${message}`);
}
