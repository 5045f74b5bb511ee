import { expect, it } from 'vitest';
import { terminalLine, type LogLine } from '#src/shared/telemetry/terminal-line.js';

/** Noon where the tests run. */
const time = new Date(2026, 10, 29, 12, 0, 7).toISOString();

it.each<[LogLine, string]>([
  [{ level: 30, name: 'gateway', stream: 'hall', msg: 'live' }, '12:00:07  hall        live'],
  [
    { level: 30, name: 'stream door', msg: 'detector ready', model: 'yunet' },
    '12:00:07  door        detector ready (model: yunet)',
  ],
  [
    { level: 30, name: 'gateway', msg: 'up', pid: 1, hostname: 'h', port: 8080 },
    '12:00:07              up (port: 8080)',
  ],
  [{ level: 40, name: 'gateway', msg: 'careful' }, '12:00:07              WARN careful'],
  [
    { level: 50, msg: 'failed', err: { message: 'no room\n  left', stack: 'at x' } },
    '12:00:07              ERROR failed (no room left)',
  ],
  [{ level: 20, msg: 'request', list: [1], block: { a: 1 }, empty: '' }, '12:00:07              DEBUG request'],
])('%j', (line, expected) => {
  expect(terminalLine({ time, ...line })).toBe(expected);
});

it('is one line of some length, whatever was logged', () => {
  const line = terminalLine({ time, level: 30, msg: 'x', text: 'y'.repeat(10_000) });

  expect(line.length).toBeLessThan(300);
});
