import { afterEach, describe, expect, it, vi } from 'vitest';
import { WantedAndRunning } from '#src/gateway/streams/wanted-and-running.adapter.js';
import { streamSchema } from '#src/shared/config/schema.js';
import type { RecordingStatus } from '#src/shared/domain/recording.js';
import type { ShotAction, ShotKind, ShotStatus } from '#src/shared/domain/shot.js';

const RECORDED = streamSchema.parse({ id: 'main', source: { url: 'test:' }, record: { enabled: true } });

afterEach(() => void vi.useRealTimers());

const recording = (bytes: number): RecordingStatus => ({
  ...{ state: 'recording', since: '2026-11-29T08:00:00.000Z', file: '2026-11-29T08-00-00.000Z.mp4', bytes },
});

it('lets the run that takes over record nothing before it does', () => {
  const wanted = new WantedAndRunning(RECORDED);

  const successor = wanted.forSuccessor();

  expect(successor.config.record.enabled).toBe(false);
  expect(wanted.document.config.record.enabled).toBe(true);
  expect(wanted.document.revision).toBeGreaterThan(successor.revision);
});

it('counts what was recorded over the runs of a stream, one that takes over included', () => {
  const wanted = new WantedAndRunning(RECORDED);
  wanted.ready();
  wanted.report({ status: { targets: [], recording: recording(1000) } });
  wanted.outputs();

  wanted.handOver();
  wanted.report({ status: { targets: [], recording: recording(50) } });

  expect(wanted.outputs().recording).toMatchObject({ state: 'recording', bytes: 1050 });
});

it.each([
  { isReady: true, timeoutS: 5 },
  { isReady: false, timeoutS: 20 },
])('waits $timeoutS s for a run to confirm a change (ready: $isReady)', async ({ isReady, timeoutS }) => {
  vi.useFakeTimers();
  const wanted = new WantedAndRunning(RECORDED);
  if (isReady) wanted.ready();
  let outcome: unknown = 'waits';
  void wanted.settled().catch((error: unknown) => (outcome = error));

  await vi.advanceTimersByTimeAsync(timeoutS * 1000 - 1);
  const before = outcome;
  await vi.advanceTimersByTimeAsync(1);

  expect(before).toBe('waits');
  expect(outcome).toMatchObject({
    code: 'DIPTYCH_E_NOT_READY',
    message: expect.stringContaining(`${timeoutS} s`) as string,
  });
});

describe('a person beside a shot', () => {
  const people = [{ trackId: 3, box: { x: 0, y: 0, width: 1, height: 1 }, score: 1 }];
  const shown = (kind: ShotKind): ShotStatus => ({
    kind,
    reason: 'apart',
    since: '2026-11-29T08:00:00.000Z',
    preset: 'normal',
  });
  const askedOf = (action: ShotAction, kind: ShotKind): WantedAndRunning => {
    const wanted = new WantedAndRunning(RECORDED);
    wanted.ready();
    wanted.actShot(action, { people, shot: shown(kind) });
    return wanted;
  };

  it.each<readonly [ShotAction, ShotKind]>([
    [{ action: 'take', kind: 'split', trackId: 3 }, 'single'],
    [{ action: 'take', kind: 'together', trackId: 3 }, 'single'],
    [{ action: 'hold', kind: 'wide', trackId: 3 }, 'single'],
    [{ action: 'hold', trackId: 3 }, 'split'],
  ])('is refused where it shows more than one: %o', (action, kind) => {
    const refused = expect.objectContaining({
      code: 'DIPTYCH_E_BAD_INPUT',
      message: expect.stringMatching(/^trackId: .* single only/) as string,
    }) as Error;

    expect(() => askedOf(action, kind)).toThrow(refused);
  });

  it.each<readonly [ShotAction, ShotKind]>([
    [{ action: 'take', kind: 'single', trackId: 3 }, 'split'],
    [{ action: 'hold', trackId: 3 }, 'single'],
  ])('is who is shown alone: %o', (action, kind) => {
    expect(askedOf(action, kind).document.shot).toMatchObject({ kind: 'single', trackId: 3 });
  });
});
