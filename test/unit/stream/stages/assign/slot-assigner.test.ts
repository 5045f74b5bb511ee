import { describe, expect, it } from 'vitest';
import { DiptychError } from '#src/shared/domain/errors.js';
import { SlotAssigner } from '#src/stream/stages/assign/slot-assigner.js';
import { at, changes, makeTrack, run, width, type Person } from './slotted.js';

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
  ])('seats whoever is there in the first frame: $name', ({ people, slots }) => {
    expect(run(() => people, { durationS: 0.1 })[0]!.slots).toEqual(slots);
  });

  it('does not flip for jitter around equal positions', () => {
    const slotted = run(
      (tS) => [
        { id: 1, x: 500 + 45 * Math.sin(40 * tS) },
        { id: 2, x: 510 + 45 * Math.sin(31 * tS + 1) },
      ],
      { durationS: 30 },
    );

    expect(changes(slotted)).toEqual([]);
  });

  it.each([0.1, 0.2, 0.3])('does not flip for a box on the wrong side for %f s', (wrongS) => {
    const slotted = run(
      (tS) => [
        { id: 1, x: tS >= 2 && tS < 2 + wrongS ? 620 : 400 },
        { id: 2, x: 540 },
      ],
      { durationS: 4 },
    );

    expect(changes(slotted)).toEqual([]);
  });

  it('does not flip for people who lean past each other by less than half a face', () => {
    const slotted = run(
      (tS) => [
        { id: 1, x: 480 + 40 * Math.sin(3 * tS) },
        { id: 2, x: 515 - 35 * Math.sin(3 * tS) },
      ],
      { durationS: 20 },
    );

    expect(changes(slotted)).toEqual([]);
  });

  it('does not flip back at once, however fast they go round each other', () => {
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

  it('flips before people who walk past each other are a face apart', () => {
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

  it.each([10, 15, 30, 60])('flips once for a real change of sides, at the same time, at %i fps', (fps) => {
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

  it('does not flip while one of them is out of sight', () => {
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
  ])('keeps the tile of a person out of sight for holdS: $goneS s', ({ goneS, isHeld }) => {
    // The tracker gives the track up after a second; the slot is kept all the same.
    const slotted = run(
      (tS) => {
        if (tS < 2) return [{ id: 1, x: 300 }, two];
        return tS < 3 ? [{ id: 1, x: 300, state: 'lost', seenS: 1.97 }, two] : [two];
      },
      { durationS: 5, options: { holdS: 1.5 } },
    );

    expect(at(slotted, 2 + goneS)).toEqual([isHeld ? 1 : undefined, 2]);
  });

  it('gives a person who comes back the tile of their side', () => {
    const slotted = run((tS) => (tS < 2 || tS > 6 ? [{ id: 1, x: 300 }, two] : [two]), { durationS: 8 });

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([
      [undefined, 2],
      [1, 2],
    ]);
  });

  it('seats nobody before they are confirmed, and no flash at all', () => {
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

  it.each(['new', 'removed', 'lost'] as const)('does not seat a track that is %s', (state) => {
    const slotted = run(() => [two, { id: 3, x: 300, state, seenS: -1 }], { durationS: 2 });

    expect(slotted.at(-1)!.slots).toEqual([undefined, 2]);
  });

  it('hands the tile of a track that is gone to the next person at once', () => {
    const slotted = run((tS) => (tS < 2 ? [{ id: 1, x: 300 }, two] : [two, { id: 5, x: 320, bornS: 2 }]), {
      durationS: 4,
    });

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([[5, 2]]);
    expect(changes(slotted)[0]!.tS).toBeLessThan(2.4);
  });

  it.each([
    { name: 'in the same place', x: 320, height: 120, most: 2.7 },
    { name: 'elsewhere', x: 50, height: 120, most: 3.7 },
    { name: 'of another size', x: 320, height: 300, most: 3.7 },
  ])('hands the tile of a lost person on: $name', ({ x, height, most }) => {
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

  it('gives the nearer of two vacant tiles', () => {
    const slotted = run((tS) => (tS < 2 ? [{ id: 1, x: 300 }, two] : [{ id: 5, x: 680, bornS: 2 }]), { durationS: 3 });

    expect(at(slotted, 2.9)).toEqual([1, 5]);
  });

  it('refuses a PTS that does not rise', () => {
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

  it('change hands once when somebody else is clearly in front', () => {
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

  it('are not lost to somebody who is in front for a moment', () => {
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

describe('slots by command', () => {
  const pair = (tS: number): readonly Person[] => {
    const way = 400 * Math.min(1, Math.max(0, (tS - 4) / 2));
    return [
      { id: 1, x: 300 + way },
      { id: 2, x: 700 - way },
    ];
  };

  it('are exchanged, and stay so, also when the people then change sides', () => {
    const slotted = run(pair, { durationS: 10, commands: [{ atS: 1, action: { action: 'swap' } }] });

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([[2, 1]]);
  });

  it('go by sides again once the people have changed sides after an exchange', () => {
    const back = (tS: number): readonly Person[] => pair(tS < 8 ? tS : 14 - tS);
    const slotted = run(back, { durationS: 14, commands: [{ atS: 1, action: { action: 'swap' } }] });

    expect(changes(slotted).map(({ slots }) => slots)).toEqual([
      [2, 1],
      [1, 2],
    ]);
  });

  it('are as before after two exchanges', () => {
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

  it('let go of pins when unlocked', () => {
    const slotted = run(pair, {
      durationS: 10,
      commands: [
        { atS: 1, action: { action: 'pin', slot: 0, trackId: 1 } },
        { atS: 8, action: { action: 'unlock' } },
      ],
    });

    expect(changes(slotted)).toMatchObject([{ tS: 8, slots: [2, 1] }]);
  });

  it('give a tile to a pinned person who had none, whoever is more interesting', () => {
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

  it('hand a pin on to the same person under a new id', () => {
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
