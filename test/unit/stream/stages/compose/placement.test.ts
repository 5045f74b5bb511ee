import { describe, expect, it } from 'vitest';
import { arrange, outside, type Cell } from '#src/stream/stages/compose/arrangement.js';
import { Placement } from '#src/stream/stages/compose/placement.js';

const [left, right] = arrange(2) as [Cell, Cell];
const columns = arrange(3) as [Cell, Cell, Cell];

describe('placement', () => {
  it('is where it was put until it is sent off', () => {
    const placement = new Placement(left);

    expect(placement.at(5)).toEqual(left);
    expect(placement.isSettled(5)).toBe(true);
  });

  it('takes its duration, and ends exactly at its cell', () => {
    const placement = new Placement(outside(right));
    placement.to(right, 1, 2);

    expect(placement.cell).toBe(right);
    expect(placement.at(1)).toEqual(outside(right));
    expect(placement.at(2).left).toBeCloseTo(0.75);
    expect(placement.isSettled(2.9)).toBe(false);
    expect(placement.at(3)).toEqual(right);
    expect(placement.isSettled(3)).toBe(true);
  });

  it('does not begin again when it is sent where it is going', () => {
    const placement = new Placement(left);
    placement.to(columns[0], 0, 1);
    placement.to(columns[0], 0.5, 1);

    expect(placement.isSettled(1)).toBe(true);
  });

  it('keeps touching its neighbour, also when both are sent elsewhere on the way', () => {
    const one = new Placement(left);
    const two = new Placement(right);
    const touch = (tS: number): number => two.at(tS).left - one.at(tS).right;
    one.to(columns[0], 0, 1);
    two.to(columns[1], 0, 1);
    const early = [0.1, 0.25].map(touch);
    one.to(left, 0.3, 1);
    two.to(right, 0.3, 1);

    for (const gap of [...early, ...[0.4, 0.7, 1, 1.3].map(touch)]) expect(gap).toBeCloseTo(0, 12);
  });
});
