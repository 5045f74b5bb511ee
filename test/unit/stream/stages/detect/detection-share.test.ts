import { describe, expect, it } from 'vitest';
import { DetectionShare } from '#src/stream/stages/detect/detection-share.js';
import { PictureRate } from '#src/stream/stages/compose/picture-rate.js';

/** Pictures of this delay, ms, for so many seconds, ten a second. */
function play(parts: readonly Pick<DetectionShare, 'measured'>[], seconds: number, lagMs: number, startS = 0): void {
  for (let i = 0; i <= seconds * 10; i += 1) for (const part of parts) part.measured(lagMs, startS * 1000 + i * 100);
}

describe('DetectionShare', () => {
  it('makes all detections while there is time', () => {
    const share = new DetectionShare();
    play([share], 10, 40);

    expect(share.fps(15, false)).toBe(15);
  });

  it('makes one a second where pictures wait already, at once', () => {
    expect(new DetectionShare().fps(15, true)).toBe(1);
  });

  it('makes one a second whatever the load, or what is asked for where that is less', () => {
    const share = new DetectionShare();
    play([share], 30, 2000);

    expect([share.fps(15, false), share.fps(0.5, false), share.fps(0.5, true)]).toEqual([1, 0.5, 0.5]);
  });

  it('gives way before any picture is left out, and comes back', () => {
    const share = new DetectionShare();
    const pictures = new PictureRate({ fps: 30 });

    play([share, pictures], 3, 120);
    const then = [share.fps(15, false), pictures.fps];
    play([share, pictures], 12, 20, 4);

    expect(then[0]).toBeLessThan(5);
    expect(then[1]).toBe(30);
    expect(share.fps(15, false)).toBe(15);
  });
});
