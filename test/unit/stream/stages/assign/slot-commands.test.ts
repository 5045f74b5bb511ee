import { describe, expect, it } from 'vitest';
import { DiptychError } from '#src/shared/domain/errors.js';
import { SlotAssigner } from '#src/stream/stages/assign/slot-assigner.js';
import { changes, makeTrack, run, width, type Person } from './slotted.js';

describe('slots by command', () => {
  const pair = (tS: number): readonly Person[] => {
    const way = 400 * Math.min(1, Math.max(0, (tS - 4) / 2));
    return [
      { id: 1, x: 300 + way },
      { id: 2, x: 700 - way },
    ];
  };

  it('are swapped, and stay so when the people then change sides', () => {
    const slotted = run(pair, { durationS: 10, commands: [{ atS: 1, action: { action: 'swap' } }] });

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([[2, 1]]);
  });

  it('follow sides again once the people have changed sides after a swap', () => {
    const back = (tS: number): readonly Person[] => pair(tS < 8 ? tS : 14 - tS);
    const slotted = run(back, { durationS: 14, commands: [{ atS: 1, action: { action: 'swap' } }] });

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([
      [2, 1],
      [1, 2],
    ]);
  });

  it.each([
    [['swap'], [2, 1]],
    [
      ['swap', 'swap'],
      [1, 2],
    ],
    [
      ['swap', 'unlock'],
      [1, 2],
    ],
  ] as const)('that nobody has yet are as %j asks for, once two people have them', (actions, slots) => {
    const later = (tS: number): readonly Person[] => (tS < 1 ? [] : pair(0).slice(0, tS < 1.5 ? 1 : 2));
    const commands = actions.map((action) => ({ atS: 0.5, action: { action } }));

    const slotted = run(later, { durationS: 5, commands });

    expect(slotted.at(-1)!.slots).toEqual(slots);
  });

  it('are as before after two swaps', () => {
    const commands = [1, 2].map((atS) => ({ atS, action: { action: 'swap' as const } }));
    const slotted = run(pair, { durationS: 10, commands });

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([
      [2, 1],
      [1, 2],
      [2, 1],
    ]);
  });

  it('do not change while locked, and do afterwards', () => {
    const slotted = run(pair, {
      durationS: 12,
      commands: [
        { atS: 1, action: { action: 'lock' } },
        { atS: 9, action: { action: 'unlock' } },
      ],
    });

    expect(changes(slotted).map(({ tS }) => tS)).toEqual([9]);
    expect(slotted.at(-1)!.slots).toEqual([2, 1]);
  });

  it('keep a pinned person where they were pinned', () => {
    const slotted = run(pair, {
      durationS: 10,
      commands: [{ atS: 1, action: { action: 'pin', slot: 1, trackId: 1 } }],
    });

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([[2, 1]]);
  });

  it('lose their pins when unlocked', () => {
    const slotted = run(pair, {
      durationS: 10,
      commands: [
        { atS: 1, action: { action: 'pin', slot: 0, trackId: 1 } },
        { atS: 8, action: { action: 'unlock' } },
      ],
    });

    expect(changes(slotted)).toMatchObject([{ tS: 8, slots: [2, 1] }]);
  });

  it('are given to a pinned person who had none, whoever is more interesting', () => {
    const three = (): readonly Person[] => [
      { id: 1, x: 300, height: 200 },
      { id: 2, x: 700, height: 200 },
      { id: 3, x: 950, height: 50 },
    ];
    const slotted = run(three, {
      durationS: 10,
      commands: [{ atS: 1, action: { action: 'pin', slot: 1, trackId: 3 } }],
    });

    expect(slotted.at(-1)!.slots).toEqual([1, 3]);
  });

  it('keep a pin for the same person under a new id', () => {
    const slotted = run(
      (tS) =>
        tS < 3
          ? [
              { id: 1, x: 300 },
              { id: 2, x: 700 },
            ]
          : [
              { id: 1, x: 300 },
              { id: 9, x: 690, bornS: 3 },
            ],
      { durationS: 5, commands: [{ atS: 1, action: { action: 'pin', slot: 0, trackId: 2 } }] },
    );

    expect(slotted.at(-1)!.slots).toEqual([9, 1]);
  });

  it.each([
    { action: { action: 'pin', slot: 2, trackId: 1 } },
    { action: { action: 'pin', slot: -1, trackId: 1 } },
    { action: { action: 'pin', slot: 0.5, trackId: 1 } },
    { action: { action: 'pin', slot: 0, trackId: 77 } },
  ] as const)('refuse what there is not: $action', ({ action }) => {
    const assigner = new SlotAssigner();
    const tracks = [makeTrack({ id: 1, x: 300 }, 0)];
    assigner.update({ ptsMs: 0, width, tracks });

    expect(() => assigner.apply(action)).toThrow(DiptychError);
    expect(assigner.update({ ptsMs: 10, width, tracks })).toEqual([1, undefined]);
  });
});
