import { describe, expect, it } from 'vitest';
import { Tile } from '#src/stream/stages/compose/tile.js';

const alphas = (tile: Tile, nowS: number): Record<string, number> =>
  Object.fromEntries(tile.layers.map(({ trackId, alpha }) => [trackId, Number(alpha.at(nowS).toFixed(3))]));

describe('tile', () => {
  it('shows the first person at once, and the next by a dissolve', () => {
    const tile = new Tile();
    tile.dissolve(1, 0, 1);
    tile.dissolve(2, 10, 1);

    expect(alphas(tile, 10)).toEqual({ 1: 1, 2: 0 });
    expect(alphas(tile, 10.5)).toEqual({ 1: 1, 2: 0.5 });
    expect(tile.trackId).toBe(2);

    tile.prune(11);
    expect(alphas(tile, 11)).toEqual({ 2: 1 });
  });

  it('dissolves back to a person who fades out', () => {
    const tile = new Tile();
    tile.cut(1);
    tile.dissolve(2, 0, 1);
    tile.dissolve(1, 0.5, 1);

    expect(tile.trackId).toBe(1);
    tile.prune(1.5);
    expect(alphas(tile, 1.5)).toEqual({ 1: 1 });
  });

  it('goes forward again to a person who was being taken off', () => {
    const tile = new Tile();
    tile.cut(1);
    tile.dissolve(2, 0, 1);
    tile.dissolve(1, 0.5, 1);
    tile.dissolve(2, 0.7, 1);

    tile.prune(1.8);
    expect(alphas(tile, 1.8)).toEqual({ 2: 1 });
  });

  it('blends no more than three people; a fourth waits', () => {
    const tile = new Tile();
    tile.cut(1);
    for (const trackId of [2, 3, 4]) tile.dissolve(trackId, 0, 1);
    expect(tile.layers).toHaveLength(3);

    tile.prune(1);
    tile.dissolve(4, 1, 1);
    tile.prune(2);
    expect(alphas(tile, 2)).toEqual({ 4: 1 });
  });

  it('goes on under another id', () => {
    const tile = new Tile();
    tile.cut(1);
    tile.dissolve(2, 0, 1);
    tile.relabel((id) => (id === 2 ? 7 : id));

    expect(alphas(tile, 0.5)).toEqual({ 1: 1, 7: 0.5 });
  });

  it('changes nothing for the person it shows, and is empty when cleared', () => {
    const tile = new Tile();
    tile.cut(1);
    tile.dissolve(1, 0, 1);
    expect(tile.layers).toHaveLength(1);

    tile.clear();
    expect(tile.trackId).toBeUndefined();
  });
});
