import { describe, expect, it } from 'vitest';
import type { SourceCondition } from '#src/stream/domain/composition-plan.js';
import type { StatusError } from '#src/shared/domain/status-error.js';
import type { SourceTrouble } from '#src/shared/domain/stream-status.js';
import type { Track } from '#src/shared/domain/track.js';
import type { Shot } from '#src/stream/domain/shot.js';
import { StreamMonitor } from '#src/stream/monitor/stream-monitor.js';

const output = { width: 1920, height: 1080, fps: 30, bitrateKbps: 4500, encoder: 'x264enc' };
const person: Track = {
  id: 4,
  state: 'tracked',
  box: { x: 1, y: 2, width: 3, height: 4 },
  score: 0.8,
  kind: 'face',
  bornPtsMs: 0,
  seenPtsMs: 0,
};

const unreachable: StatusError = {
  ...{ code: 'DIPTYCH_E_SOURCE_UNREACHABLE', message: 'no route', nextTryAt: '2026-01-01T00:00:02.000Z' },
};

function create() {
  const now = {
    condition: 'lost' as SourceCondition,
    droppedBy: { decode: 0, late: 0 },
    damaged: 0,
    trouble: undefined as SourceTrouble | undefined,
  };
  const monitor = new StreamMonitor('rtsp://camera/', output, {
    condition: () => now.condition,
    targets: () => [],
    droppedBy: () => now.droppedBy,
    damaged: () => now.damaged,
    trouble: () => now.trouble && { kind: now.trouble, since: '2026-01-01T00:00:00.000Z' },
  });
  return { monitor, now };
}

