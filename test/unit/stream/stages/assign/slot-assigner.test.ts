import { describe, expect, it } from 'vitest';
import { SlotAssigner } from '#src/stream/stages/assign/slot-assigner.js';
import { at, changes, run, width, type Person } from './slotted.js';

describe('slots by side', () => {
  it.each([
    {
      name: 'in order',
      people: [
        { id: 1, x: 300 },
        { id: 2, x: 700 },
      ],
      slots: [1, 2],
    },
    {
      name: 'the other way round',
      people: [
        { id: 1, x: 700 },
        { id: 2, x: 300 },
      ],
      slots: [2, 1],
    },
    { name: 'one on the left', people: [{ id: 1, x: 300 }], slots: [1, undefined] },
    { name: 'one on the right', people: [{ id: 1, x: 600 }], slots: [undefined, 1] },
    { name: 'nobody', people: [], slots: [undefined, undefined] },
  ])('are given to the people of the first frame: $name', ({ people, slots }) => {
    expect(run(() => people, { durationS: 0.1 })[0]!.slots).toEqual(slots);
  });

  it('do not change for jitter around equal positions', () => {
    const slotted = run(
      (tS) => [
        { id: 1, x: 500 + 45 * Math.sin(40 * tS) },
        { id: 2, x: 510 + 45 * Math.sin(31 * tS + 1) },
      ],
      { durationS: 30 },
    );

    expect(changes(slotted)).toEqual([]);
  });

  it.each([0.1, 0.2, 0.3])('do not change for a box on the wrong side for %f s', (wrongS) => {
    const slotted = run(
      (tS) => [
        { id: 1, x: tS >= 2 && tS < 2 + wrongS ? 620 : 400 },
        { id: 2, x: 540 },
      ],
      { durationS: 4 },
    );

    expect(changes(slotted)).toEqual([]);
  });

  it('do not change for people who pass each other by less than half a face', () => {
    const slotted = run(
      (tS) => [
        { id: 1, x: 480 + 40 * Math.sin(3 * tS) },
        { id: 2, x: 515 - 35 * Math.sin(3 * tS) },
      ],
      { durationS: 20 },
    );

    expect(changes(slotted)).toEqual([]);
  });

  it('do not change back at once, however fast people circle each other', () => {
    const slotted = run(
      (tS) => [
        { id: 1, x: 500 - 150 * Math.cos(8 * tS) },
        { id: 2, x: 500 + 150 * Math.cos(8 * tS) },
      ],
      { durationS: 20 },
    );

    const times = changes(slotted).map(({ tS }) => tS);
    for (const [index, tS] of times.slice(1).entries()) expect(tS - times[index]!).toBeGreaterThanOrEqual(0.8);
  });

  it('change before people who walk past each other are a face apart', () => {
    const slotted = run(
      (tS) => [
        { id: 1, x: 200 + 150 * tS },
        { id: 2, x: 800 - 150 * tS },
      ],
      { durationS: 3.5 },
    );

    // They meet after 2 s at 300 px/s; their faces are 90 px wide.
    expect(changes(slotted).map(({ slots }) => slots)).toEqual([[2, 1]]);
    expect(changes(slotted)[0]!.tS).toBeLessThan(2.3);
  });

  it.each([10, 15, 30, 60])('change once for a real change of sides, at the same time, at %i fps', (fps) => {
    const slotted = run(
      (tS) => {
        const way = 400 * Math.min(1, Math.max(0, (tS - 2) / 2));
        return [
          { id: 1, x: 300 + way },
          { id: 2, x: 700 - way },
        ];
      },
      { fps, durationS: 8 },
    );

    const [flip, ...more] = changes(slotted);
    expect(more).toEqual([]);
    expect(flip!.slots).toEqual([2, 1]);
    expect(flip!.tS).toBeGreaterThan(3);
    expect(flip!.tS).toBeLessThan(3.6 + 1 / fps);
  });

  it('do not change while one of them is out of sight', () => {
    const slotted = run(
      (tS) => {
        const two: Person = { id: 2, x: tS < 2 ? 600 : 300 };
        return tS < 2 || tS >= 3 ? [{ id: 1, x: 400 }, two] : [{ id: 1, x: 400, state: 'lost', seenS: 2 }, two];
      },
      { durationS: 5 },
    );

    const [flip, ...more] = changes(slotted);
    expect(flip!.tS).toBeGreaterThanOrEqual(3);
    expect(more).toEqual([]);
  });
});

