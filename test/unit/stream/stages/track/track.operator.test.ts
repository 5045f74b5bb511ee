import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { track, type DetectedFrame } from '#src/stream/stages/track/track.operator.js';

const detectedAt = (ptsMs: number, x: number): DetectedFrame['detections'] => ({
  ptsMs,
  detections: [{ box: { x, y: 0, width: 100, height: 100 }, score: 0.9, kind: 'face' }],
});

describe('track', () => {
  it('gives every frame its tracks: matched where it carries detections, predicted elsewhere', async () => {
    const frames: DetectedFrame[] = [];
    for (let frame = 0; frame < 40; frame += 1) {
      const ptsMs = frame * 40;
      frames.push(frame % 2 === 0 ? { ptsMs, detections: detectedAt(ptsMs, 3 * frame)! } : { ptsMs });
    }

    const out = await lastValueFrom(from(frames).pipe(track({ stepMs: 40 }), toArray()));

    expect(out.map(({ ptsMs }) => ptsMs)).toEqual(frames.map(({ ptsMs }) => ptsMs));
    expect(out.every(({ tracks }) => tracks.length === 1 && tracks[0]!.id === 1)).toBe(true);
    expect(out[39]!.tracks[0]!.box.x).toBeCloseTo(3 * 39, 0);
  });

  it('predicts late detections to the PTS of the frame that carries them', async () => {
    const frames: DetectedFrame[] = [];
    for (let frame = 1; frame < 40; frame += 1) {
      frames.push({ ptsMs: frame * 40, detections: detectedAt(frame * 40 - 40, 3 * frame - 3)! });
    }

    const out = await lastValueFrom(from(frames).pipe(track({ stepMs: 40 }), toArray()));

    expect(out.at(-1)!.tracks[0]!.box.x).toBeCloseTo(3 * 39, 0);
  });

  it('has state of its own for every subscriber', async () => {
    const tracked = from([{ ptsMs: 0, detections: detectedAt(0, 0)! }]).pipe(track());

    const first = await lastValueFrom(tracked);
    const second = await lastValueFrom(tracked);

    expect(second).toEqual(first);
  });
});
