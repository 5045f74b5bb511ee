import { describe, expect, it } from 'vitest';
import { chooseInputSize, enlargedInputSize } from '#src/stream/stages/detect/input-size.js';

describe('chooseInputSize', () => {
  it.each([
    ['16:9', 1920, 1080, 640, '640×384'],
    ['16:9, 4K', 3840, 2160, 640, '640×384'],
    ['4:3', 1440, 1080, 640, '640×480'],
    ['portrait', 1080, 1920, 640, '384×640'],
    ['square', 720, 720, 640, '640×640'],
    ['a small source is not enlarged', 360, 288, 640, '384×320'],
    ['a wider input', 1920, 1080, 960, '960×544'],
    ['a width between multiples', 1920, 1080, 650, '672×384'],
    ['a very flat source', 4000, 20, 640, '640×32'],
  ])('%s: %d×%d at %d is %s', (_, width, height, longSide, expected) => {
    const size = chooseInputSize({ multipleOf: 32 }, { width, height }, longSide);

    expect(`${size.width}×${size.height}`).toBe(expected);
  });

  it('takes a fixed size as it is', () => {
    expect(chooseInputSize({ width: 256, height: 256 }, { width: 1920, height: 1080 }, 640)).toEqual({
      width: 256,
      height: 256,
    });
  });
});

describe('enlargedInputSize', () => {
  it.each([
    ['a part that is smaller is enlarged', 80, 60, 256, '256×192'],
    ['one that is larger is as before', 1920, 1080, 256, '256×160'],
    ['a side between multiples', 500, 500, 141, '160×160'],
  ])('%s: %d×%d at %d is %s', (_, width, height, longSide, expected) => {
    const size = enlargedInputSize({ multipleOf: 32 }, { width, height }, longSide);

    expect(`${size.width}×${size.height}`).toBe(expected);
  });
});
