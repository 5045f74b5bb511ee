// How soon somebody who comes has a track, and what looking for people costs, in pictures as cameras give them: with
// noise, block noise, flicker, shaking. As live streams detect (`live`), and as files are detected on (`whole`).
//
//   npx tsc -p . && node test/bench/newcomers.mjs [--model NAME] [--way live|whole] [CONDITION…]
//
// Each line is one condition. `delayMs`: from the frame that shows half of a face (or begins to fade in, or turns)
// to its track, as if detection took no time. `lost`: share of the frames, after that, that show a whole face without
// a track. `detections` and `cpuMs`: a second of video. Needs ffmpeg and the clips of `diptych demo`.
import { spawn } from 'node:child_process';
import { Subject } from 'rxjs';
import { detectSchema } from '../../dist/shared/config/stage-schemas.js';
import { iou } from '../../dist/shared/domain/box.js';
import { shownBox } from '../../dist/shared/domain/track.js';
import { positionAt } from '../../dist/test-camera/scene.js';
import { renderScene } from '../../dist/test-camera/scene-renderer.adapter.js';
import { ModelStore } from '../../dist/stream/models/model-store.adapter.js';
import { loadAddon } from '../../dist/stream/native/addon.adapter.js';
import { detectPeopleOptions } from '../../dist/stream/pipeline-options.js';
import { followPeople } from '../../dist/stream/pipeline.js';
import { createCpuDetector } from '../../dist/stream/stages/detect/cpu-detector.adapter.js';
import { DetectionPace } from '../../dist/stream/stages/detect/detection-pace.js';

const SIZE = { width: 1920, height: 1080 };
const FPS = 30;
const FFMPEG = 'ffmpeg';
const SEEN = 0.5;
const SAME_FACE = 0.3;
const OUT = 1.3;

const path = (...points) => points.map(([tS, x]) => ({ tS, x }));
const scene = (name, durationS, people) => ({
  ...{ name: `newcomers-${name}`, durationS, front: [], hasTimecode: false },
  people: people.map((points, i) => ({
    clip: ['webcam', 'bluescreen'][i],
    y: [0.385, 0.41][i],
    path: path([0, points[0][1]], ...points.slice(1), [durationS, points[0][1]]),
  })),
});

/** One sits there; the other is there at once, walks in, comes in slowly, and is gone at once each time. */
const COMES = scene('comes', 32, [
  [[0, 0.3]],
  [
    [0, OUT],
    ...[
      [5, OUT],
      [5.01, 0.7],
      [8, 0.7],
      [8.01, OUT],
    ], // at once
    ...[
      [12, OUT],
      [14, 0.7],
      [16, 0.7],
      [16.01, OUT],
    ], // walks in
    ...[
      [19, OUT],
      [29, 0.7],
      [31, 0.7],
      [31.01, OUT],
    ], // slowly
  ],
]);
/** Nobody is there; one is there at once, then walks in. */
const EMPTY = scene('empty', 16, [
  [
    [0, OUT],
    [5, OUT],
    [5.01, 0.5],
    [8, 0.5],
    [8.01, OUT],
    [12, OUT],
    [14, 0.5],
    [15.5, 0.5],
    [15.51, OUT],
  ],
]);
/** One comes out from behind the other. */
const BEHIND = scene('behind', 12, [
  [[0, 0.5]],
  [
    [0, 0.5],
    [6, 0.5],
    [9, 0.72],
    [11.9, 0.72],
  ],
]);
const BOTH = scene('both', 12, [[[0, 0.3]], [[0, 0.7]]]);
const CUT = {
  ...scene('cut', 12, [[[0, 0.3]], [[0, 0.55]]]),
  camera: path([0, 0], [6, 0], [6.01, 0.2], [11.9, 0.2], [12, 0]),
};
const ALONE = scene('alone', 12, [[[0, 0.3]], [[0, OUT]]]);

