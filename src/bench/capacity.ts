import { outputSchema } from '../shared/config/schema.js';
import { DiptychError } from '../shared/domain/errors.js';
import { heldStreams, isHeld, limitOf, nextStreams, type CapacityTrial, type MachineUse } from './capacity-search.js';
import { benchLoad, FPS, type LoadBenchResult } from './load.js';

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
}

/** What `diptych bench capacity` prints. */
export interface CapacityBenchResult {
  /** Of each stream, px. */
  readonly size: { readonly width: number; readonly height: number };
  /** Asked of each stream, pictures a second. */
  readonly fps: number;
  /** That many are held: for `limits.streams`, and `cluster.units` where a unit is such a stream. */
  readonly streams: number;
  /** What one stream more would lack, in words. */
  readonly limit: string;
  /** In the order in which they were tried. */
  readonly trials: readonly TriedStreams[];
}

const FULL_HD = { width: 1920, height: 1080 };

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
    const trial = tried(streams, await benchLoad({ streams, seconds, size }, signal));
    trials.push(trial);
    onProgress(
      `${trial.isHeld ? 'held' : 'too many'}: the slowest shows ${trial.slowestFps} pictures a second, 95th percentile ${trial.worstP95Ms} ms`,
    );
  }
  const held = heldStreams(trials);
  const tooMany = trials.filter((trial) => !trial.isHeld).sort((a, b) => a.streams - b.streams)[0];
  return {
    ...{ size, fps: FPS, streams: held, trials },
    limit: tooMany ? limitOf(tooMany.use) : `not reached: more than ${most} streams were not tried (--most)`,
  };
}

function tried(streams: number, load: LoadBenchResult): TriedStreams {
  return {
    ...{ streams, worstP95Ms: load.worstP95Ms, use: load.use },
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
