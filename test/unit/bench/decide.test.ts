import { expect, it } from 'vitest';
import { benchDecide } from '#src/bench/decide.js';

it('takes every frame through the chain of a live stream', async () => {
  const decide = benchDecide();

  await decide.run(60);
  decide.end();

  // The last ones are still on their way.
  expect(decide.composed).toBeGreaterThan(50);
  expect(decide.composed).toBeLessThanOrEqual(61);
});
