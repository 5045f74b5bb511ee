import { describe, expect, it } from 'vitest';
import type { RememberedTile, RememberedTiles } from '#src/shared/domain/remembered-people.js';
import { SlotAssigner } from '#src/stream/stages/assign/slot-assigner.js';
import type { SlotAssignerOptions } from '#src/stream/stages/assign/slot-options.js';
import { at, makeTrack, run, width, type Person } from './slotted.js';

/** Where somebody was, by the middle of the box. */
const tile = (trackId: number, x: number, isPinned = false): RememberedTile => ({
  trackId,
  isPinned,
  box: { x: (x - 45) / width, y: 0.3, width: 90 / width, height: 0.2 },
});

const options = (tiles: readonly RememberedTile[], more: SlotAssignerOptions = {}, isLocked = false) => ({
  durationS: 3,
  options: { ...more, before: { isLocked, tiles } satisfies RememberedTiles },
});

/** The numbers of a run that does not know them yet. */
const strangers = (left = 11, right = 12): Person[] => [
  { id: left, x: 250 },
  { id: right, x: 750 },
];

describe('tiles as the run before left them', () => {
  it.each<readonly [string, SlotAssignerOptions, readonly RememberedTile[], boolean]>([
    ['of persons', { mode: 'identity' }, [tile(2, 750), tile(1, 250)], false],
    ['that were locked', {}, [tile(2, 750), tile(1, 250)], true],
    ['that were pinned', {}, [tile(2, 750, true), tile(1, 250)], false],
    ['that were exchanged', {}, [tile(2, 750), tile(1, 250)], false],
  ])('%s go to the same people, wherever they are now', (_what, mode, tiles, isLocked) => {
    const slotted = run(() => strangers(1, 2), options(tiles, mode, isLocked));

    expect(at(slotted, 0)).toEqual([2, 1]);
    expect(at(slotted, 2.9)).toEqual([2, 1]);
  });

  it('of persons wait 1.5 s to learn who is there, then go by the last sides', () => {
    const slotted = run(() => strangers(), options([tile(2, 740), tile(1, 260)], { mode: 'identity' }));

    expect(at(slotted, 1.4)).toEqual([undefined, undefined]);
    expect(at(slotted, 1.6)).toEqual([12, 11]);
  });

  it('go to somebody who is recognised after half a second', () => {
    const known = { id: 2, x: 750, mergedIds: [12] };
    const slotted = run(
      (tS) => (tS < 0.5 ? strangers() : [{ id: 1, x: 250, mergedIds: [11] }, known]),
      options([tile(2, 740), tile(1, 260)], { mode: 'identity' }),
    );

    expect(at(slotted, 0.4)).toEqual([undefined, undefined]);
    expect(at(slotted, 0.6)).toEqual([2, 1]);
  });

  it('of places go at once to those who are nearest to where the others were', () => {
    const people = [...strangers(), { id: 13, x: 480 }];
    const slotted = run(() => people, options([tile(1, 490), tile(2, 740)]));

    expect(at(slotted, 0)).toEqual([13, 12]);
  });

  it('keep somebody alone on the side where they were', () => {
    const slotted = run(() => [{ id: 11, x: 480 }], options([{}, tile(1, 520)]));

    expect(at(slotted, 0)).toEqual([undefined, 11]);
  });

  it('pin the same person again, until unlock', () => {
    const assigner = new SlotAssigner(options([tile(2, 750, true), tile(1, 250)]).options);
    const tracks = strangers(1, 2).map((person) => makeTrack(person, 0));

    assigner.update({ ptsMs: 1, width, tracks });
    const { pinned } = assigner.hold;
    assigner.apply({ action: 'unlock' });

    expect(pinned).toEqual([2]);
    expect(assigner.hold.pinned).toEqual([]);
  });

  it('pin nobody where that was ended before anybody came', () => {
    const assigner = new SlotAssigner(options([tile(2, 750, true), tile(1, 250)]).options);

    assigner.apply({ action: 'unlock' });
    assigner.update({ ptsMs: 1, width, tracks: strangers(1, 2).map((person) => makeTrack(person, 0)) });

    expect(assigner.hold.pinned).toEqual([]);
  });

  it.each(['position', 'identity'] as const)('leave tiles that are not there any more (%s)', (mode) => {
    const slotted = run(() => strangers(1, 2), options([tile(1, 250), tile(2, 750)], { mode, maxTiles: 1 }));

    expect(at(slotted, 1)).toEqual([1]);
  });
});
