import { expect, it } from 'vitest';
import { jitterBufferMs } from '#src/stream/stages/ingest/jitter-buffer.js';

it.each([
  ['udp', 0, 150],
  ['udp', 100, 250],
  ['udp', 2000, 2150],
  ['tcp', 100, 500],
  ['tcp', 2000, 2000],
] as const)('over %s, latencyMs %i: %i ms', (transport, latencyMs, expected) => {
  expect(jitterBufferMs(transport, { latencyMs })).toBe(expected);
});