const TURN = { x: 1180, y: 300, width: 340, height: 420 };
const turnBox = `crop=${TURN.width}:${TURN.height}:${TURN.x}:${TURN.y},boxblur=160:2:80:2,format=yuva420p`;
/** What happens, in which scenes, and how ffmpeg puts these together; `fromS` where the truth does not tell it of `late`. */
const STORIES = {
  comes: { scenes: [COMES], graph: '[0:v]null' },
  empty: { scenes: [EMPTY], graph: '[0:v]null' },
  behind: { scenes: [BEHIND], graph: '[0:v]null', fromPerson: 1 },
  // The camera turns to another preset, from one frame to the next.
  cut: { scenes: [CUT], graph: '[0:v]null', fromS: 6.01, late: [0, 1] },
  fades: {
    scenes: [BOTH, ALONE],
    graph: '[0:v]format=yuva420p,fade=in:st=6:d=3:alpha=1[w];[1:v][w]overlay',
    ...{ fromS: 6, late: [1] },
  },
  turns: {
    scenes: [BOTH],
    graph: `[0:v]split[a][b];[b]${turnBox},fade=out:st=6:d=0.4:alpha=1[p];[a][p]overlay=${TURN.x}:${TURN.y}`,
    ...{ fromS: 6, late: [1] },
  },
};

/** The picture is a part of a larger one, whose corner moves. */
const moved = (width, height, x, y) => ({
  filter: `crop=${width}:${height}:x='${x}':y='${y}',scale=1920:1080`,
  truth: ({ x: left, y: top, width: w, height: h }, tS) => {
    const [atX, atY] = [x, y].map((text) => new Function('t', `return ${text.replace(/sin/g, 'Math.sin')}`)(tS));
    const scale = SIZE.width / width;
    return { x: (left - atX) * scale, y: (top - atY) * scale, width: w * scale, height: h * scale };
  },
});
const GRAY = "nullsrc=s=2x1080:r=30,format=gray,geq=lum='128+9*sin(6.2832*(Y/540+10*T))',scale=1920:1080,format=gray";
/** What a camera makes of it. */
const CONDITIONS = {
  clean: { filter: 'null' },
  noise: { filter: 'noise=c0s=16:c0f=t' },
  'strong noise': { filter: 'noise=c0s=34:c0f=t' },
  dark: { filter: "lutyuv=y='16+(val-16)*0.22',noise=c0s=7:c0f=t" },
  'low bitrate': { filter: 'null', kbps: 350 },
  'noise, low bitrate': { filter: 'noise=c0s=20:c0f=t', kbps: 900 },
  shaken: moved(1840, 1036, '40+14*sin(t*8.2)+9*sin(t*19.5)', '22+8*sin(t*11)+6*sin(t*23)'),
  'slow pan': moved(1680, 946, '120+110*sin(t/4)', '60+0*t'),
  exposure: { filter: "eq=brightness='0.1*sin(t*0.8)':eval=frame" },
  flicker: {
    filter: `format=yuv420p[f];${GRAY}[g];[f]extractplanes=y+u+v[y][u][v];[y][g]blend=all_mode=grainmerge:shortest=1[z];[z][u][v]mergeplanes=0x001020:yuv420p`,
  },
  'far, noise': {
    filter: 'scale=960:540,pad=1920:1080:480:270:gray,noise=c0s=16:c0f=t',
    truth: ({ x, y, width, height }) => ({ x: 480 + x / 2, y: 270 + y / 2, width: width / 2, height: height / 2 }),
  },
};

