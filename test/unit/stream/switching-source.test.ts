import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sourceSchema, type SourceConfig } from '#src/shared/config/source-schema.js';
import { SwitchingSource } from '#src/stream/switching-source.js';
import { ScriptedSource } from './scripted-source.js';

const source = (path: string, options: object = {}): SourceConfig =>
  sourceSchema.parse({ url: `rtsp://192.0.2.7/${path}`, ...options });
const OLD = source('old');
const NEW = source('new');
const THIRD = source('third');

/** A source on the air, and what is told of it. */
async function onAir() {
  const made: ScriptedSource[] = [];
  const shown: number[] = [];
  const released: number[] = [];
  const told: string[] = [];
  const switching = new SwitchingSource({
    source: OLD,
    create: (config, listeners) => {
      const created = new ScriptedSource(config, listeners);
      made.push(created);
      return created;
    },
    addon: { nowMs: () => Date.now(), release: (handle) => released.push(handle) },
    onInfo: () => told.push('info'),
    onOpened: () => told.push('opened'),
    onLost: ({ code }) => told.push(`lost ${code}`),
    onNext: (next) => told.push(`next ${next ? `${pathOf(next.source)} ${next.problem?.code ?? ''}`.trim() : 'none'}`),
    onShown: (config) => told.push(`shown ${pathOf(config)}`),
  });
  switching.frames$.subscribe(({ ptsMs }) => shown.push(ptsMs));
  const stop = new AbortController();
  const running = switching.run(stop.signal);
  const at = (index: number): ScriptedSource => {
    const found = made[index];
    if (!found) throw new Error(`no source ${index} was made`);
    return found;
  };
  at(0).picture(1);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  await Promise.resolve();
  return { switching, at, made, shown, released, told, end };
}

const pathOf = ({ url }: SourceConfig): string => url.slice(url.lastIndexOf('/') + 1);
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('another source', () => {
  it('is shown and heard from its first picture, and the former one is closed', async () => {
    const { switching, at, shown, released, told, end } = await onAir();

    switching.set(NEW);
    at(0).picture(2);
    const before = at(1).takesSoundFrom;
    at(1).picture(3);
    at(0).picture(4);
    await settle();

    expect(before).toBeUndefined();
    expect(at(1).takesSoundFrom).toBe(at(0));
    expect([at(0).isRunning, at(1).isRunning]).toEqual([false, true]);
    expect(shown).toEqual([1, 2, 3]);
    expect(released).toEqual([4]);
    expect(told).toEqual(['next new', 'shown new', 'next none']);
    await end();
  });

  it('whose pictures are later than the former ones begins behind them', async () => {
    const { switching, at, shown, released, end } = await onAir();

    switching.set(NEW);
    at(0).picture(10);
    for (const ptsMs of [8, 9, 10, 11, 12]) at(1).picture(ptsMs);

    expect(shown).toEqual([1, 10, 11, 12]);
    expect(released).toEqual([8, 9, 10]);
    await end();
  });

  it('whose clock is far behind is shown all the same, after a moment', async () => {
    const { switching, at, shown, end } = await onAir();

    switching.set(NEW);
    at(0).picture(1_000_000);
    at(1).picture(10);
    await vi.advanceTimersByTimeAsync(3000);
    at(1).picture(3010);

    expect(shown).toEqual([1, 1_000_000, 3010]);
    await end();
  });

  it('that fails leaves the picture alone, and is told', async () => {
    const { switching, at, shown, told, end } = await onAir();

    switching.set(NEW);
    at(1).fail('DIPTYCH_E_SOURCE_PATH');
    at(0).picture(2);
    await vi.advanceTimersByTimeAsync(120_000);
    at(0).picture(3);

    expect(switching.condition).toBe('live');
    expect(shown).toEqual([1, 2, 3]);
    expect(told).toEqual(['next new', 'next new DIPTYCH_E_SOURCE_PATH']);
    expect([at(0).isRunning, at(1).isRunning]).toEqual([true, true]);
    await end();
  });

  it('that is taken back leaves the former one as it was', async () => {
    const { switching, at, made, told, end } = await onAir();

    switching.set(NEW);
    switching.set(OLD);
    at(1).picture(2);
    await settle();

    expect([at(0).isRunning, at(1).isRunning]).toEqual([true, false]);
    expect(made).toHaveLength(2);
    expect(told).toEqual(['next new', 'next none']);
    await end();
  });

  it('gives way to a third one that is wanted before it came', async () => {
    const { switching, at, shown, told, end } = await onAir();

    switching.set(NEW);
    switching.set(THIRD);
    at(1).picture(2);
    at(2).picture(3);
    await settle();

    expect([at(0), at(1), at(2)].map(({ isRunning }) => isRunning)).toEqual([false, false, true]);
    expect(shown).toEqual([1, 3]);
    expect(told.at(-2)).toBe('shown third');
    await end();
  });

  it('takes the place at once of one without pictures, whose error is told', async () => {
    const { switching, at, told, end } = await onAir();

    at(0).fail('DIPTYCH_E_SOURCE_AUTH');
    switching.set(NEW);
    at(1).fail('DIPTYCH_E_SOURCE_PATH');
    await settle();

    expect([at(0).isRunning, at(1).isRunning]).toEqual([false, true]);
    expect(told.filter((text) => text.startsWith('lost'))).toEqual([
      'lost DIPTYCH_E_SOURCE_AUTH',
      'lost DIPTYCH_E_SOURCE_PATH',
    ]);
    await end();
  });

  it('tells its own error while the former one is lost as well, and takes its place after half a minute', async () => {
    const { switching, at, told, end } = await onAir();

    switching.set(NEW);
    at(1).fail('DIPTYCH_E_SOURCE_PATH');
    at(0).fail('DIPTYCH_E_SOURCE_ENDED');
    await vi.advanceTimersByTimeAsync(20_000);
    const isKept = at(0).isRunning;
    await vi.advanceTimersByTimeAsync(20_000);

    expect(told.filter((text) => text.startsWith('lost'))).toEqual([
      'lost DIPTYCH_E_SOURCE_PATH',
      'lost DIPTYCH_E_SOURCE_PATH',
    ]);
    expect([isKept, at(0).isRunning, at(1).isRunning]).toEqual([true, false, true]);
    await end();
  });
});

