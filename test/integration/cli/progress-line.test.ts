import { describe, expect, it } from 'vitest';
import { ProgressLine } from '#src/cli/progress-line.adapter.js';

/** A run of a frame every 50 ms over a file of `seconds`. */
function run(seconds: number, isTerminal: boolean): readonly string[] {
  const written: string[] = [];
  let nowMs = 0;
  const line = new ProgressLine({ isTerminal, write: (text) => written.push(text), nowMs: () => nowMs });
  for (let frame = 1; frame <= seconds * 20; frame++) {
    nowMs = frame * 50;
    line.update(frame, () => frame / (seconds * 20));
  }
  line.end();
  line.end();
  return written;
}

describe('ProgressLine', () => {
  it('writes one line again and again on a terminal, and takes it away at the end', () => {
    const written = run(2, true);

    expect(written.slice(0, -1).every((text) => /^\r\u001b\[K\d+ %, \d+ frames\/s, 0:0\d left$/.test(text))).toBe(true);
    expect(written.length).toBeGreaterThan(5);
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  it('writes a line of its own every ten seconds elsewhere', () => {
    const written = run(35, false);

    expect(written).toEqual([
      '28 %, 20 frames/s, 0:25 left\n',
      '57 %, 20 frames/s, 0:15 left\n',
      '85 %, 20 frames/s, 0:05 left\n',
    ]);
  });
});