describe('StreamMonitor', () => {
  it.each([
    { condition: 'lost', framesBefore: 0, state: 'connecting' },
    { condition: 'live', framesBefore: 1, state: 'live' },
    { condition: 'stalled', framesBefore: 1, state: 'stalled' },
    { condition: 'lost', framesBefore: 1, state: 'offline' },
  ] as const)('is $state with a $condition source after $framesBefore frames', ({ condition, framesBefore, state }) => {
    const { monitor, now } = create();
    now.condition = condition;

    for (let n = 0; n < framesBefore; n += 1) monitor.frameIn({ tracks: [], slots: [] });

    expect(monitor.state).toBe(state);
  });

  it('is unauthorized after a source that refused who asks, until another reason or a picture', () => {
    const { monitor, now } = create();
    now.condition = 'lost';

    monitor.sourceLost({ code: 'DIPTYCH_E_SOURCE_AUTH', message: 'refused' });
    const refused = monitor.read();
    monitor.sourceLost(unreachable);

    expect(refused).toMatchObject({ state: 'unauthorized', error: { message: 'refused' } });
    expect(monitor.state).toBe('connecting');
  });

  it.each([
    { condition: 'lost', trouble: 'waiting_for_keyframe', state: 'waiting_for_keyframe' },
    { condition: 'stalled', trouble: 'waiting_for_keyframe', state: 'waiting_for_keyframe' },
    { condition: 'stalled', trouble: 'overloaded', state: 'overloaded' },
    { condition: 'stalled', trouble: 'frozen', state: 'stalled' },
    { condition: 'live', trouble: 'overloaded', state: 'overloaded' },
    { condition: 'live', trouble: 'frozen', state: 'frozen' },
  ] as const)('is $state with a $condition source that is $trouble, and says since when', (row) => {
    const { monitor, now } = create();
    now.condition = row.condition;
    now.trouble = row.trouble;

    const { state, since, error } = monitor.read();

    expect(error?.code).toMatch(/_KEYFRAME|OVERLOADED|_FROZEN|_STALLED/);
    expect(state).toBe(row.state);
    expect(since !== undefined).toBe(row.state === row.trouble);
  });

  it('says why a source is away, until its next frame', () => {
    const { monitor, now } = create();
    monitor.frameIn({ tracks: [person], slots: [4] });

    monitor.sourceLost(unreachable);
    const lost = monitor.read();
    now.condition = 'live';
    monitor.frameIn({ tracks: [person], slots: [4] });
    const back = monitor.read();

    expect(lost).toMatchObject({ error: unreachable, people: [] });
    expect(back).not.toHaveProperty('error');
    expect(back.people).toEqual([{ trackId: 4, slot: 0, box: person.box, score: 0.8 }]);
  });

  it('names whoever is held alone, also once they are not to be seen', () => {
    const { monitor } = create();
    const shot: Shot = { kind: 'single', reason: 'by_hand', sincePtsMs: 0, groups: [[4]], isUrgent: false };
    const held = { kind: 'single', trackId: 4 } as const;
    monitor.frameIn({ tracks: [person], slots: [4], names: new Map([[4, 'Anna']]), shot: { ...shot, held } });

    monitor.frameIn({ tracks: [], slots: [], names: new Map(), shot: { ...shot, held: { ...held, isMissing: true } } });
    const gone = monitor.read().shot;
    monitor.frameIn({ tracks: [], slots: [], shot: { ...shot, held: { ...held, trackId: 5 } } });
    const other = monitor.read().shot;

    expect(gone?.held).toEqual({ ...held, name: 'Anna', isMissing: true });
    expect(other?.held).toEqual({ ...held, trackId: 5 });
  });

  it('names no slot for a person without a tile', () => {
    const { monitor } = create();

    monitor.frameIn({ tracks: [person], slots: [undefined, 7] });

    expect(monitor.read().people[0]).not.toHaveProperty('slot');
  });

  it('stays failed', () => {
    const { monitor, now } = create();
    now.condition = 'live';

    monitor.fail({ code: 'DIPTYCH_E_GRAPH', message: 'the encoder is gone' });

    expect(monitor.read()).toMatchObject({
      state: 'failed',
      error: { code: 'DIPTYCH_E_GRAPH', message: 'the encoder is gone' },
    });
  });

  it('adds up frames, drops and latencies', () => {
    const { monitor, now } = create();
    monitor.describeSource({ codec: 'H.264', width: 1280 });
    now.droppedBy = { decode: 2, late: 1 };
    now.damaged = 7;

    monitor.frameIn({ tracks: [], slots: [] });
    monitor.frameOut({ isNew: true });
    monitor.frameOut({ isNew: false });
    monitor.frameDropped();
    monitor.took('compose', 2);

    expect(monitor.read()).toMatchObject({
      source: { url: 'rtsp://camera/', codec: 'H.264', width: 1280 },
      output,
      frames: { in: 1, out: 2, repeated: 1, dropped: 4, droppedBy: { decode: 2, late: 1 }, damaged: 7 },
      latencyMs: { compose: { p50: 2, p95: 2 }, decode: { p50: 0 } },
    });
  });

  it('tells how often faces were looked at', () => {
    const { monitor } = create();

    monitor.identities({ matched: 200, computed: 5, skipped: 195, swapsSuspected: 2, swapsCorrected: 1 });

    expect(monitor.read().reid).toEqual({
      computed: 5,
      skipped: 195,
      activationRatio: 0.025,
      swapsSuspected: 2,
      swapsCorrected: 1,
    });
  });

  it('adds up how often poses were read, from the first frame on', () => {
    const { monitor } = create();
    expect(monitor.read()).not.toHaveProperty('poses');

    monitor.posed({ computed: 2, skipped: 0 });
    monitor.posed({ computed: 0, skipped: 3 });

    expect(monitor.read().poses).toEqual({ computed: 2, skipped: 3 });
  });

  it('tells what encodes now, and why', () => {
    const { monitor } = create();

    monitor.describeEncoder('x264enc', 'encodes on the CPU; nvh264enc failed: it hangs');

    expect(monitor.read().output).toEqual({
      ...output,
      encoder: 'x264enc',
      encoderReason: 'encodes on the CPU; nvh264enc failed: it hangs',
    });
  });
});
