import { expect, it } from 'vitest';
import { History } from '#src/viewer/stream/history.js';

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
