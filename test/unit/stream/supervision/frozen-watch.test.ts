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

/** Second at which the picture of each second is first told to be frozen; `undefined`: never. */
function frozenAt(pictures: readonly Uint8Array[], afterS = 30): number | undefined {
  const watch = new FrozenWatch({ afterS });
  for (const [second, luma] of pictures.entries()) {
    if (watch.isDue(second * 1000)) watch.add(second * 1000, luma);
    if (watch.sinceMs !== undefined) return second;
  }
  return undefined;
}

const seconds = (make: (second: number) => Uint8Array, count = 90): Uint8Array[] =>
  Array.from({ length: count }, (_, second) => make(second));

describe('FrozenWatch', () => {
  it.each([
    { name: 'the same picture', pictures: seconds(() => picture), at: 30 },
    {
      name: 'the same picture, encoded again every two seconds',
      pictures: seconds((second) => changed((value, index) => value + (index % 9 === 0 ? second % 2 : 0))),
      at: 30,
    },
    { name: 'a picture that freezes later', pictures: seconds((n) => (n < 20 ? noisy(3) : picture)), at: 50 },
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
    const watch = new FrozenWatch({ afterS: 3 });
    for (let second = 0; second <= 4; second += 1) watch.add(second * 1000, picture);
    const frozen = watch.sinceMs;

    watch.add(5000, noisy(9));

    expect(frozen).toBe(0);
    expect(watch.sinceMs).toBeUndefined();
  });

  it('looks once a second, and never where it is turned off', () => {
    const watch = new FrozenWatch({ afterS: 3 });
    watch.add(1000, picture);

    expect([1040, 1999, 2000].map((ptsMs) => watch.isDue(ptsMs))).toEqual([false, false, true]);
    expect(new FrozenWatch({ afterS: 0 }).isDue(0)).toBe(false);
  });
});
