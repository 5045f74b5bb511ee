import { expect, it } from 'vitest';
import { beginAtOnce, jitterBufferMs } from '#src/stream/stages/ingest/jitter-buffer.js';

it.each([
  ['udp', 0, 150],
  ['udp', 100, 250],
  ['udp', 2000, 2150],
  ['tcp', 100, 500],
  ['tcp', 2000, 2000],
] as const)('over %s, latencyMs %i: %i ms', (transport, latencyMs, expected) => {
  expect(jitterBufferMs(transport, { latencyMs })).toBe(expected);
});

it.each([
  ['tcp', 1],
  ['udp', 3],
] as const)('a track begins over %s with %i packets in a row', (transport, packets) => {
  const calls: unknown[] = [];

  beginAtOnce({ startAfterPackets: (...given) => calls.push(given) }, { id: 'graph-1' }, transport);

  expect(calls).toEqual([['graph-1', 'source', packets]]);
});
