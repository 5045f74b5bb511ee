import { describe, expect, it } from 'vitest';
import {
  arrange,
  cellBox,
  distance,
  isSameCell,
  outside,
  WHOLE,
  type Cell,
} from '#src/stream/stages/compose/arrangement.js';

const area = ({ left, top, right, bottom }: Cell): number => (right - left) * (bottom - top);
const overlap = (a: Cell, b: Cell): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

describe.each([1, 2, 3, 4])('%i tiles', (count) => {
  const cells = arrange(count);

  it('are the whole picture, in equal parts', () => {
    expect(cells).toHaveLength(count);
    for (const cell of cells) expect(area(cell)).toBeCloseTo(1 / count, 12);
    for (const [index, cell] of cells.entries()) {
      for (const other of cells.slice(index + 1)) expect(overlap(cell, other)).toBeCloseTo(0, 12);
      expect(overlap(cell, WHOLE)).toBeCloseTo(area(cell), 12);
    }
  });

  it('are ordered from left to right', () => {
    for (const [index, cell] of cells.slice(1).entries()) {
      expect(cell.left).toBeGreaterThanOrEqual(cells[index]!.left);
    }
  });

  it.each([
    { x: 0, y: 0, width: 1920, height: 1080 },
    { x: 240, y: 0, width: 1440, height: 1080 },
    { x: 0, y: 0, width: 1282, height: 722 },
  ])('cover every pixel of $width × $height with even numbers', (frame) => {
    const boxes = cells.map((cell) => cellBox(cell, frame));

    const pixels = boxes.reduce((sum, { width, height }) => sum + width * height, 0);
    expect(pixels).toBe(frame.width * frame.height);
    for (const { x, y, width, height } of boxes) {
      for (const value of [x, y, width, height]) expect(value % 2).toBe(0);
    }
  });
});

it.each([0, 5])('there is no arrangement of %i', (count) => {
  expect(() => arrange(count)).toThrow(RangeError);
});

it.each([
  { name: 'left half', cell: arrange(2)[0]!, goesTo: { left: -0.5, top: 0, right: 0, bottom: 1 } },
  { name: 'right half', cell: arrange(2)[1]!, goesTo: { left: 1, top: 0, right: 1.5, bottom: 1 } },
  { name: 'middle column', cell: arrange(3)[1]!, goesTo: { left: 0.5, top: 0, right: 0.5, bottom: 1 } },
  { name: 'upper quarter', cell: arrange(4)[0]!, goesTo: { left: 0, top: -0.5, right: 0.5, bottom: 0 } },
  { name: 'lower quarter', cell: arrange(4)[3]!, goesTo: { left: 0.5, top: 1, right: 1, bottom: 1.5 } },
])('the $name leaves over its own edge', ({ cell, goesTo }) => {
  expect(outside(cell)).toEqual(goesTo);
  expect(overlap(outside(cell), WHOLE)).toBe(0);
});

it('cells are compared by edges, and by distance', () => {
  const [left, right] = arrange(2) as [Cell, Cell];

  expect(isSameCell(left, { ...left })).toBe(true);
  expect(isSameCell(left, right)).toBe(false);
  expect(distance(left, right)).toBe(0.5);
});
