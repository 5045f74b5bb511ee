import { describe, expect, it } from 'vitest';
import { SlotTable } from '#src/stream/stages/assign/slot-table.js';

/** A table with these people, from left to right; those of `pins` are pinned. */
function tableOf(slots: readonly (number | undefined)[], pins: readonly number[] = []): SlotTable {
  const table = new SlotTable(slots.length);
  slots.forEach((id, slot) => {
    if (id !== undefined && pins.includes(id)) table.pin(slot, id);
    else table.give(slot, id);
  });
  return table;
}

describe('SlotTable', () => {
  it('is empty at first', () => {
    const table = new SlotTable(3);

    expect(table.assignment).toEqual([undefined, undefined, undefined]);
    expect([table.count, table.ids, table.empty]).toEqual([3, [], [0, 1, 2]]);
  });

  it('lists people and empty slots from left to right', () => {
    const table = tableOf([4, undefined, 2]);

    expect([table.ids, table.empty, table.has(4), table.has(7)]).toEqual([[4, 2], [1], true, false]);
  });

  it.each([
    { name: 'an empty one', slots: [1, undefined], slot: 1, id: 1, after: [undefined, 1] },
    { name: 'that of another', slots: [1, 2], slot: 1, id: 1, after: [2, 1] },
    { name: 'that of another, by one without', slots: [1, 2], slot: 1, id: 3, after: [1, 3] },
    { name: 'their own', slots: [1, 2], slot: 0, id: 1, after: [1, 2] },
  ])('pins a person to a slot: $name', ({ slots, slot, id, after }) => {
    const table = tableOf(slots);

    table.pin(slot, id);

    expect(table.assignment).toEqual(after);
    expect(table.isPinned(slot)).toBe(true);
    expect(table.isPinned(1 - slot)).toBe(false);
  });

  it.each([-1, 2, 0.5])('has no slot %d', (slot) => {
    expect(() => tableOf([1, 2]).pin(slot, 1)).toThrow(expect.objectContaining({ code: 'DIPTYCH_E_NOT_FOUND' }));
  });

  it.each([
    { name: 'both shown', slots: [1, 2], pins: [], after: [2, 1] },
    { name: 'one shown', slots: [1, 3], pins: [], after: [2, 3] },
    { name: 'one pinned', slots: [1, 2], pins: [2], after: [1, 2] },
  ])('exchanges the slots of two people: $name', ({ slots, pins, after }) => {
    const table = tableOf(slots, pins);

    table.exchange(1, 2);

    expect(table.assignment).toEqual(after);
  });

  it('keeps a pin for an heir, and drops it otherwise', () => {
    const table = tableOf([1, 2], [1, 2]);

    table.inherit(0, 3);
    table.give(1, 4);

    expect([table.assignment, table.isPinned(0), table.isPinned(1)]).toEqual([[3, 4], true, false]);
  });

  it('reverses slots with their pins', () => {
    const table = tableOf([1, 2], [1]);

    table.reverse();

    expect([table.assignment, table.isPinned(0), table.isPinned(1)]).toEqual([[2, 1], false, true]);
  });

  it('removes all pins', () => {
    const table = tableOf([1, 2], [1, 2]);

    table.unpin();

    expect([table.assignment, table.isPinned(0), table.isPinned(1)]).toEqual([[1, 2], false, false]);
  });

  it.each([
    { name: 'of one without a slot', slots: [1, 5], pins: [5], into: 2, after: [1, 2], isPinned: true },
    { name: 'of one with a slot', slots: [2, 5], pins: [5], into: 2, after: [2, undefined], isPinned: false },
    { name: 'of nobody here', slots: [1, 3], pins: [], into: 2, after: [1, 3], isPinned: false },
  ])('gives the slot of somebody who is another one to that one: $name', ({ slots, pins, into, after, isPinned }) => {
    const table = tableOf(slots, pins);

    table.merge(5, into);

    expect([table.assignment, table.isPinned(1)]).toEqual([after, isPinned]);
  });
});
