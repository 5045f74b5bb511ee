import { describe, expect, it } from 'vitest';
import type { Box, Point, Size } from '#src/shared/domain/box.js';
import { headOf, type Head } from '#src/stream/domain/head.js';
import { ShotFramer, type ShotOptions } from '#src/stream/stages/compose/shot-framer.js';
import { ByteTracker } from '#src/stream/stages/track/byte-tracker.js';
import { seededRandom } from '#src/shared/random.js';
import { normalRandom } from '../../../../normal-random.js';
import { faceBox, source } from './two-people.js';

const tile: Size = { width: 960, height: 1080 };

const head = (x: number, y: number, faceHeight: number): Head =>
  headOf({ box: faceBox({ x, y }, faceHeight), kind: 'face' });

const crownOf = ({ eyesY, height }: Head): number => eyesY - height / 2;

describe('shot', () => {
  it('leaves the headroom asked for, with the head as large as asked for', () => {
    const person = head(960, 540, 120);
    const crop = new ShotFramer(person, { headroomRatio: 0.1, headRatio: 0.4, maxZoom: 8 }).crop(tile, source);

    expect(person.height / crop.height).toBeCloseTo(0.4);
    expect((crownOf(person) - crop.y) / crop.height).toBeCloseTo(0.1);
    expect(crop.x + crop.width / 2).toBeCloseTo(960);
  });

  it('has the eyes near the upper third by default', () => {
    const crop = new ShotFramer(head(960, 540, 150)).crop(tile, source);

    const eyes = (head(960, 540, 150).eyesY - crop.y) / crop.height;
    expect(eyes).toBeGreaterThan(0.26);
    expect(eyes).toBeLessThan(0.36);
  });

  it.each([
    { name: 'in the middle', at: { x: 960, y: 540 }, face: 140 },
    { name: 'in the top left corner', at: { x: 20, y: 10 }, face: 100 },
    { name: 'at the right edge', at: { x: 1915, y: 500 }, face: 200 },
    { name: 'half out of the picture', at: { x: -30, y: 1100 }, face: 160 },
    { name: 'tiny', at: { x: 400, y: 300 }, face: 12 },
    { name: 'larger than the picture', at: { x: 900, y: 500 }, face: 1500 },
  ])('keeps the aspect, inside the picture, no sharper than allowed: $name', ({ at, face }) => {
    for (const shape of [tile, { width: 1920, height: 1080 }, { width: 480, height: 800 }]) {
      for (const picture of [source, { width: 1280, height: 960 }, { width: 720, height: 1280 }]) {
        const crop = new ShotFramer(head(at.x, at.y, face), { maxZoom: 2.5 }).crop(shape, picture);

        expect(crop.width / crop.height).toBeCloseTo(shape.width / shape.height, 9);
        expect(crop.x).toBeGreaterThanOrEqual(0);
        expect(crop.y).toBeGreaterThanOrEqual(0);
        expect(crop.x + crop.width).toBeLessThanOrEqual(picture.width + 1e-9);
        expect(crop.y + crop.height).toBeLessThanOrEqual(picture.height + 1e-9);
        const isWhole = crop.width > picture.width - 1e-6 || crop.height > picture.height - 1e-6;
        if (!isWhole) expect(shape.height / crop.height).toBeLessThanOrEqual(2.5 + 1e-9);
      }
    }
  });

  it('shows as much of the picture as there is when the face is big', () => {
    const crop = new ShotFramer(head(960, 600, 700)).crop(tile, source);

    expect(crop).toMatchObject({ y: 0, width: 960, height: 1080 });
  });

  it('widens around the person when the tile widens', () => {
    const framer = new ShotFramer(head(960, 400, 120));

    const narrow = framer.crop(tile, source);
    const wide = framer.crop({ width: 1920, height: 1080 }, source);

    expect(wide.height).toBeCloseTo(narrow.height);
    expect(wide.width).toBeCloseTo(2 * narrow.width);
    expect(wide.x + wide.width / 2).toBeCloseTo(narrow.x + narrow.width / 2);
  });

  it('knows its person by place and size', () => {
    const framer = new ShotFramer(head(900, 500, 120));

    expect(framer.isNear(head(960, 520, 130))).toBe(true);
    expect(framer.isNear(head(1200, 500, 120))).toBe(false);
    expect(framer.isNear(head(900, 500, 300))).toBe(false);
  });
});

interface Shown {
  readonly tS: number;
  readonly crop: Box;
  /** Middle of the face in the tile, fractions of its size. */
  readonly face: Point;
}

/** Detections at 15 Hz with noise of `sigma` face heights, the tracker, and the shot at 30 fps. */
function film(
  path: (tS: number) => Point,
  { face = 120, sigma = 0.015, durationS = 20, seed = 1, options = {} as ShotOptions },
): readonly Shown[] {
  const random = seededRandom(seed);
  const noise = (): number => normalRandom(random) * sigma * face;
  const tracker = new ByteTracker();
  let framer: ShotFramer | undefined;
  return Array.from({ length: durationS * 30 }, (_, index) => {
    const tS = index / 30;
    const middle = path(tS);
    if (index % 2 === 0) {
      const { x, y, width, height } = faceBox(middle, face);
      const box = { x: x + noise(), y: y + noise(), width: width + noise(), height: height + noise() };
      tracker.update({ ptsMs: tS * 1000, detections: [{ box, score: 0.9, kind: 'face' }] });
    }
    const [track] = tracker.predict(tS * 1000);
    const seen = headOf(track!);
    if (framer) framer.update(1 / 30, seen);
    else framer = new ShotFramer(seen, options);
    const crop = framer.crop(tile, source);
    return {
      tS,
      crop,
      face: { x: (middle.x - crop.x) / crop.width, y: (middle.y - crop.y) / crop.height },
    };
  });
}