const { named, model, ways } = readArguments(process.argv.slice(2));
const addon = loadAddon();
for (const name of named) {
  const row = { condition: name };
  for (const way of ways) {
    const sum = { frames: 0, detections: 0, cpuMs: 0, shown: 0, lost: 0, delayMs: {} };
    for (const [story, { scenes, graph, ...events }] of Object.entries(STORIES)) {
      await play(sum, { story, scenes, graph, ...events }, CONDITIONS[name], way === 'live');
    }
    const { frames, detections, cpuMs, shown, lost, delayMs } = sum;
    const each = (count) => Math.round((count * FPS) / frames);
    row[way] = {
      delayMs,
      lost: Math.round((1000 * lost) / shown) / 1000,
      detections: each(detections),
      cpuMs: each(cpuMs),
    };
  }
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

function readArguments(rest) {
  const option = (name) => (rest.includes(name) ? rest.splice(rest.indexOf(name), 2)[1] : undefined);
  const [model, way] = [option('--model') ?? 'blazeface', option('--way')];
  return { model, ways: way ? [way] : ['live', 'whole'], named: rest.length > 0 ? rest : Object.keys(CONDITIONS) };
}

/** Detects and tracks in one story, and adds what it found and cost to `sum`. */
async function play(sum, story, condition, isThrifty) {
  const detect = detectSchema.parse({ model, threads: 1 });
  const detector = await createCpuDetector(detect, { addon, store: new ModelStore(), isThrifty });
  const backend = { detector, toBackendMemory: () => undefined };
  const pace = new DetectionPace(
    detectPeopleOptions({ backend, addon, config: { detect }, pace: { answers: 'later' } }).detect,
  );
  const frames$ = new Subject();
  let tracks = [];
  frames$.pipe(followPeople({ pace: { answers: 'later' }, track: {} })).subscribe((frame) => (tracks = frame.tracks));
  const people = truthOf(story, condition);
  let index = 0;
  for await (const pixels of pictures(story, condition)) {
    const ptsMs = (1000 * index) / FPS;
    const frame = { handle: addon.createFrame(SIZE, 'I420', pixels), ptsMs, ...SIZE };
    const before = process.cpuUsage();
    let detections;
    if (pace.take(frame)) {
      detections = await detector.detect(
        frame,
        tracks.map(({ box }) => box),
      );
      pace.found(detections);
      sum.detections += 1;
    }
    const { user, system } = process.cpuUsage(before);
    sum.cpuMs += (user + system) / 1000;
    frames$.next({ ...frame, ...(detections && { detections }) });
    addon.release(frame.handle);
    for (const person of people) person.see(index / FPS, tracks, sum);
    index += 1;
  }
  for (const person of people) person.leave(sum);
  sum.frames += index;
  await detector.close();
}

/** The people of a story, who note when they are seen. */
function truthOf({ story, scenes: [first], fromS = 0, late = [], fromPerson = 0 }, { truth = (box) => box }) {
  return first.people.map((_, person) => {
    let arrivedS;
    let count = 0;
    let isKnown = false;
    const isLate = late.includes(person);
    const leave = (sum) => {
      if (arrivedS !== undefined && !isKnown) sum.delayMs[`${story} ${person} ${count}`] = 'never';
      arrivedS = undefined;
      isKnown = false;
    };
    return {
      leave,
      see(tS, tracks, sum) {
        const { face, visibleRatio } = positionAt(first, person, tS, SIZE);
        if (person < fromPerson) return;
        if (visibleRatio < SEEN || (isLate && tS < fromS)) {
          leave(sum);
          return;
        }
        if (arrivedS === undefined) count += 1;
        arrivedS ??= tS;
        const box = truth(face, tS);
        const isSeen = tracks.some((track) => track.state === 'tracked' && iou(shownBox(track), box) >= SAME_FACE);
        if (isSeen && !isKnown)
          sum.delayMs[`${story} ${person} ${count}`] = Math.round(1000 * (tS - (isLate ? fromS : arrivedS)));
        isKnown ||= isSeen;
        if (!isKnown || visibleRatio < 0.95) return;
        sum.shown += 1;
        if (!isSeen) sum.lost += 1;
      },
    };
  });
}

/** The pictures of a story as I420, one after the other. */
async function* pictures({ scenes, graph }, { filter, kbps }) {
  const files = await Promise.all(scenes.map((each) => renderScene(each, { audio: 'none' })));
  const inputs = files.flatMap((file) => ['-i', file]);
  const made = [
    '-v',
    'error',
    ...inputs,
    '-filter_complex',
    `${graph},${filter}[made]`,
    '-map',
    '[made]',
    '-r',
    `${FPS}`,
  ];
  const raw = ['-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-'];
  const coded = ['-c:v', 'libx264', '-preset', 'superfast', '-tune', 'zerolatency', '-b:v', `${kbps}k`];
  const rate = ['-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`, '-g', `${2 * FPS}`, '-f', 'mpegts', '-'];
  const stdio = (input) => ({ stdio: [input, 'pipe', 'inherit'] });
  const maker = spawn(FFMPEG, [...made, ...(kbps ? [...coded, ...rate] : raw)], stdio('ignore'));
  const source = kbps ? spawn(FFMPEG, ['-v', 'error', '-i', '-', ...raw], stdio('pipe')) : maker;
  if (kbps) maker.stdout.pipe(source.stdin);
  const size = (SIZE.width * SIZE.height * 3) / 2;
  const picture = Buffer.alloc(size);
  let filled = 0;
  for await (const chunk of source.stdout) {
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(size - filled, chunk.length - at);
      chunk.copy(picture, filled, at, at + taken);
      filled += taken;
      at += taken;
      if (filled < size) continue;
      filled = 0;
      yield picture;
    }
  }
}
