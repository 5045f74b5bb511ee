import { expect, it } from 'vitest';
import { reconnectDelayMs } from '#src/viewer/reconnect-delay.js';

it.each([
  [1, 0, 125],
  [1, 1, 250],
  [2, 1, 500],
  [5, 0, 2_000],
  [6, 1, 8_000],
  [60, 1, 8_000],
])('after %d failures with chance %d: %d ms', (failures, random, expected) => {
  expect(reconnectDelayMs(failures, random)).toBe(expected);
});