describe('a camera of one session', () => {
  it('is left by the former source, then asked again', async () => {
    const { switching, at, shown, end } = await onAir();

    switching.set(NEW);
    at(1).fail('DIPTYCH_E_SOURCE_BUSY');
    const atOnce = at(1).restarts;
    await settle();
    const afterClosing = at(1).restarts;
    at(1).picture(2);

    expect([atOnce, afterClosing]).toEqual([0, 1]);
    expect(shown).toEqual([1, 2]);
    await end();
  });

  it('goes back to the former source where the new one fails all the same, and is left once', async () => {
    const { switching, at, shown, end } = await onAir();

    switching.set(NEW);
    at(1).fail('DIPTYCH_E_SOURCE_BUSY');
    await settle();
    at(1).fail('DIPTYCH_E_SOURCE_PATH');
    at(2).picture(2);
    at(1).fail('DIPTYCH_E_SOURCE_BUSY');
    at(2).picture(3);
    await settle();

    expect(at(2).config).toEqual(OLD);
    expect(at(2).takesSoundFrom).toBe('nobody');
    expect([at(0), at(1), at(2)].map(({ isRunning }) => isRunning)).toEqual([false, true, true]);
    expect(shown).toEqual([1, 2, 3]);
    await end();
  });
});

it('follows options that need no new source', async () => {
  const { switching, at, made, end } = await onAir();
  const other = { ...OLD, frozenS: 7 };

  switching.set(other);

  expect(at(0).adjusted).toEqual(other);
  expect(made).toHaveLength(1);
  await end();
});

it('tells a new source what is published', async () => {
  const { switching, at, end } = await onAir();
  const publication = { id: 'p' } as Parameters<SwitchingSource['follow']>[0];

  switching.follow(publication);
  switching.set(NEW);

  expect(at(1).published).toBe(publication);
  await end();
});

it('counts what all sources left out, those that ended included', async () => {
  const { switching, at, end } = await onAir();

  switching.set(NEW);
  at(1).picture(2);
  await settle();

  expect(switching.droppedBy).toEqual({ decode: 20, late: 200 });
  expect(switching.damaged).toBe(2);
  await end();
  expect(switching.droppedBy).toEqual({ decode: 20, late: 200 });
});

it('ends all sources, and its pictures', async () => {
  const { switching, at, end } = await onAir();
  let isOver = false;
  switching.frames$.subscribe({ complete: () => (isOver = true) });

  switching.set(NEW);
  await end();

  expect([at(0).isRunning, at(1).isRunning]).toEqual([false, false]);
  expect(isOver).toBe(true);
});
