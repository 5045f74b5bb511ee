import { describe, expect, it } from 'vitest';
import type { TrackId } from '#src/shared/domain/track.js';
import { arrange, WHOLE, type Cell } from '#src/stream/stages/compose/arrangement.js';
import { TileBoard, type TileTransition } from '#src/stream/stages/compose/tile-board.js';

const transition = (nowS: number, fields: Partial<TileTransition> = {}): TileTransition => ({
  nowS,
  moveS: 1,
  dissolveS: 0.5,
  areShotsVisible: true,
  ...fields,
});

/** A board that has shown these people for five seconds at 0 s. */
function showing(...trackIds: readonly TrackId[]): TileBoard {
  const board = new TileBoard();
  board.show(trackIds, transition(-10, { moveS: 0, areShotsVisible: false }));
  board.show(trackIds, transition(-5));
  return board;
}

const cellOf = (board: TileBoard, trackId: TrackId, tS: number): Cell | undefined =>
  board.at(tS).find(({ tile }) => tile.trackId === trackId)?.cell;

describe('tile board', () => {
  it('is one empty tile over the whole picture at first, and after a reset', () => {
    const board = showing(1, 2);
    board.reset();

    for (const empty of [new TileBoard(), board]) {
      expect(empty.at(0).map(({ cell }) => cell)).toEqual([WHOLE]);
      expect(empty.trackIds).toEqual([]);
    }
  });

  it.each([
    { name: 'on the right', from: [1, 2], to: [1, 2, 3] },
    { name: 'on the left', from: [2, 3], to: [1, 2, 3] },
    { name: 'when one leaves', from: [1, 2, 3, 4], to: [1, 3, 4] },
    { name: 'when one is left', from: [1, 2, 3], to: [3] },
  ])('moves the tiles of people who stay to their new cells: $name', ({ from, to }) => {
    const board = showing(...from);
    const stay = to.filter((trackId) => from.includes(trackId));
    const before = stay.map((trackId) => cellOf(board, trackId, 0));
    board.show(to, transition(0));

    expect(stay.map((trackId) => cellOf(board, trackId, 0))).toEqual(before);
    board.show(to, transition(1));
    expect(board.trackIds).toEqual(to);
    expect(board.at(1).map(({ cell }) => cell)).toEqual(arrange(to.length));
  });

  it('dissolves where the number of people stays the same', () => {
    const board = showing(1, 2);
    board.show([2, 1], transition(0));

    expect(board.at(0.25).map(({ cell }) => cell)).toEqual(arrange(2));
    expect(board.tiles.map(({ layers }) => layers.map(({ trackId }) => trackId))).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  it('uses a leaving tile again for its person, or for another who comes from there', () => {
    for (const trackId of [2, 7]) {
      const board = showing(1, 2);
      board.show([1], transition(0));
      const [, leaving] = board.tiles;
      board.show([1, trackId], transition(0.4));

      expect(board.tiles).toHaveLength(2);
      expect(board.tiles[1]).toBe(leaving);
      expect(leaving!.trackId).toBe(trackId);
    }
  });

  it('grows one tile over the whole picture when nobody is left, and clears it once the scene is shown', () => {
    const board = showing(1, 2, 3);
    board.show([], transition(0));
    expect(board.tiles).toHaveLength(3);
    expect(board.trackIds).toEqual([2]);

    board.show([], transition(2, { areShotsVisible: false }));
    expect(board.at(2).map(({ cell }) => cell)).toEqual([WHOLE]);
    expect(board.trackIds).toEqual([]);
  });

  it('exchanges ids without a change of the picture', () => {
    const board = showing(1, 2);
    const before = board.at(0);
    board.exchange(1, 2);
    board.show([2, 1], transition(0));

    expect(board.at(0).map(({ cell }) => cell)).toEqual(before.map(({ cell }) => cell));
    expect(board.tiles.map(({ layers }) => layers.map(({ trackId }) => trackId))).toEqual([[2], [1]]);
  });
});
