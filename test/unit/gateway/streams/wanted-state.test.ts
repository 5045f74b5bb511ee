import { describe, expect, it } from 'vitest';
import { streamSchema, type StreamConfig } from '#src/shared/config/schema.js';
import { WantedState } from '#src/gateway/streams/wanted-state.js';

const base = streamSchema.parse({ id: 'hall', source: { url: 'test:' } });
const withTargets = (...targets: { id: string; url: string }[]): StreamConfig => ({ ...base, targets });
const tv = { id: 'tv', url: 'rtmp://host/live/k' };
const web = { id: 'web', url: 'rtmp://other/live/k' };

describe('what is wanted of a stream', () => {
  it('is a new revision with each change', () => {
    const wanted = new WantedState(withTargets(tv));

    wanted.configure(withTargets(tv, web));
    wanted.act({ action: 'swap' });

    expect(wanted.document).toMatchObject({
      revision: 3,
      targets: [tv, web],
      slots: { isLocked: false, actions: [{ number: 1, action: { action: 'swap' } }] },
    });
  });

  it.each<[string, StreamConfig, string[]]>([
    ['another target is added', withTargets(tv, web), []],
    ['the address changes', withTargets({ ...tv, url: 'rtmp://host/live/new' }), ['tv']],
    ['it is removed', withTargets(web), ['tv']],
    ['something else changes', { ...withTargets(tv), slots: { ...base.slots, mode: 'identity' } }, []],
  ])('tells which targets are others when %s', (_name, after, changed) => {
    const wanted = new WantedState(withTargets(tv));

    expect(wanted.configure(after)).toEqual(changed);
  });

  it('knows since which revision a target is what it is', () => {
    const wanted = new WantedState(withTargets(tv));

    wanted.configure(withTargets(tv, web));
    wanted.configure(withTargets(tv, { ...web, url: 'rtmp://other/live/new' }));

    expect(['tv', 'web', 'none'].map((id) => wanted.targetRevision(id))).toEqual([1, 3, 0]);
  });
});

describe('a shot by hand', () => {
  it('is a wish of its own each time, until it is released', () => {
    const wanted = new WantedState(base);

    wanted.askShot({ action: 'hold', kind: 'wide' });
    const first = wanted.document.shot;
    wanted.askShot({ action: 'hold', kind: 'wide' });
    const second = wanted.document.shot;
    wanted.askShot(undefined);

    expect([first, second]).toEqual([
      { action: 'hold', kind: 'wide', number: 1 },
      { action: 'hold', kind: 'wide', number: 2 },
    ]);
    expect(wanted.document).not.toHaveProperty('shot');
  });

  it.each([
    { action: 'hold', isKept: true },
    { action: 'take', isKept: false },
  ] as const)('that is asked for by $action is kept when the stream starts anew: $isKept', ({ action, isKept }) => {
    const wanted = new WantedState(base);

    wanted.askShot({ action, kind: 'wide' });
    wanted.beginRun();

    expect('shot' in wanted.document).toBe(isKept);
  });
});

describe('actions on the tiles', () => {
  const numbers = (wanted: WantedState): number[] => wanted.document.slots.actions.map(({ number }) => number);

  it('wait until they are done, and keep their numbers', () => {
    const wanted = new WantedState(base);

    for (let count = 0; count < 3; count++) wanted.act({ action: 'swap' });
    wanted.acknowledge(2);
    wanted.act({ action: 'swap' });

    expect(numbers(wanted)).toEqual([3, 4]);
  });

  it.each([
    [['lock'], true, []],
    [['lock', 'unlock'], false, ['unlock']],
    [['lock', 'unlock', 'lock'], true, ['unlock']],
    [['swap', 'unlock', 'swap'], false, ['unlock', 'swap']],
  ] as const)('%j leave the tiles locked: %s, and %j to do', (asked, isLocked, left) => {
    const wanted = new WantedState(base);

    for (const action of asked) wanted.act({ action });

    const { slots } = wanted.document;
    expect(slots.isLocked).toBe(isLocked);
    expect(slots.actions.map(({ action }) => action.action)).toEqual(left);
  });

  it('on a person by number are void when the stream starts anew; the lock is not', () => {
    const wanted = new WantedState(base);
    wanted.act({ action: 'lock' });
    wanted.act({ action: 'swap' });
    wanted.act({ action: 'pin', slot: 0, trackId: 7 });

    wanted.beginRun();

    expect(wanted.document.slots).toEqual({ isLocked: true, actions: [{ number: 1, action: { action: 'swap' } }] });
  });

  it('are refused when very many wait already', () => {
    const wanted = new WantedState(base);
    for (let count = 0; count < 100; count++) wanted.act({ action: 'swap' });

    expect(() => wanted.act({ action: 'swap' })).toThrow(expect.objectContaining({ code: 'DIPTYCH_E_NOT_READY' }));
    expect(() => wanted.act({ action: 'unlock' })).not.toThrow();
    expect(numbers(wanted)).toEqual([101]);
  });
});
