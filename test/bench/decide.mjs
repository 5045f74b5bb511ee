// How long the main thread of a stream process works on a frame: the chain of a live stream from a decoded frame to
// the plan of the composed picture, with networks, decoder and painter that answer at once. One line of JSON.
//
//   npx tsc -p . && node test/bench/decide.mjs [FRAMES]
//
// Two people move about, detected on every second frame with landmarks, and looked at as identities ask for it.
// `us` is the median of 20 rounds of microseconds a frame.
import { performance } from 'node:perf_hooks';
import { Subject } from 'rxjs';
import { streamSchema } from '../../dist/shared/config/schema.js';
import { pipelineOptions } from '../../dist/stream/pipeline-options.js';
import { twoShot } from '../../dist/stream/pipeline.js';
import { NativePainter } from '../../dist/stream/stages/compose/native-painter.adapter.js';
import { LiveConfig } from '../../dist/stream/supervision/live-config.js';

const ROUNDS = 20;
const WARM_UP_FRAMES = 2000;
const FPS = 30;
const SOURCE = { width: 1920, height: 1080 };
const framesARound = Number(process.argv[2] ?? 40_000) / ROUNDS;

/** Person `who` at `ptsMs`: a face of 160 px that wanders over its half of the picture. */
function faceOf(who, ptsMs) {
  const t = ptsMs / 1000 + who * 1.7;
  const x = 400 + who * 900 + 120 * Math.sin(t * 0.7);
  const y = 300 + 40 * Math.sin(t * 1.1);
  const points = [
    [50, 60],
    [110, 60],
    [80, 95],
    [55, 125],
    [105, 125],
  ];
  return {
    box: { x, y, width: 160, height: 170 },
    score: 0.9,
    kind: 'face',
    landmarks: points.map(([dx, dy]) => ({ x: x + dx, y: y + dy })),
  };
}

/** A unit vector of 128 numbers, another one for each person. */
const embeddingOf = (who) => {
  const values = Float32Array.from({ length: 128 }, (_, i) => Math.sin((who + 1) * 12.9898 * (i + 1)));
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
};
const EMBEDDINGS = [embeddingOf(0), embeddingOf(1)];

const source = new Subject();
const addon = {
  retain: () => undefined,
  release: () => undefined,
  nowMs: () => 0,
  frameInfo: () => ({ ...SOURCE, memory: 'cuda', format: 'NV12' }),
};
const backend = {
  detector: { detect: async ({ ptsMs }) => ({ ptsMs, detections: [faceOf(0, ptsMs), faceOf(1, ptsMs)] }) },
  embedder: {
    metric: 'cosine',
    embed: async (requests) =>
      requests.map((request) => ({ ...request, embedding: EMBEDDINGS[request.detectionIndex ?? 0] })),
  },
  painter: new NativePainter({
    addon,
    compose: async () => 1,
    output: SOURCE,
    artwork: {
      connecting: 2,
      reconnecting: 3,
      plates: new Map(),
      slateSize: SOURCE,
      borderColour: [16, 128, 128],
      backgroundColour: [16, 128, 128],
    },
  }),
  artwork: { plates: new Map(), slateSize: SOURCE },
  toBackendMemory: () => undefined,
};
const live = new LiveConfig(
  streamSchema.parse({ source: { url: 'test:' }, output: { ...SOURCE, fps: FPS }, slots: { labels: ['Ada', 'Ben'] } }),
);
let composed = 0;
const options = pipelineOptions({ config: live.view, backend, addon, pace: { answers: 'later' } });
const subscription = twoShot(source, options).subscribe({
  next: () => (composed += 1),
  error: (error) => {
    console.error(error);
    process.exit(1);
  },
});

let frame = 0;
async function run(frames) {
  const beforeMs = performance.now();
  for (let i = 0; i < frames; i += 1) {
    frame += 1;
    source.next({
      handle: frame,
      ptsMs: (frame * 1000) / FPS,
      ...SOURCE,
      memory: 'cuda',
      format: 'NV12',
      arrivedMs: 0,
    });
    // Answers come before the next frame.
    for (let turn = 0; turn < 8; turn += 1) await undefined;
  }
  return { us: (1000 * (performance.now() - beforeMs)) / frames };
}

await run(WARM_UP_FRAMES);
const rounds = [];
for (let round = 0; round < ROUNDS; round += 1) rounds.push((await run(framesARound)).us);
subscription.unsubscribe();
if (composed < frame * 0.9) throw new Error(`${composed} of ${frame} frames came out: nothing is measured`);
const sorted = rounds.toSorted((a, b) => a - b);
console.log(
  JSON.stringify({ us: +sorted[ROUNDS / 2].toFixed(1), min: +sorted[0].toFixed(1), frames: frame, composed }),
);
process.exit(0);
