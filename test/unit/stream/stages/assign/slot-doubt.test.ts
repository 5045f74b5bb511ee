import { describe, expect, it } from 'vitest';
import { at, changes, run, type Person } from './slotted.js';

describe('slots after a cut, while it is not sure who is who', () => {
  const people = (tS: number): readonly Person[] =>
    [1, 2].map((id) => ({ id, x: 400 * id - 100, ...(tS >= 2 && tS < 2.5 && { doubt: 'cut' as const }) }));

  it.each([
    { name: 'places', options: {}, commands: [], unsure: [1, 2] },
    { name: 'persons', options: { mode: 'identity' } as const, commands: [], unsure: [undefined, undefined] },
    { name: 'locked', options: {}, commands: [{ action: 'lock' } as const], unsure: [undefined, undefined] },
    {
      name: 'one pinned',
      options: {},
      commands: [{ action: 'pin', slot: 0, trackId: 1 } as const],
      unsure: [undefined, 2],
    },
  ])('show nobody where they belong to persons: $name', ({ options, commands, unsure }) => {
    const slotted = run(people, { durationS: 4, options, commands: commands.map((action) => ({ atS: 1, action })) });

    expect(at(slotted, 1.9)).toEqual([1, 2]);
    expect(at(slotted, 2.2)).toEqual(unsure);
    expect(at(slotted, 3)).toEqual([1, 2]);
  });
});

describe('slots of somebody who was followed as two people', () => {
  it.each([
    { name: 'pinned', commands: [{ atS: 1, action: { action: 'pin', slot: 1, trackId: 5 } as const }] },
    { name: 'not pinned', commands: [] },
  ])('go on with the one that is left: $name', ({ commands }) => {
    const slotted = run((tS) => [{ id: 1, x: 300 }, tS < 2 ? { id: 5, x: 700 } : { id: 2, x: 700, mergedIds: [5] }], {
      durationS: 4,
      commands,
    });

    expect(at(slotted, 1.9)).toEqual([1, 5]);
    expect(changes(slotted)).toEqual([{ tS: 2, slots: [1, 2] }]);
  });
});