describe('slots over time', () => {
  const two: Person = { id: 2, x: 700 };

  it.each([
    { goneS: 1.4, isHeld: true },
    { goneS: 1.7, isHeld: false },
  ])('are kept for a person out of sight for holdS: $goneS s', ({ goneS, isHeld }) => {
    // The tracker removes the track after a second; the slot is kept.
    const slotted = run(
      (tS) => {
        if (tS < 2) return [{ id: 1, x: 300 }, two];
        return tS < 3 ? [{ id: 1, x: 300, state: 'lost', seenS: 1.97 }, two] : [two];
      },
      { durationS: 5, options: { holdS: 1.5 } },
    );

    expect(at(slotted, 2 + goneS)).toEqual([isHeld ? 1 : undefined, 2]);
  });

  it('are given to a person who comes back by side', () => {
    const slotted = run((tS) => (tS < 2 || tS > 6 ? [{ id: 1, x: 300 }, two] : [two]), { durationS: 8 });

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([
      [undefined, 2],
      [1, 2],
    ]);
  });

  it('are not given to a person before confirmS', () => {
    const slotted = run(
      (tS) => {
        if (tS >= 1 && tS < 1.2) return [two, { id: 3, x: 300, bornS: 1 }];
        return tS >= 2 ? [two, { id: 4, x: 300, bornS: 2 }] : [two];
      },
      { durationS: 4, options: { confirmS: 0.3 } },
    );

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([[4, 2]]);
    expect(changes(slotted)[0]!.tS).toBeCloseTo(2.3, 1);
  });

  it('are given to somebody who is recognised at once', () => {
    const slotted = run((tS) => (tS >= 2 ? [two, { id: 4, x: 300, bornS: 2, isRecognised: true }] : [two]), {
      ...{ durationS: 3, options: { confirmS: 0.3 } },
    });

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([[4, 2]]);
    expect(changes(slotted)[0]!.tS).toBeCloseTo(2, 1);
  });

  it.each(['new', 'removed', 'lost'] as const)('are not given to a track that is %s', (state) => {
    const slotted = run(() => [two, { id: 3, x: 300, state, seenS: -1 }], { durationS: 2 });

    expect(slotted.at(-1)!.slots).toEqual([undefined, 2]);
  });

  it('go from a removed track to the next person at once', () => {
    const slotted = run((tS) => (tS < 2 ? [{ id: 1, x: 300 }, two] : [two, { id: 5, x: 320, bornS: 2 }]), {
      durationS: 4,
    });

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([[5, 2]]);
    expect(changes(slotted)[0]!.tS).toBeLessThan(2.4);
  });

  it.each([
    { name: 'in the same position', x: 320, height: 120, most: 2.7 },
    { name: 'elsewhere', x: 50, height: 120, most: 3.7 },
    { name: 'of another size', x: 320, height: 300, most: 3.7 },
  ])('go from a lost person to another one: $name', ({ x, height, most }) => {
    const slotted = run(
      (tS) =>
        tS < 2
          ? [{ id: 1, x: 300 }, two]
          : [{ id: 1, x: 300, state: 'lost', seenS: 2 }, two, { id: 5, x, height, bornS: 2 }],
      { durationS: 6, options: { holdS: 1.5 } },
    );

    const change = changes(slotted).find(({ slots }) => slots[0] === 5)!;
    expect(change.tS).toBeGreaterThan(2.4);
    expect(change.tS).toBeLessThan(most);
    expect(change.tS).toBeGreaterThan(most - 0.3);
  });

  it('are given by distance where two are vacant', () => {
    const slotted = run((tS) => (tS < 2 ? [{ id: 1, x: 300 }, two] : [{ id: 5, x: 680, bornS: 2 }]), { durationS: 3 });

    expect(at(slotted, 2.9)).toEqual([1, 5]);
  });

  it('need a PTS that rises', () => {
    const assigner = new SlotAssigner();
    assigner.update({ ptsMs: 100, width, tracks: [] });

    for (const ptsMs of [100, 99, Number.NaN]) {
      expect(() => assigner.update({ ptsMs, width, tracks: [] })).toThrow(
        expect.objectContaining({ code: 'DIPTYCH_E_PTS_NOT_MONOTONIC' }),
      );
    }
  });
});

describe('slots among more than two people', () => {
  const crowd: readonly Person[] = [
    { id: 1, x: 500, height: 200 },
    { id: 2, x: 80, height: 60 },
    { id: 3, x: 700, height: 190 },
    { id: 4, x: 950, height: 70 },
  ];

  it('go to the large and central ones', () => {
    expect(run(() => crowd, { durationS: 1 }).at(-1)!.slots).toEqual([1, 3]);
  });

  it('do not follow every change of interest', () => {
    const slotted = run(
      (tS) => [
        { id: 1, x: 300, height: 150 + 30 * Math.sin(5 * tS) },
        { id: 2, x: 500, height: 150 + 30 * Math.cos(4 * tS) },
        { id: 3, x: 700, height: 150 + 30 * Math.sin(3 * tS + 2) },
      ],
      { durationS: 30 },
    );

    expect(changes(slotted)).toEqual([]);
  });

  it('change once when another person is clearly more interesting', () => {
    const slotted = run(
      (tS) => [
        { id: 1, x: 300, height: 150 },
        { id: 2, x: 700, height: tS < 5 ? 150 : 50 },
        { id: 3, x: 500, height: tS < 5 ? 100 : 220, bornS: 0.1 },
      ],
      { durationS: 15 },
    );

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([[1, 3]]);
    expect(changes(slotted)[0]!.tS).toBeGreaterThan(6);
  });

  it('do not change for a person who is more interesting for a moment', () => {
    const slotted = run(
      (tS) => [
        { id: 1, x: 300, height: 150 },
        { id: 2, x: 700, height: 150 },
        { id: 3, x: 500, height: tS > 5 && tS < 6 ? 400 : 60 },
      ],
      { durationS: 10 },
    );

    expect(changes(slotted)).toEqual([]);
  });
});
