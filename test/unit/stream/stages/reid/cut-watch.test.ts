import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import { sketchStep } from '#src/stream/domain/sketch-step.js';
import { CutWatch } from '#src/stream/stages/reid/cut-watch.js';
import { PlainCutWatch } from './plain-cut-watch.js';

const COLUMNS = 160;
const ROWS = 90;

type Picture = (x: number, y: number) => number;

/** Soft patches, 11 points wide. */
function scene(seed: number): Picture {
  const random = seededRandom(seed);
  const levels = Array.from({ length: 64 * 64 }, () => 40 + 170 * random());
  const at = (x: number, y: number): number => levels[((y + 64) % 64) * 64 + ((x + 64) % 64)]!;
  return (x, y) => {
    const [u, v] = [x / 11, y / 11];
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const [a, b] = [u - i, v - j];
    const above = at(i, j) * (1 - a) + at(i + 1, j) * a;
    const below = at(i, j + 1) * (1 - a) + at(i + 1, j + 1) * a;
    return above * (1 - b) + below * b;
  };
}

const sketchOf = (picture: Picture) => ({
  columns: COLUMNS,
  luma: Uint8Array.from({ length: COLUMNS * ROWS }, (_, i) =>
    Math.min(255, Math.max(0, picture(i % COLUMNS, Math.floor(i / COLUMNS)))),
  ),
});

const SCENES = [11, 12, 13, 14].map(scene);
const room = scene(1);
const other = scene(2);
const noise = seededRandom(3);
const white: Picture = () => 255;
const static_ =
  (level: number, amount: number): Picture =>
  () =>
    level + amount * (noise() - 0.5);

function compare(...pictures: Picture[]): number | undefined {
  const watch = new CutWatch();
  return pictures.map((picture) => watch.add(sketchOf(picture))).at(-1);
}

describe('CutWatch', () => {
  it.each<[string, Picture[]]>([
    ['another scene', [room, other]],
    ['another scene after a white flash', [room, white, other]],
    ['another scene, much darker', [room, (x, y) => 0.3 * other(x, y)]],
    ['another part of the scene', [room, (x, y) => room(x + 300, y + 250)]],
    ['a closer shot', [room, (x, y) => room(40 + x / 2.2, 20 + y / 2.2)]],
  ])('sees a cut: %s', (_, pictures) => {
    expect(compare(...pictures)).toBeLessThan(0.5);
  });

  it.each<[string, Picture[]]>([
    ['the same picture', [room, room]],
    ['twice the light', [room, (x, y) => 2 * room(x, y)]],
    ['a flash', [room, (x, y) => room(x, y) + 90]],
    ['after a flash of nothing but white', [room, white, room]],
    ['the light goes out, nearly', [room, (x, y) => 16 + 0.15 * room(x, y)]],
    ['a lamp from the left', [room, (x, y) => room(x, y) * (1.3 - x / 160)]],
    ['half of a fade to another scene', [room, (x, y) => 0.65 * room(x, y) + 0.35 * other(x, y)]],
    ['the camera turns', [room, (x, y) => room(x + 40, y)]],
    ['the camera tilts and turns', [room, (x, y) => room(x - 25, y + 15)]],
    ['somebody walks through', [room, (x, y) => (x > 60 && x < 95 && y > 20 ? 128 : room(x, y))]],
    ['noise', [(x, y) => room(x, y) + 30 * (noise() - 0.5), (x, y) => room(x, y) + 30 * (noise() - 0.5)]],
  ])('sees none: %s', (_, pictures) => {
    expect(compare(...pictures)).toBeGreaterThan(0.6);
  });

  it.each<[string, Picture[]]>([
    ['a first picture', [room]],
    ['white', [room, white]],
    ['black', [room, () => 0]],
    ['grey', [room, () => 90]],
    ['nothing but noise', [static_(60, 40), static_(60, 40)]],
  ])('says nothing of %s', (_, pictures) => {
    expect(compare(...pictures)).toBeUndefined();
  });

  it('compares pictures of one size only', () => {
    const watch = new CutWatch();
    watch.add(sketchOf(room));

    expect(watch.add({ columns: 90, luma: sketchOf(room).luma })).toBeUndefined();
  });

  it('gives what its definition gives, for pictures of all sizes, lights and movements', () => {
    const take = fc.record({
      seed: fc.nat(3),
      shift: fc.record({ x: fc.integer({ min: -40, max: 40 }), y: fc.integer({ min: -30, max: 30 }) }),
      light: fc.integer({ min: 20, max: 180 }),
      contrast: fc.constantFrom(0.1, 0.5, 1, 2),
      noise: fc.constantFrom(0, 0, 20, 60),
    });
    const film = fc.record({
      columns: fc.integer({ min: 40, max: 210 }),
      lines: fc.integer({ min: 40, max: 210 }),
      takes: fc.array(take, { minLength: 2, maxLength: 4 }),
    });
    let [compared, searched] = [0, 0];

    fc.assert(
      fc.property(film, ({ columns, lines, takes }) => {
        const [watch, plain] = [new CutWatch(), new PlainCutWatch()];
        for (const each of takes) {
          const luma = Uint8ClampedArray.from({ length: columns * lines }, (_, i) => {
            const level = SCENES[each.seed]!((i % columns) + each.shift.x, Math.floor(i / columns) + each.shift.y);
            return each.light + each.contrast * (level - 100) + each.noise * (noise() - 0.5);
          });
          const sketch = { columns, luma: new Uint8Array(luma.buffer) };
          const [similarity, expected] = [watch.add(sketch), plain.add(sketch)];
          if (expected === undefined) expect(similarity).toBeUndefined();
          else expect(similarity).toBeCloseTo(expected, 9);
          if (expected !== undefined) compared += 1;
          if (expected! < 0.7) searched += 1;
        }
      }),
      { numRuns: 80, seed: 5 },
    );

    expect(compared).toBeGreaterThan(50);
    expect(searched).toBeGreaterThan(20);
  });

  it.each([
    [{ width: 1920, height: 1080 }, 12],
    [{ width: 1080, height: 1920 }, 12],
    [{ width: 120, height: 90 }, 1],
  ])('has about as many points whatever the picture: %j', (size, step) => {
    expect(sketchStep(size)).toBe(step);
  });
});
