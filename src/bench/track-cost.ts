import type { Detection, DetectionSet } from '../shared/domain/detection.js';
import type { Percentiles } from '../shared/domain/stream-status.js';
import { percentilesOf } from '../shared/percentile.js';
import { seededRandom } from '../shared/random.js';
import { SetTracker } from '../offline/set-tracker.js';

/** What tracking costs with so many people. */
export interface TrackCost {
  /** In the picture at once. */
  readonly people: number;
  /** How many were measured. */
  readonly frames: number;
  /** ByteTrack alone, milliseconds a frame. */
  readonly plainMs: Percentiles;
  /** With identities kept, without making the embeddings. */
  readonly keepingMs: Percentiles;
  /** Heap after the last quarter of the frames against after the first, KiB; undefined without `--expose-gc`. */
  readonly heapGrowthKib?: number;
}

const FPS = 30;
const LENGTH = 64;
/** Share of people that the detector misses. */
const MISSED = 0.03;
const BOX = { width: 100, height: 125 };

/** Cost of tracking so many people who sway and pass each other, on made-up detections. */
export async function benchTrackCost(people: number, frames: number): Promise<TrackCost> {
  const plain = await run(people, frames, 'off');
  const keeping = await run(people, frames, 'conditional');
  return {
    people,
    frames,
    plainMs: plain.ms,
    keepingMs: keeping.ms,
    ...(keeping.heapGrowthKib !== undefined && { heapGrowthKib: keeping.heapGrowthKib }),
  };
}

async function run(
  people: number,
  frames: number,
  mode: 'off' | 'conditional',
): Promise<{ readonly ms: Percentiles; readonly heapGrowthKib?: number }> {
  const random = seededRandom(1);
  const looks = Array.from({ length: people }, () => Float32Array.from({ length: LENGTH }, () => random() - 0.5));
  let whose: readonly number[] = [];
  const tracker = new SetTracker<DetectionSet>(
    {
      fps: FPS,
      embedder: {
        metric: 'cosine',
        embed: (requests) =>
          requests.map((request) => ({ ...request, embedding: looks[whose[request.detectionIndex]!] })),
      },
    },
    mode,
  );
  // Reserved at once, so that keeping the times does not look like a leak.
  const times = new Float64Array(frames);
  const heap: number[] = [];
  for (let frame = 0; frame < frames; frame += 1) {
    const present = [...looks.keys()].filter(() => random() >= MISSED);
    whose = present;
    const detections = present.map((who) => detectionOf(who, people, frame, random));
    times[frame] = (await tracker.update({ ptsMs: (1000 * frame) / FPS, detections })).ms;
    if (frame === frames >> 2 || frame === frames - 1) heap.push(heapAfterCollection());
  }
  const growth = (heap[1]! - heap[0]!) / 1024;
  return {
    ms: percentilesOf(times),
    ...(globalThis.gc && { heapGrowthKib: Math.round(growth) }),
  };
}

/** Two people pass each other all the time; more stand in rows of ten and sway into each other. */
function detectionOf(who: number, people: number, frame: number, random: () => number): Detection {
  const isPair = people === 2;
  const x = isPair
    ? 960 + 400 * Math.sin(frame / 60 + who * Math.PI)
    : (who % 10) * 190 + 60 * Math.sin(frame / 30 + who);
  const y = isPair ? 500 : Math.floor(who / 10) * 210 + 40 * Math.sin(frame / 37 + 2 * who);
  return { box: { x: x + 3 * random(), y: y + 3 * random(), ...BOX }, score: 0.8 + 0.1 * random(), kind: 'face' };
}

function heapAfterCollection(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
