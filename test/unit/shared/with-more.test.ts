import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { withMore } from '#src/shared/with-more.js';

describe('withMore', () => {
  it('has the properties of both, and leaves both as they are', () => {
    const base = { ptsMs: 40, tracks: [1] };

    const frame = withMore(base, { names: ['Ada'] });

    expect(frame).toEqual({ ptsMs: 40, tracks: [1], names: ['Ada'] });
    expect(base).toEqual({ ptsMs: 40, tracks: [1] });
  });

  it('has the newer one of a property that both have, also where it is undefined', () => {
    expect(withMore({ tracks: [1], shot: 'wide' }, { tracks: [2], shot: undefined })).toEqual({
      tracks: [2],
      shot: undefined,
    });
  });

  it('makes copies that have one hidden class', () => {
    setFlagsFromString('--allow-natives-syntax');
    const haveSameClass = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (a: object, b: object) => boolean;
    setFlagsFromString('--no-allow-natives-syntax');
    const copies = Array.from({ length: 50 }, (_, ptsMs) =>
      withMore({ ptsMs, width: 1920, height: 1080 }, { shot: 0 }),
    );

    expect(copies.slice(-10).every((copy) => haveSameClass(copy, copies.at(-1)!))).toBe(true);
  });
});
