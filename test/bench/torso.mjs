// Whether the colour of clothes and the proportions of bodies tell people apart: each body of a video is compared with
// the same track at least 3 s later or earlier, and with others that are in the picture at the same time.
//
//   diptych track VIDEO --model movenet --out TRACKS.txt
//   node test/bench/torso.mjs VIDEO TRACKS.txt
//
// Bodies that touch others are left out. One JSON object: of colour and of proportions the area under the ROC curve
// (0.5: no better than chance) and the equal error rate; of colour, how many pairs of one person are accepted where 1 %
// and 5 % of the pairs of two are.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [video, tracks] = process.argv.slice(2);
const [FFMPEG, FFPROBE] = ['ffmpeg', 'ffprobe'];
const APART_S = 3;
const SURE = 0.5;
/** Samples of a track, and pairs of one or of two tracks. */
const LEAST_SAMPLES = 5;
const PAIRS = 60;
/** The torso, fractions of the box of a body. */
const TORSO = { left: 0.3, right: 0.7, top: 0.22, bottom: 0.5 };
const BINS = 8;

const probe = ['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=width,height,r_frame_rate'];
const [width, height, rate] = execFileSync(FFPROBE, [...probe, '-of', 'csv=p=0', video])
  .toString()
  .trim()
  .split(',');
const [W, H] = [Number(width), Number(height)];
const fps = rate.split('/').reduce((a, b) => a / b);
const pixels = execFileSync(FFMPEG, ['-v', 'error', '-i', video, '-f', 'rawvideo', '-pix_fmt', 'yuv444p', '-'], {
  maxBuffer: 2 ** 32,
});
/** In groups by what `key` says of each. */
function groups(list, key) {
  const found = new Map();
  for (const one of list) found.set(key(one), [...(found.get(key(one)) ?? []), one]);
  return [...found.values()];
}

const byFrame = groups(
  readFileSync(tracks, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number))
    .map(([frame, id, x, y, w, h, score]) => ({ frame, id, x, y, w, h, score })),
  ({ frame }) => frame,
);

const touches = (a, b) => a.x <= b.x + b.w && b.x <= a.x + a.w && a.y <= b.y + b.h && b.y <= a.y + a.h;

/** Square roots of histograms of chroma and of brightness, so that a product says how alike two are. */
function colourOf({ frame, x, y, w, h }) {
  const [x0, x1] = [Math.floor(x + TORSO.left * w), Math.floor(x + TORSO.right * w)];
  const [y0, y1] = [Math.floor(y + TORSO.top * h), Math.floor(y + TORSO.bottom * h)];
  const at = (frame - 1) * 3 * W * H;
  if (x0 < 0 || y0 < 0 || x1 >= W || y1 >= H || x1 - x0 < 3 || y1 - y0 < 5 || at >= pixels.length) return undefined;
  const bins = new Float64Array(BINS * BINS + BINS);
  // Chroma of clothes lies near grey.
  const chroma = (value) => Math.min(BINS - 1, Math.max(0, Math.floor((value - 96) / 8)));
  for (let row = y0; row < y1; row++) {
    for (let column = x0; column < x1; column++) {
      const [luma, u, v] = [0, 1, 2].map((plane) => pixels[at + plane * W * H + row * W + column]);
      bins[chroma(u) * BINS + chroma(v)]++;
      bins[BINS * BINS + Math.floor(luma / 32)]++;
    }
  }
  const count = (x1 - x0) * (y1 - y0);
  return bins.map((value) => Math.sqrt(value / count / 2));
}

const samples = byFrame.flatMap((bodies) =>
  bodies
    .filter((body) => body.score >= SURE && bodies.every((other) => other === body || !touches(body, other)))
    .flatMap((body) => {
      const colour = colourOf(body);
      return colour ? [{ id: body.id, frame: body.frame, colour, shape: Math.log(body.w / body.h) }] : [];
    }),
);
const people = groups(samples, ({ id }) => id).filter((own) => own.length >= LEAST_SAMPLES);

let seed = 1;
const pick = (list) => list[Math.floor(((seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647) * list.length)];
const pairs = (a, b) => Array.from({ length: PAIRS }, () => [pick(a), pick(b)]);
const same = people.flatMap((own) => pairs(own, own).filter(([a, b]) => Math.abs(a.frame - b.frame) >= APART_S * fps));
const areTogether = (a, b) => a[0].frame <= b.at(-1).frame && b[0].frame <= a.at(-1).frame;
const other = people.flatMap((a, index) =>
  people.slice(index + 1).flatMap((b) => (areTogether(a, b) ? pairs(a, b) : [])),
);

const alike = ([a, b]) => a.colour.reduce((sum, value, index) => sum + value * b.colour[index], 0);
const shaped = ([a, b]) => -Math.abs(a.shape - b.shape);
const rounded = (value) => Math.round(1000 * value) / 1000;

function figures(measure) {
  const [ones, twos] = [same.map(measure).sort((a, b) => a - b), other.map(measure).sort((a, b) => a - b)];
  const below = (list, limit) => list.filter((value) => value < limit).length / list.length;
  const accepted = (share) => 1 - below(ones, twos[Math.floor((1 - share) * (twos.length - 1))]);
  const errors = twos.map((limit) => Math.max(below(ones, limit), 1 - below(twos, limit)));
  const areaUnderRoc = ones.reduce((sum, value) => sum + below(twos, value), 0) / ones.length;
  return {
    areaUnderRoc: rounded(areaUnderRoc),
    equalErrorRate: rounded(Math.min(...errors)),
    acceptedAt1Percent: rounded(accepted(0.01)),
    acceptedAt5Percent: rounded(accepted(0.05)),
  };
}

process.stdout.write(
  `${JSON.stringify({ people: people.length, same: same.length, other: other.length, colour: figures(alike), proportions: figures(shaped) })}\n`,
);
