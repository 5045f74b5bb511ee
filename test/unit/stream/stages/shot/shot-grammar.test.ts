import { describe, expect, it } from 'vitest';
import type { ShotKind } from '#src/shared/domain/shot.js';
import type { Shot } from '#src/stream/domain/shot.js';
import { ShotGrammar } from '#src/stream/stages/shot/shot-grammar.js';
import { faceBox, makeTrack, source } from '../compose/two-people.js';
import { during, except, FACE, play, stay, walk, type Path, type Person } from './played-shots.js';

const told = (shots: readonly Shot[]): readonly string[] =>
  shots.map(({ kind, reason, groups }) =>
    `${kind} ${reason} ${groups.map((group) => group.join('+')).join(' ')}`.trim(),
  );
const sinceS = ({ sincePtsMs }: Shot): number => sincePtsMs / 1000;
const durations = (shots: readonly Shot[]): readonly number[] =>
  shots.slice(1).map((shot, index) => sinceS(shot) - sinceS(shots[index]!));

describe('shots of people', () => {
  it.each<{ name: string; people: readonly Person[]; durationS: number; shots: readonly string[] }>([
    { name: 'nobody', people: [], durationS: 3, shots: ['wide nobody'] },
    { name: 'one person', people: [{ id: 1, at: stay(900) }], durationS: 3, shots: ['single alone 1'] },
    {
      name: 'two who are apart',
      people: [
        { id: 1, at: stay(400) },
        { id: 2, at: stay(1500) },
      ],
      durationS: 5,
      shots: ['split apart 1 2'],
    },
    {
      name: 'two whose tiles would show the same wall',
      people: [
        { id: 1, at: stay(800) },
        { id: 2, at: stay(1150) },
      ],
      durationS: 5,
      shots: ['together close 1+2'],
    },
    {
      name: 'two who stand together and cheek by cheek',
      people: [
        { id: 1, at: stay(900) },
        { id: 2, at: stay(1050) },
      ],
      durationS: 5,
      shots: ['together same_person 1+2'],
    },
    {
      name: 'two who meet and part again',
      people: [
        { id: 1, at: (tS) => (tS < 8 ? walk(400, 850, 3, 6)(tS) : walk(850, 400, 8, 11)(tS)) },
        { id: 2, at: (tS) => (tS < 8 ? walk(1500, 1050, 3, 6)(tS) : walk(1050, 1500, 8, 11)(tS)) },
      ],
      durationS: 15,
      shots: ['split apart 1 2', 'together close 1+2', 'split apart 1 2'],
    },
    {
      name: 'two who cross',
      people: [
        { id: 1, at: walk(400, 1500, 3, 6) },
        { id: 2, at: walk(1500, 400, 3, 6) },
      ],
      durationS: 10,
      shots: ['split apart 1 2', 'together close 2+1', 'split apart 2 1'],
    },
    {
      name: 'one who goes out',
      people: [
        { id: 1, at: stay(600) },
        { id: 2, at: during(walk(1400, 2100, 3, 5), 0, 4.5) },
      ],
      durationS: 8,
      shots: ['split apart 1 2', 'single alone 1'],
    },
    {
      name: 'one who turns round for a second',
      people: [
        { id: 1, at: stay(600) },
        { id: 2, at: except(stay(1400), 3, 4) },
      ],
      durationS: 8,
      shots: ['split apart 1 2'],
    },
    {
      name: 'a second person who comes in and stops',
      people: [
        { id: 1, at: stay(600) },
        { id: 2, at: during(walk(1850, 1400, 4, 6), 4, 20) },
      ],
      durationS: 12,
      shots: ['single alone 1', 'wide entering', 'split apart 1 2'],
    },
    {
      name: 'a second person who is suddenly there, as one who turns round',
      people: [
        { id: 1, at: stay(600) },
        { id: 2, at: during(stay(1300), 4, 20) },
      ],
      durationS: 9,
      shots: ['single alone 1', 'split apart 1 2'],
    },
    {
      name: 'somebody into an empty scene',
      people: [{ id: 1, at: during(walk(60, 900, 3, 6), 3, 20) }],
      durationS: 10,
      shots: ['wide nobody', 'single alone 1'],
    },
    {
      name: 'the last one who goes out',
      people: [{ id: 1, at: during(walk(1000, 2100, 3, 5), 0, 4.4) }],
      durationS: 8,
      shots: ['single alone 1', 'wide nobody'],
    },
    {
      name: 'one behind the other for three seconds',
      people: [
        { id: 1, at: stay(900) },
        { id: 2, at: except(walk(1500, 930, 2, 4), 4, 7) },
      ],
      durationS: 10,
      shots: ['split apart 1 2', 'together close 1+2'],
    },
    {
      name: 'two, with a third without a tile between them',
      people: [
        { id: 1, at: stay(730) },
        { id: 2, at: stay(1180) },
        { id: 3, at: during(stay(955), 3, 20), hasSlot: () => false },
      ],
      durationS: 6,
      shots: ['split apart 1 2', 'together same_person 1+2'],
    },
    {
      name: 'three, of whom two stand together',
      people: [
        { id: 1, at: stay(300) },
        { id: 2, at: stay(520) },
        { id: 3, at: stay(1600) },
      ],
      durationS: 5,
      shots: ['split apart 1+2 3'],
    },
    {
      name: 'three who stand together',
      people: [
        { id: 1, at: stay(700) },
        { id: 2, at: stay(900) },
        { id: 3, at: stay(1100) },
      ],
      durationS: 5,
      shots: ['together same_person 1+2+3'],
    },
  ])('$name', ({ people, durationS, shots }) => {
    const played = play(people, durationS);

    expect(told(played)).toEqual(shots);
    for (const length of durations(played)) expect(length).toBeGreaterThan(1.99);
  });

  it('shows two people in one frame before their tiles show the same one, whatever the shortest shot', () => {
    const people = [
      { id: 1, at: walk(400, 950, 1, 1.5) },
      { id: 2, at: walk(1500, 970, 1, 1.5) },
    ];
    const [split, together] = play(people, 4, { minS: 30 });

    expect(split?.kind).toBe('split');
    expect(together?.kind).toBe('together');
    // Their heads would be in each other's tile from 1.36 s on.
    expect(sinceS(together!)).toBeLessThan(1.3);
    expect(together?.isUrgent).toBe(true);
  });

  it.each([0, 1, 4])('holds each shot for %s s at least', (minS) => {
    const sway =
      (middle: number, amount: number): Path =>
      (tS) =>
        middle + amount * Math.sin(tS * 2);
    const shots = play(
      [
        { id: 1, at: sway(700, -85) },
        { id: 2, at: sway(1220, 85) },
      ],
      40,
      { minS },
    );

    for (const length of durations(shots)) expect(length).toBeGreaterThan(minS - 0.01);
  });

  it('goes back to tiles only when there is space between them', () => {
    const kindAt = (distance: number, begin: ShotKind): ShotKind => {
      const half = distance / 2;
      const from = begin === 'together' ? 100 : 400;
      const people = [
        { id: 1, at: walk(960 - from, 960 - half, 3, 6) },
        { id: 2, at: walk(960 + from, 960 + half, 3, 6) },
      ];
      return play(people, 12).at(-1)!.kind;
    };

    const distances = [400, 500, 560];
    expect(distances.map((distance) => kindAt(distance, 'split'))).toEqual(['together', 'split', 'split']);
    expect(distances.map((distance) => kindAt(distance, 'together'))).toEqual(['together', 'together', 'split']);
  });

  it('plans the same moment again when time does not go on', () => {
    const grammar = new ShotGrammar({ output: { width: 1920, height: 1080 } });
    const tracks = [makeTrack({ id: 1, box: faceBox({ x: 900, y: 500 }, FACE) })];
    const first = grammar.update({ ptsMs: 1000, ...source, tracks, slots: [1] });

    expect(grammar.update({ ptsMs: 990, ...source, tracks, slots: [1] })).toEqual(first);
  });
});
