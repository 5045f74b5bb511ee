import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gatewaySchema, streamSchema } from '#src/shared/config/schema.js';
import type { ProcessLease } from '#src/gateway/streams/process-lease.adapter.js';
import type { Problem } from '#src/shared/domain/status-error.js';
import type { StartCommand, StreamRun } from '#src/gateway/streams/stream-run.js';
import { StreamSupervisor } from '#src/gateway/streams/stream-supervisor.adapter.js';
import { wantedBy } from '#src/stream/supervision/wanted-by.js';
import { createLogger } from '#src/shared/telemetry/logger.js';

const config = streamSchema.parse({ id: 'hall', source: { url: 'test:' } });
const other = { ...config, output: { ...config.output, bitrateKbps: 1234 } };
const destination = { host: '127.0.0.1', rtpPort: 9, rtcpPort: 10, ssrc: 1, payloadType: 96, firstSequence: 0 };

interface Run {
  readonly command: StartCommand;
  readonly stop: () => void;
  readonly end: (reason?: string) => void;
}

/** A lease whose runs end when the test says so, or when they are told to stop. */
class ScriptedLease {
  readonly runs: Run[] = [];
  isReleased = false;
  ready(): Promise<void> {
    return Promise.resolve();
  }

  start(_streamId: string, command: StartCommand): Pick<StreamRun, 'ended' | 'stop' | 'pid'> {
    let end: Run['end'] = () => undefined;
    const ended = new Promise<Problem | undefined>((resolve) => {
      end = (reason) => resolve(reason === undefined ? undefined : { code: 'DIPTYCH_E_PROCESS', message: reason });
    });
    const stop = vi.fn(() => end());
    this.runs.push({ command, stop, end });
    return { ended, stop, pid: 77 };
  }

  release(): void {
    this.isReleased = true;
  }
}

let supervisor: StreamSupervisor;
let wanted = wantedBy(config);

afterEach(() => supervisor.stop());

beforeEach(() => {
  wanted = wantedBy(config);
});

function create(prepareFailures: readonly Error[] = []) {
  const lease = new ScriptedLease();
  const failures = [...prepareFailures];
  const events: string[] = [];
  supervisor = new StreamSupervisor({
    wanted: () => wanted,
    gpu: gatewaySchema.parse({}).gpu,
    runName: 'main',
    lease: lease as unknown as ProcessLease,
    prepare: () => {
      const failure = failures.shift();
      return failure
        ? Promise.reject(failure)
        : Promise.resolve({ video: destination, audio: destination, connect: () => undefined });
    },
    prepareSuccession: () => {
      throw new Error('no port is free');
    },
    backoff: { nextDelayMs: () => 1 },
    onReport: () => undefined,
    onEvent: (event) => events.push(event.type === 'waiting' ? `waiting: ${event.problem.message}` : event.type),
    logger: createLogger({ destination: new PassThrough().resume() }),
  });
  return { lease, events };
}

const untilRuns = (lease: ScriptedLease, count: number): Promise<void> =>
  vi.waitFor(() => expect(lease.runs).toHaveLength(count));

describe('a supervised stream', () => {
  it('is started again when it failed, and when its ports could not be had', async () => {
    const { lease, events } = create([new Error('no port is free')]);

    supervisor.start();
    await untilRuns(lease, 1);
    expect(supervisor.pid).toBe(77);
    lease.runs[0]?.end('it crashed');
    await untilRuns(lease, 2);

    expect(events).toEqual(['waiting: no port is free', 'running', 'waiting: it crashed', 'running']);
    expect(supervisor.restarts).toBe(2);
  });

  it('is not started again when it was done, until it is restarted', async () => {
    const { lease, events } = create();

    supervisor.start();
    await untilRuns(lease, 1);
    lease.runs[0]?.end();
    await vi.waitFor(() => expect(events).toEqual(['running', 'ended']));
    expect(supervisor.pid).toBeUndefined();
    wanted = wantedBy(other);
    supervisor.restart();
    await untilRuns(lease, 2);

    expect(lease.runs[1]?.command.wanted.config).toEqual(other);
    expect(supervisor.restarts).toBe(0);
  });

  it('is stopped and started with the new configuration when it is restarted, without an event between', async () => {
    const { lease, events } = create();

    supervisor.start();
    await untilRuns(lease, 1);
    wanted = wantedBy(other);
    supervisor.restart();
    await untilRuns(lease, 2);

    expect(lease.runs[0]?.stop).toHaveBeenCalledOnce();
    expect(lease.runs.map(({ command }) => command.wanted.config)).toEqual([config, other]);
    expect(events).toEqual(['running', 'running']);
    expect(supervisor.restarts).toBe(1);
  });

  it('gets what is wanted by then at its next start', async () => {
    const { lease } = create();

    supervisor.start();
    await untilRuns(lease, 1);
    wanted = wantedBy(other);
    lease.runs[0]?.end('it crashed');
    await untilRuns(lease, 2);

    expect(lease.runs[1]?.command.wanted.config).toEqual(other);
  });

  it('ends for good when it is stopped, and gives its lease back', async () => {
    const { lease, events } = create();

    supervisor.start();
    await untilRuns(lease, 1);
    await supervisor.stop();
    supervisor.restart();
    supervisor.start();
    await supervisor.stop();

    expect(lease.runs).toHaveLength(1);
    expect(lease.isReleased).toBe(true);
    expect(events).toEqual(['running']);
    expect(supervisor.send({ type: 'keyframe', minDistanceMs: 0 })).toBe(false);
  });
});
