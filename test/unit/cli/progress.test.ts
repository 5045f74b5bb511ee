import { describe, expect, it } from 'vitest';
import { progressText } from '#src/cli/progress.js';

describe('progressText', () => {
  it.each([
    { frames: 1234, share: undefined, elapsedMs: 12_340, text: '1234 frames, 100 frames/s' },
    { frames: 300, share: 0.25, elapsedMs: 10_000, text: '25 %, 30 frames/s, 0:30 left' },
    { frames: 300, share: 0.1, elapsedMs: 600_000, text: '10 %, 1 frames/s, 1:30:00 left' },
    { frames: 900, share: 0.999, elapsedMs: 10_000, text: '99 %, 90 frames/s, 0:01 left' },
    { frames: 900, share: 1.2, elapsedMs: 10_000, text: '100 %, 90 frames/s, 0:00 left' },
    { frames: 1, share: 0.001, elapsedMs: 250, text: '0 %, 4 frames/s' },
    { frames: 1, share: undefined, elapsedMs: 0, text: '1 frames' },
  ])('$text', ({ text, ...progress }) => {
    const written = progressText(progress);

    expect(written).toBe(text);
  });
});
