import { describe, expect, it } from 'vitest';
import type { Point } from '#src/shared/domain/box.js';
import {
  decodeTimecode,
  isWhite,
  locateTimecode,
  TIMECODE_COLUMNS,
  timecodeInner,
  timecodeRules,
  timecodeSize,
  type RgbaPicture,
} from '#src/test-camera/timecode.js';

const BLACK = 16;
const WHITE = 235;

/** A strip painted at any scale and place; `grey` mixes everything towards the middle. */
function paintStrip(frame: number, at: Point, cellPx: number, size = { width: 640, height: 360 }): RgbaPicture {
  const data = new Uint8ClampedArray(size.width * size.height * 4).fill(90);
  const outer = { ...at, ...timecodeSize(cellPx) };
  const inner = timecodeInner(outer);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      if (x < outer.x || y < outer.y || x >= outer.x + outer.width || y >= outer.y + outer.height) continue;
      const column = Math.floor((x - inner.x) / cellPx);
      const row = Math.floor((y - inner.y) / cellPx);
      const isBorder = column < 0 || row < 0 || column >= TIMECODE_COLUMNS || row >= 3;
      const rule = timecodeRules().find((cell) => cell.row === row && cell.column === column);
      const level = column === 0 || (rule !== undefined && isWhite(rule, frame)) ? WHITE : BLACK;
      data.set(isBorder ? [0, 224, 0, 255] : [level, level, level, 255], 4 * (y * size.width + x));
    }
  }
  return { ...size, data };
}

const lumaOf =
  ({ data, width }: RgbaPicture) =>
  ({ x, y }: Point): number =>
    data[4 * (Math.round(y) * width + Math.round(x)) + 1] ?? 0;

describe('time code', () => {
  it.each([
    { frame: 0, at: { x: 40, y: 30 }, cellPx: 28 },
    { frame: 1, at: { x: 101, y: 57 }, cellPx: 17.3 },
    { frame: 599, at: { x: 200, y: 200 }, cellPx: 12 },
    { frame: 0b1010_1010_1010_1010_1010, at: { x: 5.5, y: 9.25 }, cellPx: 33.6 },
    { frame: 2 ** 20 - 1, at: { x: 0, y: 0 }, cellPx: 28 },
  ])('is found and read back: frame $frame, cells of $cellPx px', ({ frame, at, cellPx }) => {
    const picture = paintStrip(frame, at, cellPx);

    const inner = locateTimecode(picture, { x: 0, y: 0, width: 640, height: 360 });

    expect(inner).toBeDefined();
    expect(inner && decodeTimecode(lumaOf(picture), inner)).toBe(frame);
  });

  it('gives nothing for a strip between two frames', () => {
    const picture = paintStrip(0b0001, { x: 40, y: 40 }, 20);
    const wrongBit = paintStrip(0b0011, { x: 40, y: 40 }, 20);
    const inner = timecodeInner({ x: 40, y: 40, ...timecodeSize(20) });
    const boundaryY = inner.y + 2 * 20;
    const torn = (point: Point): number => lumaOf(point.y < boundaryY ? wrongBit : picture)(point);

    expect(decodeTimecode(torn, inner)).toBeUndefined();
  });

  it('gives nothing where there is no strip', () => {
    const empty = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 4).fill(120) };

    expect(locateTimecode(empty, { x: 0, y: 0, width: 64, height: 64 })).toBeUndefined();
    expect(decodeTimecode(() => 120, { x: 0, y: 0, width: 60, height: 15 })).toBeUndefined();
  });

  it('does not take a strip that is cut off by the region', () => {
    const picture = paintStrip(7, { x: 300, y: 100 }, 20);

    expect(locateTimecode(picture, { x: 0, y: 0, width: 400, height: 360 })).toBeUndefined();
  });
});
