import { describe, expect, it } from 'vitest';
import { scoreFaces, type ShownFrame, type ShownPerson } from '#src/bench/face-score.js';
import { positionAt, type Scene } from '#src/test-camera/scene.js';

const SIZE = { width: 1920, height: 1080 };
const FPS = 30;
const DURATION_S = 4;

/** They stand still, but are on the same spot from 1.5 s to 2.5 s. */
const SCENE: Scene = {
  name: 'unit',
  durationS: DURATION_S,
  people: [
    { clip: 'webcam', y: 0.4, path: [{ tS: 0, x: 0.3 }] },
    {
      clip: 'bluescreen',
      y: 0.4,
      path: [
        { tS: 0, x: 0.7 },
        { tS: 1.49, x: 0.7 },
        { tS: 1.5, x: 0.3 },
        { tS: 2.49, x: 0.3 },
        { tS: 2.5, x: 0.7 },
      ],
    },
  ],
  front: [],
  hasTimecode: false,
};

/** Ids of the two people at a time, and the tiles; undefined is not followed. */
type Shown = (tS: number) => { ids: readonly (number | undefined)[]; slots?: readonly (number | null)[] };

function show(shown: Shown, state = 'tracked'): readonly ShownFrame[] {
  return Array.from({ length: DURATION_S * FPS }, (_, frame) => {
    const tS = frame / FPS;
    const { ids, slots = [1, 2] } = shown(tS);
    const people: ShownPerson[] = ids.flatMap((trackId, person) =>
      trackId === undefined ? [] : [{ trackId, state, box: positionAt(SCENE, person, tS, SIZE).face }],
    );
    return { sourcePtsMs: tS * 1000, slots, people };
  });
}

const score = (shown: Shown, state?: string): ReturnType<typeof scoreFaces> =>
  scoreFaces(SCENE, show(shown, state), SIZE);

describe('scoreFaces', () => {
  it('finds nothing wrong where everybody is who they are and where they belong', () => {
    expect(score(() => ({ ids: [1, 2] }))).toEqual({
      lastingSwaps: 0,
      longestSwapS: 0,
      freshIds: 0,
      ids: 2,
      tileFrames: 3 * FPS,
      tileRight: 3 * FPS,
    });
  });

  it.each([
    { what: 'put right in time', untilS: 2.9, lastingSwaps: 0, longestS: 0.37 },
    { what: 'put right at the last moment', untilS: 3.02, lastingSwaps: 0, longestS: 0.5 },
    { what: 'put right too late', untilS: 3.1, lastingSwaps: 2, longestS: 0.57 },
    { what: 'never put right', untilS: 9, lastingSwaps: 2, longestS: 1.47 },
  ])('counts a swap of both that is $what', ({ untilS, lastingSwaps, longestS }) => {
    const result = score((tS) => ({ ids: tS >= 2 && tS < untilS ? [2, 1] : [1, 2] }));

    expect(result.lastingSwaps).toBe(lastingSwaps);
    expect(result.longestSwapS).toBeCloseTo(longestS, 2);
    expect(result.freshIds).toBe(0);
  });

  it('says nothing of the time in which they are not apart', () => {
    expect(score((tS) => ({ ids: tS >= 1.5 && tS < 2.5 ? [2, 1] : [1, 2] }))).toMatchObject({
      lastingSwaps: 0,
      longestSwapS: 0,
    });
  });

  it('counts twice who is mistaken, put right, and mistaken again', () => {
    const result = score((tS) => ({ ids: (tS >= 0.1 && tS < 0.8) || tS >= 2.9 ? [1, 1] : [1, 2] }));

    expect(result.lastingSwaps).toBe(2);
  });

  it('counts once who stays mistaken while hidden', () => {
    expect(score((tS) => ({ ids: tS >= 0.5 ? [2, undefined] : [1, 2] })).lastingSwaps).toBe(1);
  });

  it('counts each id that a known person gets and nobody had', () => {
    const result = score((tS) => ({ ids: [1, tS < 1 ? 2 : tS < 3 ? 7 : 8] }));

    expect(result).toMatchObject({ freshIds: 2, ids: 4, lastingSwaps: 0 });
  });

  it('takes an id for its own person who comes back on it', () => {
    expect(score((tS) => ({ ids: [1, tS < 1 || tS >= 3 ? 2 : 7] }))).toMatchObject({ freshIds: 1, lastingSwaps: 0 });
  });

  it('believes no track that is only predicted', () => {
    expect(score((tS) => ({ ids: tS >= 2 ? [2, 1] : [1, 2] }), 'lost').longestSwapS).toBe(0);
  });

  it('takes the one who fits better where two are followed on one face', () => {
    const frames = show(() => ({ ids: [1, 2] })).map((frame) => {
      const beside = frame.people.map(({ box, ...one }) => ({ ...one, trackId: 9, box: { ...box, x: box.x + 30 } }));
      const [first, second] = frame.people;
      return { ...frame, people: [beside[0]!, first!, second!, { ...beside[1]!, trackId: 8 }] };
    });

    expect(scoreFaces(SCENE, frames, SIZE)).toMatchObject({ ids: 2, freshIds: 0, lastingSwaps: 0 });
  });

  it.each([
    { what: 'exchanged', slots: [2, 1], right: 0 },
    { what: 'empty', slots: [null, 2], right: 0 },
    { what: 'taken by one who is not followed', slots: [1, 9], right: 0 },
    { what: 'in order', slots: [1, 2], right: 90 },
  ])('looks at tiles that are $what', ({ slots, right }) => {
    expect(score(() => ({ ids: [1, 2], slots }))).toMatchObject({ tileFrames: 90, tileRight: right });
  });

  it('looks at who stands there, not at the id', () => {
    expect(score(() => ({ ids: [2, 1], slots: [2, 1] })).tileRight).toBe(90);
  });
});
