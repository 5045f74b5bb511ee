import { expect, it } from 'vitest';
import { EasedValue } from '#src/stream/domain/eased-value.js';

it('goes to its target without a jump and without overshoot, whatever the steps', () => {
  const values = [10, 30, 120].map((fps) => {
    const eased = new EasedValue(0, 0.2);
    const way = Array.from({ length: fps }, () => {
      eased.update(1 / fps, 1);
      return eased.value;
    });
    expect(way).toEqual([...way].sort((a, b) => a - b));
    return eased.value;
  });

  expect(values[0]).toBeCloseTo(1 - 6 * Math.exp(-5), 6);
  expect(values[1]).toBeCloseTo(values[0]!, 6);
  expect(values[2]).toBeCloseTo(values[0]!, 6);
});

it('rests where it is put', () => {
  const eased = new EasedValue(0, 0.2);
  eased.update(0.1, 1);

  eased.snap(3);
  eased.update(1, 3);

  expect(eased.value).toBe(3);
});
