import { describe, expect, it } from 'vitest';
import { FullSizeTurns } from '#src/stream/stages/detect/full-size-turns.js';
import type { ExpectedPerson, SweptPicture } from '#src/stream/stages/detect/region-scheduler.js';

const SIZE = { width: 1920, height: 1080 };
const near: ExpectedPerson = { x: 600, y: 300, width: 160, height: 220, isSure: true };
const MS = 66;

/** A grey picture, with a bright square at a column where somebody is. */
function picture(turn: number, somebodyAt?: number): SweptPicture {
  const luma = new Uint8Array(160 * 90).fill(100);
  if (somebodyAt !== undefined) {
    for (let row = 20; row < 30; row += 1) luma.fill(200, row * 160 + somebodyAt, row * 160 + somebodyAt + 10);
  }
  return { sketch: { luma, columns: 160 }, step: 12, ptsMs: turn * MS };
}

/** Which of the turns are in full, once the first searches are over. */
function fullTurns(people: readonly ExpectedPerson[], show: (turn: number) => SweptPicture | undefined): number[] {
  const turns = new FullSizeTurns({ smallLongSide: 320 });
  for (let turn = -20; turn < 0; turn += 1) turns.next(SIZE, people, picture(turn));
  return Array.from({ length: 13 }, (_, turn) => turn).filter((turn) => turns.next(SIZE, people, show(turn)));
}

const all = Array.from({ length: 13 }, (_, turn) => turn);

describe('FullSizeTurns', () => {
  it('begins in full', () => {
    expect(new FullSizeTurns({ smallLongSide: 320 }).next(SIZE, [near], picture(0))).toBe(true);
  });

  it('looks at a picture in which nothing changes in full every 0.4 s', () => {
    const full = fullTurns([near], picture);

    expect(full).toHaveLength(2);
    expect(full[1]! - full[0]!).toBe(7);
  });

  it.each<[string, readonly ExpectedPerson[]]>([
    ['nobody is known', []],
    ['somebody is in doubt', [near, { ...near, x: 1200, isSure: false }]],
    ['somebody is far', [near, { x: 1200, y: 300, width: 100, height: 150, isSure: true }]],
  ])('looks at all pictures in full where %s', (_, people) => {
    expect(fullTurns(people, picture)).toEqual(all);
  });

  it('looks in full where there is no small picture, and where the size has changed', () => {
    expect(fullTurns([near], () => undefined)).toEqual(all);

    const turns = new FullSizeTurns({ smallLongSide: 320 });
    for (let turn = -20; turn < 0; turn += 1) turns.next(SIZE, [near], picture(turn));
    expect(turns.next({ width: 1280, height: 720 }, [near], picture(0))).toBe(true);
  });

  it('looks in full at once where somebody comes, and a few times more', () => {
    const full = fullTurns([near], (turn) => picture(turn, turn >= 4 ? 130 : undefined));

    expect(full).toEqual(expect.arrayContaining([4, 5, 6, 7]));
    expect(full.length).toBeLessThan(8);
  });

  it('takes a known person who moves for no change', () => {
    expect(fullTurns([near], (turn) => picture(turn, 52 + (turn % 2)))).toHaveLength(2);
  });
});