/** RMS of the third difference of the tile's centre, output pixels a second³. */
function rmsJerk(shown: readonly Shown[]): number {
  const along = (centre: (box: Box) => number): number => {
    const values = shown.map(({ crop }) => (centre(crop) * tile.width) / crop.width);
    const jerks = values
      .slice(3)
      .map((value, index) => (value - 3 * values[index + 2]! + 3 * values[index + 1]! - values[index]!) * 30 ** 3);
    return Math.sqrt(jerks.reduce((sum, jerk) => sum + jerk * jerk, 0) / jerks.length);
  };
  return Math.hypot(
    along(({ x, width }) => x + width / 2),
    along(({ y, height }) => y + height / 2),
  );
}

/** The longest time the face is outside the middle third of the tile's width, ms. */
function longestOutside(shown: readonly Shown[]): number {
  let frames = 0;
  let longest = 0;
  for (const { face } of shown) {
    frames = Math.abs(face.x - 0.5) > 1 / 6 ? frames + 1 : 0;
    longest = Math.max(longest, frames);
  }
  return (longest * 1000) / 30;
}

const walk =
  (speed: number) =>
  (tS: number): Point => ({ x: 300 + Math.min(1200, Math.max(0, (tS - 3) * speed)), y: 500 });

describe('shot in motion', () => {
  it.each([
    { face: 60, sigma: 0.01 },
    { face: 120, sigma: 0.01 },
    { face: 120, sigma: 0.02 },
    { face: 230, sigma: 0.02 },
  ])('does not move on a still face: $face px, noise $sigma', ({ face, sigma }) => {
    let worst = 0;
    for (let seed = 1; seed <= 10; seed += 1) {
      worst = Math.max(worst, rmsJerk(film(() => ({ x: 900, y: 500 }), { face, sigma, seed })));
    }
    console.log(`still face of ${face} px, noise σ ${sigma * 100} %: tile centre RMS jerk ${worst.toFixed(2)} px/s³`);
    expect(worst).toBeLessThan(1);
  });

  it.each([
    { face: 120, speed: 150, mostMs: 0 },
    { face: 120, speed: 300, mostMs: 0 },
    { face: 230, speed: 300, mostMs: 0 },
    { face: 120, speed: 600, mostMs: 300 },
    { face: 230, speed: 600, mostMs: 0 },
  ])('does not lose a person who sets off at $speed px/s: $face px', ({ face, speed, mostMs }) => {
    let longest = 0;
    let farthest = 0;
    let jerk = 0;
    for (let seed = 1; seed <= 10; seed += 1) {
      const shown = film(walk(speed), { face, durationS: 14, seed });
      longest = Math.max(longest, longestOutside(shown));
      farthest = Math.max(farthest, ...shown.map(({ face: { x } }) => Math.abs(x - 0.5)));
      jerk = Math.max(jerk, rmsJerk(shown.filter(({ tS }) => tS > 4 && tS < 3 + 1200 / speed)));
    }
    console.log(
      `walk at ${speed} px/s, face of ${face} px: outside the middle third for ${longest.toFixed(0)} ms at most, ` +
        `off centre by ${(farthest * 100).toFixed(0)} % of the tile; RMS jerk under way ${jerk.toFixed(0)} px/s³`,
    );
    expect(longest).toBeLessThanOrEqual(mostMs);
    expect(farthest).toBeLessThan(0.3);
  });

  it('comes to rest again after a walk', () => {
    const shown = film(walk(300), { durationS: 14 }).filter(({ tS }) => tS > 10);

    expect(rmsJerk(shown)).toBeLessThan(1);
    expect(Math.abs(shown[0]!.face.x - 0.5)).toBeLessThan(0.1);
  });

  it('follows a change of size slowly and steadily', () => {
    const framer = new ShotFramer(head(900, 500, 100));
    const heights = Array.from({ length: 150 }, () => {
      framer.update(1 / 30, head(900, 500, 160));
      return framer.crop(tile, source).height;
    });

    const ratios = heights.slice(1).map((height, index) => height / heights[index]!);
    expect(heights.at(-1)! / ((160 * 1.25) / 0.38)).toBeCloseTo(1, 1);
    expect(Math.max(...ratios)).toBeLessThan(1.04);
  });

  it('stops softly at the edge of the picture', () => {
    const shown = film((tS) => ({ x: Math.max(20, 900 - 250 * tS), y: 500 }), { durationS: 6 });

    const speeds = shown.slice(1).map(({ crop }, index) => crop.x - shown[index]!.crop.x);
    const changes = speeds.slice(1).map((speed, index) => Math.abs(speed - speeds[index]!));
    expect(shown.at(-1)!.crop.x).toBe(0);
    // 250 px/s are 8.3 px a frame; they must not vanish from one frame to the next.
    expect(Math.max(...changes)).toBeLessThan(4);
  });
});
