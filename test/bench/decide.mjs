// How long the main thread of a stream process works on a frame: the chain of a live stream from a decoded frame to
// the plan of the composed picture, with networks, decoder and painter that answer at once. One line of JSON.
//
//   npx tsc -p . && node test/bench/decide.mjs [FRAMES] [STREAMS]
//
// Several streams are asked in turns, as one process with so many does. `us` is the median of 20 rounds of
// microseconds a frame, `min` the least.
import { performance } from 'node:perf_hooks';
import { benchDecide } from '../../dist/bench/decide.js';

const ROUNDS = 20;
const WARM_UP_FRAMES = 2000;
const streams = Array.from({ length: Number(process.argv[3] ?? 1) }, () => benchDecide());
const framesARound = Number(process.argv[2] ?? 40_000) / ROUNDS;

async function run(frames) {
  const beforeMs = performance.now();
  for (let i = 0; i < frames; i += streams.length) for (const stream of streams) await stream.run(1);
  return (1000 * (performance.now() - beforeMs)) / frames;
}

await run(WARM_UP_FRAMES * Math.min(4, streams.length));
const rounds = [];
for (let round = 0; round < ROUNDS; round += 1) rounds.push(await run(framesARound));
for (const stream of streams) stream.end();
const composed = streams.reduce((sum, stream) => sum + stream.composed, 0);
if (composed < framesARound * ROUNDS * 0.9) throw new Error(`${composed} frames came out: nothing is measured`);
const sorted = rounds.toSorted((a, b) => a - b);
console.log(JSON.stringify({ us: +sorted[ROUNDS / 2].toFixed(1), min: +sorted[0].toFixed(1), composed }));
process.exit(0);
