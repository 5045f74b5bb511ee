import { expect, it } from 'vitest';
import { History } from '#src/viewer/stream/history.js';

it('has a line as soon as two moments are known', () => {
  const history = new History();
  const told: boolean[] = [];

  for (const sample of [{ timeS: 0 }, { timeS: 1, fps: 25 }, { timeS: 2, delayMs: 40, fps: 25 }]) {
    history.add(sample);
    told.push(history.hasLine);
  }

  expect(told).toEqual([false, false, true]);
});

it('keeps ten minutes, with gaps where nothing was known', () => {
  const history = new History();

  history.add({ timeS: 0, delayMs: 100, fps: 30 });
  history.add({ timeS: 300 });
  history.add({ timeS: 601, delayMs: 120, fps: 25 });

  expect(history.columns).toEqual([
    [300, 601],
    [null, 120],
    [null, 25],
  ]);
});
