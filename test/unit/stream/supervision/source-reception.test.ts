import { expect, it } from 'vitest';
import { conditionOf, LOST, type SourceReception } from '#src/stream/supervision/source-reception.js';

const received: SourceReception = { type: 'receiving', lastFrameMs: 1000 };

it.each<[string, SourceReception, number, string]>([
  ['no frame yet', LOST, 0, 'lost'],
  ['a frame now', received, 1000, 'live'],
  ['a frame just within the limit', received, 1500, 'live'],
  ['a frame beyond the limit', received, 1501, 'stalled'],
])('%s: at %s', (_name, reception, nowMs, expected) => {
  expect(conditionOf(reception, nowMs, 500)).toBe(expected);
});
