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
});
