import { describe, expect, it } from 'vitest';
import { DiptychError } from '#src/shared/domain/errors.js';
import type { SlotAssignment } from '#src/shared/domain/track.js';
import { SlotAssigner } from '#src/stream/stages/assign/slot-assigner.js';
import type { SlotAssignerOptions } from '#src/stream/stages/assign/slot-options.js';
import { at, changes, makeTrack, run, width, type Person } from './slotted.js';

describe('slots of people whom the tracker swapped', () => {
  const corrected = (tS: number): readonly Person[] =>
    tS < 2
      ? [
          { id: 1, x: 300 },
          { id: 2, x: 700 },
        ]
      : [
          { id: 1, x: 705 },
          { id: 2, x: 304 },
        ];

  it.each([
    { mode: 'position', slots: [[2, 1]] },
    { mode: 'identity', slots: [] },
  ] as const)('stay with the place, or the person: $mode', ({ mode, slots }) => {
    const slotted = run(corrected, { durationS: 5, options: { mode } });

    expect(changes(slotted).map((change) => change.slots)).toEqual(slots);
    for (const { tS } of changes(slotted)) expect(tS).toBe(2);
  });

  it.each([
    { name: 'locked', action: { action: 'lock' } },
    { name: 'pinned', action: { action: 'pin', slot: 0, trackId: 1 } },
  ] as const)('do not change while $name', ({ action }) => {
    const slotted = run(corrected, { durationS: 5, commands: [{ atS: 1, action }] });

    expect(changes(slotted)).toEqual([]);
  });
});

describe('slots by identity', () => {
  const options: SlotAssignerOptions = { mode: 'identity' };

  it('stay with their person, whatever the positions', () => {
    const slotted = run(
      (tS) => [
        { id: 1, x: 500 - 300 * Math.cos(tS) },
        { id: 2, x: 500 + 300 * Math.cos(tS) },
      ],
      { durationS: 20, options },
    );

    expect(slotted[0]!.slots).toEqual([1, 2]);
    expect(changes(slotted)).toEqual([]);
  });

  it.each([
    { maxTiles: 2, before: [1, 2], gone: [undefined, 2] },
    { maxTiles: 4, before: [1, 2, undefined, undefined], gone: [undefined, 2, undefined, undefined] },
  ])('are given back to a person who comes back on the other side, of $maxTiles', ({ maxTiles, before, gone }) => {
    const slotted = run(
      (tS) => {
        const two: Person = { id: 2, x: 600 };
        if (tS < 2) return [{ id: 1, x: 200 }, two];
        return tS < 6 ? [two] : [two, { id: 1, x: 900, bornS: 6 }];
      },
      { durationS: 8, options: { ...options, maxTiles } },
    );

    expect(slotted[0]!.slots).toEqual(before);
    expect(changes(slotted).map(({ slots }) => slots)).toEqual([gone, before]);
  });

  it('go to another person when theirs is gone, who then gets another slot', () => {
    const slotted = run(
      (tS) => {
        const others: readonly Person[] = [{ id: 2, x: 700 }, ...(tS > 4 ? [{ id: 3, x: 400, bornS: 4 }] : [])];
        return tS < 1 || tS > 8 ? [{ id: 1, x: 200 }, ...others] : others;
      },
      { durationS: 10, options: { ...options, maxTiles: 3 } },
    );

    expect(slotted.at(-1)!.slots).toEqual([3, 2, 1]);
  });

  it.each([
    { name: 'one of the latest', id: 81, slots: [undefined, 81] },
    { name: 'one of long ago', id: 2, slots: [2, undefined] },
  ])('are remembered for the latest people only: $name', ({ id, slots }) => {
    // Eighty people come and go on the right, beside one who stays on the left.
    const slotted = run(
      (tS) => {
        const stays: Person = { id: 1, x: 200 };
        const guest: Person = { id: 2 + Math.floor(tS / 3), x: 800, bornS: Math.floor(tS) };
        if (tS < 240) return tS % 3 < 1 ? [stays, guest] : [stays];
        return tS < 244 ? [] : [{ id, x: 300, bornS: 244 }];
      },
      { fps: 10, durationS: 246, options },
    );

    expect(slotted.at(-1)!.slots).toEqual(slots);
  });

  it('are swapped by command', () => {
    const slotted = run(
      () => [
        { id: 1, x: 200 },
        { id: 2, x: 700 },
      ],
      {
        durationS: 4,
        options,
        commands: [{ atS: 1, action: { action: 'swap' } }],
      },
    );

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([[2, 1]]);
  });
});

