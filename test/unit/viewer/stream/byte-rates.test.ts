import { expect, it } from 'vitest';
import { ByteRates } from '#src/viewer/stream/byte-rates.js';

it.each<[string, [number, number][], number | undefined]>([
  ['one reading', [[0, 100]], undefined],
  [
    'two readings',
    [
      [0, 0],
      [1000, 125_000],
    ],
    1000,
  ],
  [
    'older ones are forgotten',
    [
      [0, 0],
      [5000, 0],
      [10_000, 625_000],
    ],
    1000,
  ],
  [
    'a counter that began anew',
    [
      [0, 9_000_000],
      [1000, 0],
      [2000, 125_000],
    ],
    1000,
  ],
])('of %s', (_name, readings, kbps) => {
  const rates = new ByteRates();

  for (const [timeMs, bytes] of readings) rates.read([{ id: 'a', bytes }], timeMs);

  expect(rates.kbpsOf('a')).toBe(kbps);
  expect(rates.kbpsOf('other')).toBeUndefined();
});

it('forgets a counter that is gone', () => {
  const rates = new ByteRates();
  rates.read([{ id: 'a', bytes: 0 }], 0);
  rates.read([], 500);

  rates.read([{ id: 'a', bytes: 1000 }], 1000);

  expect(rates.kbpsOf('a')).toBeUndefined();
});
