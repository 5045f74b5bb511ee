import { describe, expect, it } from 'vitest';
import type { DetectionSet } from '#src/shared/domain/detection.js';
import { DetectionPace, type DetectionPaceOptions } from '#src/stream/stages/detect/detection-pace.js';

const FACE: DetectionSet['detections'][number] = {
  box: { x: 600, y: 300, width: 180, height: 240 },
  score: 0.9,
  kind: 'face',
};

/** Numbers of the frames, 30 a second, that are detected on after 4 s of rest; the picture is black until `whiteAt`. */
function takenOf(options: Partial<DetectionPaceOptions> = {}, { whiteAt = Infinity, bodies = false } = {}) {
  let now = 0;
  const sketch = (): ReturnType<NonNullable<DetectionPaceOptions['sketch']>> => ({
    sketch: { luma: new Uint8Array(160 * 90).fill(now >= whiteAt ? 255 : 0), columns: 160 },
    step: 12,
  });
  const pace = new DetectionPace({ maxFps: 15, calmFps: 5, sketch, ...options });
  const taken: number[] = [];
  for (now = 0; now < 150; now++) {
    const ptsMs = (now * 1000) / 30;
    if (!pace.take({ handle: now + 1, width: 1920, height: 1080, ptsMs })) continue;
    pace.found({ ptsMs, detections: [FACE], ...(bodies && { bodies }) });
    if (now >= 120) taken.push(now - 120);
  }
  return taken;
}

const everySixth = [0, 6, 12, 18, 24];
const everySecond = Array.from({ length: 15 }, (_, i) => 2 * i);

describe('DetectionPace', () => {
  it('detects less often in a calm scene', () => {
    expect(takenOf()).toEqual(everySixth);
  });

  it('detects on the first frame with a change and a few more, and then as before where nothing has moved', () => {
    expect(takenOf({}, { whiteAt: 129 })).toEqual([0, 6, 9, 10, 12, 14, 16, 22, 28]);
  });

  it('is as frequent as ever where faces cannot be watched in between', () => {
    expect(takenOf({ sketch: () => undefined })).toEqual(everySecond);
    expect(takenOf({ sketch: undefined })).toEqual(everySecond);
  });

  it('makes no small pictures of a scene that is not calm', () => {
    let made = 0;
    const pace = new DetectionPace({ maxFps: 15, calmFps: 5, sketch: () => void made++ });
    for (let frame = 0; frame < 150; frame++) {
      const ptsMs = (frame * 1000) / 30;
      if (!pace.take({ handle: frame + 1, width: 1920, height: 1080, ptsMs })) continue;
      pace.found({ ptsMs, detections: [{ ...FACE, box: { ...FACE.box, x: 6 * frame } }] });
    }
    expect(made).toBe(0);
  });

  it('needs no watch where bodies are found', () => {
    expect(takenOf({ sketch: undefined }, { bodies: true })).toHaveLength(5);
  });

  it('detects no more often than there is time for, whatever changes', () => {
    expect(takenOf({ affordable: () => 2 }, { whiteAt: 129 })).toEqual([0, 15]);
  });
});
