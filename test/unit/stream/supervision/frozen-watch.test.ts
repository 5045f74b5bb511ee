import { describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import { FrozenWatch } from '#src/stream/supervision/frozen-watch.js';
import { normalRandom } from '../../../normal-random.js';

const POINTS = 20_000;
const random = seededRandom(7);
const picture = Uint8Array.from({ length: POINTS }, () => 40 + Math.floor(random() * 160));
const changed = (change: (value: number, index: number) => number): Uint8Array =>
  picture.map((value, index) => Math.round(change(value, index)));
const noisy = (sigma: number): Uint8Array => changed((value) => value + sigma * normalRandom(random));

const FPS = 10;

/** Second at which a picture is first told to be frozen; `undefined`: never. */
function frozenAt(pictures: readonly Uint8Array[], afterS = 30): number | undefined {
  const watch = new FrozenWatch({ afterS });
  for (const [index, luma] of pictures.entries()) {
    const ptsMs = (index * 1000) / FPS;
    if (watch.isDue(ptsMs)) watch.add(ptsMs, luma);
    if (watch.sinceMs !== undefined) return Math.floor(index / FPS);
  }
  return undefined;
}

const seconds = (make: (second: number) => Uint8Array, count = 90): Uint8Array[] =>
  Array.from({ length: count * FPS }, (_, index) => make(Math.floor(index / FPS)));

/** A watch that was shown the same two pictures that follow each other at each of these seconds. */
function watched(afterS: number, atSeconds: readonly number[]): FrozenWatch {
  const watch = new FrozenWatch({ afterS });
  for (const second of atSeconds) show(watch, second, picture, picture);
  return watch;
}

function show(watch: FrozenWatch, second: number, one: Uint8Array, next: Uint8Array): void {
  watch.add(second * 1000, one);
  watch.add(second * 1000 + 40, next);
}

describe('FrozenWatch', () => {
  it.each([
    { name: 'the same picture', pictures: seconds(() => picture), at: 30 },
    {
      name: 'the same picture, encoded again every two seconds',
      pictures: seconds((second) => changed((value, index) => value + (index % 9 === 0 ? second % 2 : 0))),
      at: 30,
    },
    { name: 'a picture that freezes later', pictures: seconds((n) => (n < 20 ? noisy(3) : picture)), at: 50 },
    {
      name: 'noise that hardly differs from one second to the next, and does from picture to picture',
      pictures: seconds(() => changed((value) => value + (random() < 0.1 ? 1 : 0))),
      at: undefined,
    },
    { name: 'a still scene with the noise of a sensor', pictures: seconds(() => noisy(1.2)), at: undefined },
    {
      name: 'a still scene in slowly changing light',
      pictures: seconds((second) => changed((value) => value + second / 8)),
      at: undefined,
    },
    {
      name: 'a clock in a corner',
      pictures: seconds((second) => changed((value, index) => (index < 80 ? (value + 97 * second) % 256 : value))),
      at: undefined,
    },
    { name: 'another size', pictures: seconds((n) => (n % 20 === 0 ? picture.slice(1) : picture)), at: undefined },
  ])('$name: $at', ({ pictures, at }) => {
    expect(frozenAt(pictures)).toBe(at);
  });

  it('says since when, and recovers', () => {
    const watch = watched(3, [0, 1, 2, 3, 4]);
    const frozen = watch.sinceMs;

    show(watch, 5, noisy(9), noisy(9));

    expect(frozen).toBe(40);
    expect(watch.sinceMs).toBeUndefined();
  });

  it('begins anew where time steps back', () => {
    const watch = watched(3, [10, 11, 12, 13, 14]);
    const frozen = watch.sinceMs;

    show(watch, 5, picture, picture);

    expect(frozen).toBe(10_040);
    expect(watch.sinceMs).toBeUndefined();
  });

  it('looks at two pictures that follow each other five times a second, and never where it is turned off', () => {
    const watch = new FrozenWatch({ afterS: 3 });
    watch.add(1000, picture);
    const isSecondDue = watch.isDue(1040);
    watch.add(1040, picture);

    expect(isSecondDue).toBe(true);
    expect([1080, 1199, 1200].map((ptsMs) => watch.isDue(ptsMs))).toEqual([false, false, true]);
    expect(new FrozenWatch({ afterS: 0 }).isDue(0)).toBe(false);
  });
});
