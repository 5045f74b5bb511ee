import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { SlotAssignment, Track } from '#src/shared/domain/track.js';
import { assignSlots } from '#src/stream/stages/assign/assign-slots.operator.js';
import { LeftOut, type LeftOutOptions } from '#src/stream/stages/assign/left-out.js';
import { makeTrack, type Person } from './slotted.js';

const picture = { width: 1000, height: 700 };
/** Heads are at a height of about 0.5. */
const LEFT_THIRD = [
  [0, 0],
  [0.33, 0],
  [0.33, 1],
  [0, 1],
] as const;

const idsOf = (options: LeftOutOptions, people: readonly Person[]): readonly number[] =>
  new LeftOut(options)
    .admit({ ...picture, tracks: people.map((person) => makeTrack(person, 0)) })
    .tracks.map(({ id }) => id);

const THREE: readonly Person[] = [
  { id: 1, x: 200 },
  { id: 2, x: 500 },
  { id: 3, x: 800 },
];

describe('who may have a tile', () => {
  it.each<{ name: string; options: LeftOutOptions; ids: readonly number[] }>([
    { name: 'everybody', options: {}, ids: [1, 2, 3] },
    { name: 'without a number', options: { leaveOut: [2] }, ids: [1, 3] },
    {
      name: 'without a name',
      options: { leaveOut: [' Ben '], nameOf: (id) => (id === 3 ? 'Ben' : undefined) },
      ids: [1, 2],
    },
    { name: 'without names that nobody has', options: { leaveOut: ['Ben', 9] }, ids: [1, 2, 3] },
    { name: 'in a zone', options: { zone: LEFT_THIRD }, ids: [1] },
    { name: 'outside zones', options: { leaveOutZones: [LEFT_THIRD] }, ids: [2, 3] },
    { name: 'in a zone, without a part of it', options: { zone: LEFT_THIRD, leaveOutZones: [LEFT_THIRD] }, ids: [] },
  ])('$name', ({ options, ids }) => {
    expect(idsOf(options, THREE)).toEqual(ids);
  });

  it('is who goes on under another number', () => {
    const people = new LeftOut({ leaveOut: [3] });
    const admit = (tracks: readonly Person[]): readonly number[] =>
      people.admit({ ...picture, tracks: tracks.map((person) => makeTrack(person, 0)) }).tracks.map(({ id }) => id);

    admit([{ id: 2, x: 500, mergedIds: [3] }]);

    expect(admit([{ id: 2, x: 500 }])).toEqual([]);
  });

  it('counts a head that is half out of the picture', () => {
    expect(idsOf({ zone: LEFT_THIRD }, [{ id: 1, x: -20 }])).toEqual([1]);
  });
});

describe('slots of people who are left out', () => {
  /** The slots at each time, with options that change on the way. */
  const slotsAt = (
    times: readonly number[],
    optionsAt: (tS: number) => LeftOutOptions,
    peopleAt: (tS: number) => readonly Person[],
  ): readonly SlotAssignment[] => {
    const frames$ = new Subject<{ ptsMs: number; width: number; height: number; tracks: readonly Track[] }>();
    let nowS = 0;
    const leftOut: LeftOutOptions = {
      get leaveOut() {
        return optionsAt(nowS).leaveOut ?? [];
      },
      get zone() {
        return optionsAt(nowS).zone ?? [];
      },
    };
    const found = new Map<number, SlotAssignment>();
    frames$.pipe(assignSlots({ leftOut, holdS: 1 })).subscribe(({ slots }) => {
      for (const tS of times) if (nowS <= tS) found.set(tS, slots);
    });
    for (nowS = 0; nowS < 6; nowS += 0.1)
      frames$.next({ ptsMs: nowS * 1000, ...picture, tracks: peopleAt(nowS).map((person) => makeTrack(person, nowS)) });
    return times.map((tS) => found.get(tS)!);
  };
  const two = (): readonly Person[] => [
    { id: 1, x: 200 },
    { id: 2, x: 700 },
  ];

  it('are given up with the next frame, and given again', () => {
    const slots = slotsAt([1, 2.15, 5], (tS) => ({ leaveOut: tS > 2 && tS < 4 ? [2] : [] }), two);

    expect(slots).toEqual([
      [1, 2],
      [1, undefined],
      [1, 2],
    ]);
  });

  it('go to somebody else', () => {
    const slots = slotsAt(
      [1, 3],
      (tS) => ({ leaveOut: tS > 2 ? [1] : [] }),
      () => [...two(), { id: 3, x: 450, height: 60 }],
    );

    expect(slots[0]).toEqual([1, 2]);
    expect(slots[1]).toEqual([3, 2]);
  });

  it('are held for as long as those of people out of sight, of who walks out of the zone', () => {
    const slots = slotsAt(
      [1, 2.5, 4],
      () => ({ zone: LEFT_THIRD }),
      (tS) => [{ id: 1, x: tS < 2 ? 200 : 700 }],
    );

    expect(slots.map((assignment) => assignment.includes(1))).toEqual([true, true, false]);
  });
});
