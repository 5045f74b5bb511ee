import { describe, expect, it } from 'vitest';
import type { SlotAssignment } from '#src/shared/domain/track.js';
import { TileLog } from '#src/stream/stages/record/tile-log.js';

describe('a change of tiles', () => {
  it.each<[string, SlotAssignment, SlotAssignment, (readonly [string, Record<string, unknown>])[]]>([
    ['by nobody is no event', [1, 2], [1, 2], []],
    ['by somebody who comes', [1], [1, 2], [['entered', { trackId: 2, slot: 1 }]]],
    ['by somebody who goes', [1, 2], [1], [['left', { trackId: 2, slot: 1 }]]],
    ['by somebody who leaves a tile empty', [1, 2], [undefined, 2], [['left', { trackId: 1, slot: 0 }]]],
    [
      'by two who exchange theirs',
      [1, 2],
      [2, 1],
      [
        [
          'swapped',
          {
            people: [
              { trackId: 2, slot: 0 },
              { trackId: 1, slot: 1 },
            ],
          },
        ],
      ],
    ],
    [
      'by one who takes the place of another',
      [1, 2],
      [2],
      [
        ['moved', { trackId: 2, from: 1, slot: 0 }],
        ['left', { trackId: 1, slot: 0 }],
      ],
    ],
  ])('%s', (_name, before, after, events) => {
    const log = new TileLog();

    log.picture(0, { layout: 'dual', slots: before });
    log.picture(40, { layout: 'dual', slots: after });

    expect(log.between(0, 100).events).toEqual(events.map(([type, details]) => ({ ptsMs: 40, type, details })));
  });

  it('of the layout is a shot', () => {
    const log = new TileLog();

    log.picture(0, { layout: 'dual', slots: [1] });
    log.picture(40, { layout: 'single', slots: [1] });

    expect(log.between(0, 100).events).toEqual([{ ptsMs: 40, type: 'shot', details: { from: 'dual', to: 'single' } }]);
  });
});

describe('a span', () => {
  it('begins with what was shown before, and leaves out its end', () => {
    const log = new TileLog();
    log.picture(0, { layout: 'dual', slots: [1, 2] });
    log.picture(1000, { layout: 'dual', slots: [2, 1] });
    log.picture(2000, { layout: 'single', slots: [2] });

    const { shown } = log.between(500, 2000);

    expect(shown).toEqual([
      { ptsMs: 500, layout: 'dual', slots: [1, 2] },
      { ptsMs: 1000, layout: 'dual', slots: [2, 1] },
    ]);
  });

  it('keeps what was shown when the rest is forgotten', () => {
    const log = new TileLog();
    log.picture(0, { layout: 'dual', slots: [1, 2] });
    log.picture(1000, { layout: 'dual', slots: [2, 1] });

    log.forget(1500);

    expect(log.between(1500, 3000)).toEqual({
      shown: [{ ptsMs: 1500, layout: 'dual', slots: [2, 1] }],
      events: [],
    });
  });

  it('has events in the order of time, whenever they became known', () => {
    const log = new TileLog();
    log.event({ ptsMs: 300, type: 'b', details: {} });
    log.event({ ptsMs: 200, type: 'a', details: {} });

    const { events } = log.between(0, 1000);

    expect(events.map(({ type }) => type)).toEqual(['a', 'b']);
  });
});
