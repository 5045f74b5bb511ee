import { describe, expect, it } from 'vitest';
import type { TargetStatus } from '#src/shared/domain/stream-status.js';
import { TargetViews, type TargetsRun } from '#src/gateway/streams/target-views.js';

const tv = { id: 'tv', url: 'rtmp://host/live/secret' };
const masked = 'rtmp://host/live/***';
const [T1, T2, T3] = ['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z', '2026-01-01T00:00:03.000Z'];
const isCurrent = (): boolean => true;
const ready: TargetsRun = { isReady: true, isCurrent };
const starting: TargetsRun = { isReady: false, isCurrent };
const live: TargetStatus = { id: 'tv', url: masked, state: 'live', since: T1, bytes: 500, retries: 2, dropped: 6 };

describe('the targets that people see', () => {
  it('wait for the stream, then are connecting, then are as the stream says', () => {
    const targets = new TargetViews();

    expect(targets.update([tv], starting, T1)).toEqual([
      { id: 'tv', url: masked, state: 'waiting', since: T1, bytes: 0, retries: 0, dropped: 0 },
    ]);
    expect(targets.update([tv], starting, T2)).toMatchObject([{ state: 'waiting', since: T1 }]);
    expect(targets.update([tv], ready, T3)).toMatchObject([{ state: 'connecting', since: T3 }]);
    targets.report([live]);
    expect(targets.update([tv], ready, T3)).toEqual([live]);
  });

  it('are those that are wanted, whatever is reported', () => {
    const targets = new TargetViews();

    targets.report([live, { ...live, id: 'gone' }]);

    expect(targets.update([tv], ready, T1).map(({ id }) => id)).toEqual(['tv']);
    expect(targets.update([], ready, T1)).toEqual([]);
  });

  it('are not told by a report on the target that had the id before', () => {
    const targets = new TargetViews();
    targets.report([live]);

    const [view] = targets.update([tv], { isReady: true, isCurrent: () => false }, T2);

    expect(view).toMatchObject({ state: 'connecting', since: T2 });
  });

  it('are not live while no stream runs, and keep their counts over its runs', () => {
    const targets = new TargetViews();
    targets.report([live]);
    targets.update([tv], ready, T1);

    targets.endRun();

    expect(targets.update([tv], starting, T2)).toMatchObject([
      { state: 'waiting', since: T2, bytes: 500, retries: 2, dropped: 6 },
    ]);
    targets.report([{ ...live, bytes: 40, retries: 1, dropped: 3 }]);
    expect(targets.update([tv], ready, T3)).toMatchObject([{ state: 'live', bytes: 540, retries: 3, dropped: 9 }]);
  });

  it('that become others count from 0', () => {
    const targets = new TargetViews();
    targets.report([live]);
    targets.update([tv], ready, T1);
    targets.endRun();

    targets.forget('tv');

    expect(targets.update([tv], starting, T2)).toMatchObject([{ bytes: 0, retries: 0, dropped: 0 }]);
  });
});
