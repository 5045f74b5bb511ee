import { describe, expect, it } from 'vitest';
import type { Box } from '#src/shared/domain/box.js';
import type { Detection } from '#src/shared/domain/detection.js';
import { CalmWatch } from '#src/stream/stages/detect/calm-watch.js';
import type { SmallPicture } from '#src/stream/stages/detect/changed-squares.js';

/** 160×90 squares of 12 pixels, with a brighter part. */
function picture({ x, y, width, height }: Box = { x: 0, y: 0, width: 0, height: 0 }): SmallPicture {
  const luma = new Uint8Array(160 * 90).fill(100);
  for (let row = Math.floor(y / 12); row < (y + height) / 12; row++) {
    luma.fill(200, row * 160 + Math.floor(x / 12), row * 160 + Math.floor((x + width) / 12));
  }
  return { sketch: { luma, columns: 160 }, step: 12 };
}

const FACE: Box = { x: 600, y: 300, width: 180, height: 240 };
const face: Detection = { box: FACE, score: 0.9, kind: 'face' };

function watch(detections: readonly Detection[] = [face], detectedIn = picture(FACE)): CalmWatch {
  const calm = new CalmWatch();
  calm.detectOn(detectedIn);
  calm.found({ detections });
  return calm;
}

describe('CalmWatch', () => {
  it.each<[string, SmallPicture, boolean]>([
    ['nothing has changed', picture(FACE), false],
    ['the head moves by a tenth', picture({ ...FACE, x: 618 }), false],
    ['the head moves by two fifths', picture({ ...FACE, x: 672 }), true],
    ['the head has gone', picture(), true],
  ])('where %s', (_, now, expected) => {
    expect(watch().hasChanged(now)).toBe(expected);
  });

  it('notices a newcomer apart from the people, and not their bodies', () => {
    const empty = watch([face], picture());

    expect(empty.hasChanged(picture({ x: 1500, y: 300, width: 60, height: 60 }))).toBe(true);
    expect(empty.hasChanged(picture({ x: 500, y: 700, width: 300, height: 200 }))).toBe(false);
  });

  it('notices a change where something was found that is no face', () => {
    const calm = watch([{ ...face, score: 0.3 }], picture());

    expect(calm.hasChanged(picture({ x: 500, y: 700, width: 300, height: 200 }))).toBe(true);
  });

  it.each<[string, CalmWatch, SmallPicture | undefined]>([
    ['was detected on', new CalmWatch(), picture()],
    ['is to be looked at', watch(), undefined],
    ['of this size was detected on', watch(), { sketch: { luma: new Uint8Array(100), columns: 10 }, step: 12 }],
  ])('takes it for a change where no picture %s', (_, calm, now) => {
    expect(calm.hasChanged(now)).toBe(true);
  });
});
