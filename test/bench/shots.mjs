// How the picture is cut: renders scenes as the product does, counts changes of layout and frames in which a tile has
// nobody, and makes contact sheets, a frame a second (JPEG, below 150 kB).
//
//   npx tsc -p . && node test/bench/shots.mjs OUT [--vtest FILE] [SCENE]…
//
// SCENE is one of demo, vtest, turned-away, or the name of an identity scene (src/test-camera/identity-scenes.ts); all
// by default. --vtest says where vtest.avi of Debian's opencv-doc lies (examples/data). Of turned-away the man on the
// right has hair where his face is, from second 4 to second 12, as from behind: `heldRatio` is the share of these
// frames in which a tile, or the common frame, shows where his head is. One JSON object a scene on stdout.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const dist = new URL('../../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const { renderScene } = await load('test-camera/scene-renderer.adapter.js');
const { DEMO_SCENE, STILL_SCENE } = await load('test-camera/scenes.js');
const { IDENTITY_SCENES } = await load('test-camera/identity-scenes.js');

const SIZE = { width: 1280, height: 720 };
/** Of the man on the right of the still scene, pixels of it. */
const HEAD = { x: 958, y: 285 };
const TURNED_S = [4, 12];
const MOST_BYTES = 150_000;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { vtest: { type: 'string' } } });
const [out, ...named] = positionals;
mkdirSync(out, { recursive: true });
const FFMPEG = 'ffmpeg';
const ffmpeg = (args) => execFileSync(FFMPEG, ['-v', 'error', '-y', ...args]);

/** The still scene, hair over one face. */
async function turnedAway() {
  const still = await renderScene(STILL_SCENE, { ...SIZE, fps: 15 }, {});
  const file = join(out, 'turned-away.mkv');
  const hair = `color=c=0x4a3a30:s=1280x720:r=15,format=yuva420p,geq=lum='p(X,Y)':cb='p(X,Y)':cr='p(X,Y)':a='255*lte(pow((X-${HEAD.x})/62,2)+pow((Y-${HEAD.y})/98,2),1)'`;
  const during = `enable='between(t,${TURNED_S.join()})'`;
  ffmpeg([
    ...['-i', still, '-filter_complex', `${hair}[h];[0:v][h]overlay=shortest=1:${during}`],
    ...['-t', '16', '-c:v', 'libx264', '-crf', '16', '-preset', 'fast', '-an', file],
  ]);
  return file;
}

const SCENES = {
  demo: { file: () => renderScene(DEMO_SCENE, { ...SIZE, fps: 30 }, {}) },
  vtest: { file: () => values.vtest, args: ['--model', 'movenet'] },
  'turned-away': { file: turnedAway, args: ['--model', 'movenet'], from: TURNED_S },
  ...Object.fromEntries(
    Object.values(IDENTITY_SCENES).map((scene) => [
      scene.name,
      { file: () => renderScene(scene, { width: 1920, height: 1080, fps: 30 }, {}) },
    ]),
  ),
};

for (const name of named.length > 0 ? named : Object.keys(SCENES)) {
  const { file, args = [], from } = SCENES[name];
  const source = await file();
  if (source === undefined) continue;
  const [video, events] = [join(out, `${name}.mp4`), join(out, `${name}.jsonl`)];
  const size = `${SIZE.width}x${SIZE.height}`;
  const render = ['render', source, video, '--force', '--size', size, '--events', events, ...args];
  execFileSync(process.execPath, [new URL('main.js', dist).pathname, ...render], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const frames = readFileSync(events, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  process.stdout.write(
    `${JSON.stringify({
      scene: name,
      ...figuresOf(
        frames.filter(({ event }) => event === 'frame'),
        from,
      ),
    })}\n`,
  );
  sheet(video, join(out, `${name}.jpg`), frames.at(-1).ptsMs / 1000);
}

/** Changes of layout, and where somebody is shown who has turned away. */
function figuresOf(frames, turnedS) {
  const seconds = Math.round(frames.length / 3) / 10;
  const changes = frames.filter(({ layout }, index) => index > 0 && layout !== frames[index - 1].layout).length;
  const share = (part, all) => Math.round((10_000 * part.length) / Math.max(1, all.length)) / 10_000;
  const layouts = Object.fromEntries(
    [...new Set(frames.map(({ layout }) => layout))].map((layout) => [
      layout,
      share(
        frames.filter((frame) => frame.layout === layout),
        frames,
      ),
    ]),
  );
  // A tile is empty where nobody who is followed has their middle in it.
  const isEmpty = ({ layout, regions, people }) =>
    layout !== 'scene' &&
    regions.some(({ crop, alpha }) => alpha === 1 && !people.some(({ box }) => isIn(middle(box), crop)));
  const result = { seconds, changes, changesIn10S: Math.round((100 * changes) / seconds) / 10, layouts };
  // Of these, a tile that slides out of the picture behind somebody who has walked out: the change to `single` takes
  // framing.transitionS.
  const isSliding = ({ regions }) => regions.some(({ dest }) => dest.x + dest.width > SIZE.width || dest.x < 0);
  const empty = {
    emptyTileRatio: share(frames.filter(isEmpty), frames),
    emptySlidingRatio: share(
      frames.filter((frame) => isEmpty(frame) && isSliding(frame)),
      frames,
    ),
  };
  if (!turnedS) return { ...result, ...empty };
  const turned = frames.filter(({ ptsMs }) => ptsMs >= 1000 * turnedS[0] && ptsMs <= 1000 * turnedS[1]);
  const held = turned.filter(
    ({ layout, regions }) => layout !== 'scene' && regions.some(({ crop }) => isIn(HEAD, crop)),
  );
  return { ...result, ...empty, heldRatio: share(held, turned) };
}

function isIn({ x, y }, crop) {
  return x > crop.x && x < crop.x + crop.width && y > crop.y && y < crop.y + crop.height;
}

function middle({ x, y, width, height }) {
  // Of a body its upper part, which tiles show.
  return { x: x + width / 2, y: y + Math.min(height / 2, width / 2) };
}

function sheet(video, picture, seconds) {
  const columns = seconds > 40 ? 10 : 6;
  const rows = Math.ceil(seconds / columns);
  for (let quality = 5; quality < 24; quality += 3) {
    const filter = `fps=1,scale=${seconds > 40 ? 160 : 240}:-2,tile=${columns}x${rows}:padding=3`;
    ffmpeg(['-i', video, '-vf', filter, '-frames:v', '1', '-q:v', String(quality), picture]);
    if (statSync(picture).size < MOST_BYTES) return;
  }
}
