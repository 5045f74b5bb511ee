import { describe, expect, it } from 'vitest';
import type { ShotKind } from '#src/shared/domain/shot.js';
import type { Shot } from '#src/stream/domain/shot.js';
import { ShotGrammar } from '#src/stream/stages/shot/shot-grammar.js';
import { faceBox, makeTrack, source } from '../compose/two-people.js';

const FACE = 160;

describe('asked for by hand', () => {
  /** Two people who are apart; `ask` is called before the frame of each second. */
  const playAsked = (
    ask: (grammar: ShotGrammar, tS: number) => void,
    xs: readonly number[] = [400, 1500],
    durationS = 9,
  ): readonly Shot[] => {
    const grammar = new ShotGrammar({ output: { width: 1920, height: 1080 } });
    return Array.from({ length: durationS * 10 }, (_, index) => {
      const tS = index / 10;
      if (index % 10 === 0) ask(grammar, tS);
      const tracks = xs.map((x, person) =>
        makeTrack({ id: person + 1, box: faceBox({ x, y: 500 }, FACE + 10 * person), seenPtsMs: tS * 1000 }),
      );
      return grammar.update({ ptsMs: tS * 1000, ...source, tracks, slots: tracks.map(({ id }) => id) });
    });
  };
  const kindsOf = (shots: readonly Shot[]): readonly ShotKind[] =>
    shots.filter((_, index) => index % 10 === 5).map(({ kind }) => kind);

  it('shows what is taken for as long as every shot, then the rules go on', () => {
    const shots = playAsked((grammar, tS) => tS === 1 && grammar.ask({ action: 'take', kind: 'wide' }));

    expect(kindsOf(shots)).toEqual(['split', 'wide', 'wide', ...new Array<ShotKind>(6).fill('split')]);
    expect(shots[15]).toMatchObject({ kind: 'wide', reason: 'by_hand' });
    expect(shots[15]).not.toHaveProperty('held');
  });

  it('shows what is held until it is released', () => {
    const shots = playAsked((grammar, tS) => {
      if (tS === 1) grammar.ask({ action: 'hold', kind: 'together' });
      if (tS === 6) grammar.ask(undefined);
    });

    expect(kindsOf(shots)).toEqual([
      'split',
      ...new Array<ShotKind>(5).fill('together'),
      ...new Array<ShotKind>(3).fill('split'),
    ]);
    expect(shots[55]).toMatchObject({ reason: 'by_hand', held: { kind: 'together' }, groups: [[1, 2]] });
    expect(shots.at(-1)).not.toHaveProperty('held');
  });

  it.each([
    { trackId: undefined, groups: [[2]], name: 'who is nearest to the camera' },
    { trackId: 1, groups: [[1]], name: 'who was asked for' },
    { trackId: 9, groups: [[2]], name: 'somebody, where the person has gone' },
  ])('shows alone $name', ({ trackId, groups }) => {
    const shots = playAsked((grammar, tS) => {
      if (tS === 1) grammar.ask({ action: 'hold', kind: 'single', ...(trackId !== undefined && { trackId }) });
    });

    expect(shots.at(-1)).toMatchObject({ kind: 'single', reason: 'by_hand', groups });
  });

  it('lets the rules decide where there are too few people for it, and where tiles would show the same person', () => {
    const hold = (grammar: ShotGrammar, tS: number): void => {
      if (tS === 1) grammar.ask({ action: 'hold', kind: 'split' });
    };

    expect(playAsked(hold, [900]).at(-1)).toMatchObject({ kind: 'single', reason: 'alone', held: { kind: 'split' } });
    expect(playAsked(hold, [900, 1000]).at(-1)).toMatchObject({ kind: 'together', held: { kind: 'split' } });
    expect(playAsked(hold, [800, 1150]).at(-1)).toMatchObject({ kind: 'split', reason: 'by_hand' });
  });

  it('shows alone who has no tile, while they are seen and 1.5 s longer', () => {
    const grammar = new ShotGrammar({ output: { width: 1920, height: 1080 } });
    grammar.ask({ action: 'hold', kind: 'single', trackId: 3 });
    const shown = Array.from({ length: 60 }, (_, index) => {
      const tS = index / 10;
      const tracks = [400, 900, 1500].flatMap((x, person) =>
        person === 2 && tS > 3
          ? []
          : [makeTrack({ id: person + 1, box: faceBox({ x, y: 500 }, FACE), seenPtsMs: tS * 1000 })],
      );
      return grammar.update({ ptsMs: tS * 1000, ...source, tracks, slots: [1, 2] }).groups.flat();
    });

    expect([shown[1], shown[29], shown[44]]).toEqual([[3], [3], [3]]);
    expect([shown[46], shown[59]]).toEqual([[1], [1]]);
  });

  it('shows nobody alone who is left out, nor takes them to be behind somebody', () => {
    const grammar = new ShotGrammar({ output: { width: 1920, height: 1080 } });
    const shots = Array.from({ length: 60 }, (_, index) => {
      const tS = index / 10;
      const isOut = tS > 3;
      if (index === 50) grammar.ask({ action: 'hold', kind: 'single', trackId: 2 });
      const tracks = [900, 1050].map((x, person) =>
        makeTrack({ id: person + 1, box: faceBox({ x, y: 500 }, FACE), seenPtsMs: tS * 1000 }),
      );
      return grammar.update({
        ...{ ptsMs: tS * 1000, ...source, tracks, slots: isOut ? [1, undefined] : [1, 2] },
        leftOut: new Set(isOut ? [2] : []),
      });
    });

    expect(shots[25]).toMatchObject({ kind: 'together', groups: [[1, 2]] });
    expect(shots[35]).toMatchObject({ kind: 'single', groups: [[1]] });
    expect(shots[55]).toMatchObject({ kind: 'single', groups: [[1]], held: { kind: 'single', trackId: 2 } });
    expect(shots[55]?.held?.isMissing).toBe(true);
  });

  it('says that whoever is held alone is not to be seen, until they are back', () => {
    const grammar = new ShotGrammar({ output: { width: 1920, height: 1080 } });
    grammar.ask({ action: 'hold', kind: 'single', trackId: 2 });
    const shots = Array.from({ length: 120 }, (_, index) => {
      const tS = index / 10;
      const isGone = tS > 3 && tS < 8;
      const tracks = [500, 1400].flatMap((x, person) =>
        person === 1 && isGone
          ? []
          : [makeTrack({ id: person + 1, box: faceBox({ x, y: 500 }, FACE), seenPtsMs: tS * 1000 })],
      );
      return grammar.update({ ptsMs: tS * 1000, ...source, tracks, slots: isGone ? [1, undefined] : [1, 2] });
    });

    expect(shots.map(({ held }) => held?.isMissing === true).indexOf(true)).toBeGreaterThan(30);
    expect(shots[70]).toMatchObject({ kind: 'single', groups: [[1]], reason: 'by_hand' });
    expect(shots[70]?.held).toEqual({ kind: 'single', trackId: 2, isMissing: true });
    expect(shots[119]).toMatchObject({ groups: [[2]] });
    expect([shots[20]?.held, shots[119]?.held]).toEqual(Array(2).fill({ kind: 'single', trackId: 2 }));
  });
});