describe.each([3, 4])('%i slots', (maxTiles) => {
  const row = (...xs: readonly number[]): readonly Person[] => xs.map((x, index) => ({ id: index + 1, x }));
  const shown = (slots: SlotAssignment): readonly (number | undefined)[] => slots.filter((id) => id !== undefined);
  const options: SlotAssignerOptions = { maxTiles };

  it('are filled from left to right', () => {
    const { slots } = run(() => row(800, 200, 500, 350).slice(0, maxTiles), { durationS: 0.1, options })[0]!;

    expect(slots).toEqual(maxTiles === 3 ? [2, 3, 1] : [2, 4, 3, 1]);
  });

  it.each([
    { name: 'left of all', x: 100, order: [3, 1, 2] },
    { name: 'between', x: 480, order: [1, 3, 2] },
    { name: 'right of all', x: 900, order: [1, 2, 3] },
  ])('are given to a new person by position: $name', ({ x, order }) => {
    const slotted = run((tS) => (tS < 1 ? row(300, 700) : [...row(300, 700), { id: 3, x, bornS: 1 }]), {
      durationS: 3,
      options,
    });

    expect(changes(slotted)).toHaveLength(1);
    expect(shown(slotted.at(-1)!.slots)).toEqual(order);
  });

  it('change in pairs as people pass one after the other', () => {
    const slotted = run((tS) => [{ id: 1, x: 100 + 80 * tS }, ...row(0, 300, 500, 700).slice(1, maxTiles)], {
      durationS: 11,
      options,
    });

    const orders = changes(slotted).map(({ slots }) => slots);
    expect(orders).toEqual(
      maxTiles === 3
        ? [
            [2, 1, 3],
            [2, 3, 1],
          ]
        : [
            [2, 1, 3, 4],
            [2, 3, 1, 4],
            [2, 3, 4, 1],
          ],
    );
  });

  it('do not change for jitter', () => {
    const slotted = run(
      (tS) =>
        row(400, 420, 440, 460).map((person) => ({ ...person, x: person.x + 40 * Math.sin((30 + person.id) * tS) })),
      { durationS: 20, options },
    );

    expect(changes(slotted)).toEqual([]);
  });

  it('go to the most interesting people, and change once when that changes', () => {
    const heights = (tS: number): readonly number[] => (tS < 5 ? [200, 180, 190, 170, 60] : [200, 180, 40, 170, 230]);
    const slotted = run(
      (tS) => row(150, 300, 450, 600, 750).map((person) => ({ ...person, height: heights(tS)[person.id - 1]! })),
      { durationS: 15, options },
    );

    expect(slotted[0]!.slots).not.toContain(5);
    const after = changes(slotted).filter(({ tS }) => tS > 5);
    expect(after).toHaveLength(1);
    expect(after[0]!.slots).toContain(5);
    expect(after[0]!.slots).not.toContain(3);
  });

  it('keep a pinned person while the others change sides', () => {
    const slotted = run((tS) => (tS < 3 ? row(200, 500, 800) : row(200, 800, 500)), {
      durationS: 8,
      options,
      commands: [{ atS: 1, action: { action: 'pin', slot: 0, trackId: 2 } }],
    });

    // 2 and 1 have changed sides; 1 is still left of 3.
    expect(at(slotted, 2).slice(0, 3)).toEqual([2, 1, 3]);
    expect(slotted.at(-1)!.slots[0]).toBe(2);
    expect(shown(slotted.at(-1)!.slots)).toEqual([2, 1, 3]);
  });

  it('are reversed by a swap until the people are in that order, and do not change while locked', () => {
    const way = (tS: number): readonly Person[] => {
      const part = Math.min(1, Math.max(0, (tS - 3) / 4));
      return row(200 + 600 * part, 500, 800 - 600 * part);
    };
    const swapped = run(way, { durationS: 10, options, commands: [{ atS: 1, action: { action: 'swap' } }] });
    const locked = run(way, { durationS: 10, options, commands: [{ atS: 1, action: { action: 'lock' } }] });

    expect(changes(swapped)).toHaveLength(1);
    expect(shown(swapped.at(-1)!.slots)).toEqual([3, 2, 1]);
    expect(changes(locked)).toEqual([]);
  });

  it('are kept for a person out of sight, then become empty', () => {
    const slotted = run((tS) => (tS < 2 ? row(200, 500, 800) : row(200, 500, 800).slice(1)), { durationS: 5, options });

    expect(changes(slotted).map(({ slots }) => shown(slots))).toEqual([[2, 3]]);
    expect(changes(slotted)[0]!.tS).toBeGreaterThan(3.4);
  });

  it('can be pinned, but not beyond the last', () => {
    const assigner = new SlotAssigner(options);
    assigner.update({ ptsMs: 0, width, tracks: [makeTrack({ id: 1, x: 300 }, 0)] });

    assigner.apply({ action: 'pin', slot: maxTiles - 1, trackId: 1 });
    expect(() => assigner.apply({ action: 'pin', slot: maxTiles, trackId: 1 })).toThrow(DiptychError);
  });
});

it.each([2, 3, 4])('%i people who wander have the right slots while they are apart', (maxTiles) => {
  const xs = (tS: number): readonly number[] =>
    [0, 1, 2, 3].slice(0, maxTiles).map((index) => 500 + 400 * Math.sin(0.31 * (1 + 0.23 * index) * tS + 1.9 * index));
  const slotted = run((tS) => xs(tS).map((x, index) => ({ id: index + 1, x })), {
    durationS: 300,
    options: { maxTiles },
  });

  const asked = slotted.flatMap(({ tS, slots }) => {
    const order = [...xs(tS).entries()].sort((a, b) => a[1] - b[1]);
    const areApart = order.slice(1).every(([, x], index) => x - order[index]![1] > 90);
    return areApart ? [String(slots) === String(order.map(([index]) => index + 1))] : [];
  });
  const share = asked.filter(Boolean).length / asked.length;
  console.log(`${maxTiles} people who wander: right slots ${(share * 100).toFixed(2)} % of ${asked.length} frames`);
  expect(asked.length).toBeGreaterThan(1000);
  expect(share).toBeGreaterThanOrEqual(0.99);
});

it('one slot goes to the most interesting person', () => {
  const slotted = run(
    () => [
      { id: 1, x: 300, height: 80 },
      { id: 2, x: 600, height: 200 },
    ],
    {
      durationS: 2,
      options: { maxTiles: 1 },
    },
  );

  expect(slotted.at(-1)!.slots).toEqual([2]);
  expect(changes(slotted)).toEqual([]);
});
