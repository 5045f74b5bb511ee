import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gatewaySchema, streamSchema } from '#src/shared/config/schema.js';
import type { StreamReport } from '#src/shared/ipc/messages.js';
import type { ProcessLease } from '#src/gateway/streams/process-lease.adapter.js';
import { ProcessPool } from '#src/gateway/streams/process-pool.adapter.js';
import type { StreamRun } from '#src/gateway/streams/stream-run.js';
import { wantedBy } from '#src/stream/supervision/wanted-by.js';
import { createLogger } from '#src/shared/telemetry/logger.js';

const modulePath = fileURLToPath(new URL('fixture/chatter-process.mjs', import.meta.url));
const { gpu } = gatewaySchema.parse({});
const destination = { host: '127.0.0.1', rtpPort: 9, rtcpPort: 9, ssrc: 1, payloadType: 96, firstSequence: 0 };

interface Started {
  readonly lease: ProcessLease;
  readonly run: StreamRun;
  readonly pid: number;
  readonly reports: StreamReport[];
  /** Why it ended, once it has. */
  end: { readonly reason: string | undefined } | undefined;
}

let pool: ProcessPool;
let started: Started[] = [];

beforeEach(() => {
  pool = new ProcessPool({
    streamsPerProcess: 3,
    modulePath,
    logger: createLogger({ level: 'error', format: 'json', destination: process.stdout }),
    startTimeoutS: 5,
    silenceTimeoutS: 3,
    stopTimeoutS: 1,
    aloneStopTimeoutS: 2,
  });
});

afterEach(async () => {
  for (const { run } of started) run.stop();
  await Promise.all(started.map(({ run }) => run.ended));
  started = [];
});

async function start(id: string, url = 'test:', lease = pool.lease()): Promise<Started> {
  const reports: StreamReport[] = [];
  const { source, ...rest } = streamSchema.parse({ id, source: { url: 'test:' } });
  // What the process is to do is none that the configuration knows.
  const config = { ...rest, source: { ...source, url } };
  await lease.ready();
  const run = lease.start(
    id,
    { type: 'start', wanted: wantedBy(config), gpu, video: destination, audio: destination },
    { onReport: (report) => reports.push(report) },
  );
  const stream: Started = { lease, run, pid: run.pid ?? 0, reports, end: undefined };
  void run.ended.then((reason) => {
    stream.end = { reason: reason && `${reason.code}: ${reason.message}` };
  });
  started.push(stream);
  return stream;
}

const crash = (said: string): object => ({
  code: 'DIPTYCH_E_PROCESS',
  message: expect.stringContaining(said) as string,
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** That a stream reports now, not in the past. */
async function goesOn({ reports, end }: Started): Promise<void> {
  expect(end).toBeUndefined();
  const before = reports.length;
  await vi.waitFor(() => {
    expect(reports.length).toBeGreaterThan(before + 1);
  }, 5_000);
}

describe('a pool of processes', () => {
  it('fills a process, then starts another, and puts the next where there is room', async () => {
    const a = await start('a');
    const b = await start('b');
    const c = await start('c');
    const d = await start('d');
    b.run.stop();
    await b.run.ended;
    b.lease.release();
    const e = await start('e');
    const f = await start('f');

    expect(new Set([a.pid, b.pid, c.pid]).size).toBe(1);
    expect(d.pid).not.toBe(a.pid);
    // The second process has one stream, the first has two.
    expect(e.pid).toBe(d.pid);
    expect(f.pid).toBe(a.pid);
    expect([a, d].map(({ run }) => run.streamsInProcess)).toEqual([3, 2]);
  });

  it('ends a process with its last stream', async () => {
    const a = await start('a');
    const b = await start('b');

    a.run.stop();
    await a.run.ended;
    expect(isAlive(a.pid)).toBe(true);
    await goesOn(b);
    b.run.stop();
    await b.run.ended;

    expect(isAlive(a.pid)).toBe(false);
    expect(a.end).toEqual({ reason: undefined });
    expect(b.end).toEqual({ reason: undefined });
  });

  it('keeps the lease of a stream that failed, for a new run beside the others', async () => {
    const broken = await start('a', 'test:broken');
    const b = await start('b');
    const reason = await broken.run.ended;

    const again = await start('a', 'test:', broken.lease);

    expect(reason).toEqual({ code: 'DIPTYCH_E_CONFIG', message: 'it is broken' });
    expect(again.pid).toBe(b.pid);
    await goesOn(again);
    await goesOn(b);
  });

  it('starts a stream that was alone in a fresh process', async () => {
    const broken = await start('a', 'test:broken');
    await broken.run.ended;

    const again = await start('a', 'test:', broken.lease);

    expect(again.pid).not.toBe(broken.pid);
    expect(isAlive(broken.pid)).toBe(false);
  });

  it('waits with a start until a process that ends is gone', async () => {
    const a = await start('a');
    const beside = pool.lease();
    a.run.stop();
    await vi.waitFor(() => {
      expect(a.reports.at(-1)).toEqual({ type: 'stopped' });
    });

    const b = await start('b', 'test:', beside);

    expect(a.end).toEqual({ reason: undefined });
    expect(b.pid).not.toBe(a.pid);
    await goesOn(b);
  });

  it('tells every stream of a process that crashed, and starts them in one again', async () => {
    const a = await start('a');
    const b = await start('b');
    await start('c');
    const d = await start('d');
    await start('crash', 'test:crash', a.lease);

    const reasons = await Promise.all([a.run.ended, b.run.ended]);
    const [againA, againB] = await Promise.all([start('a', 'test:', a.lease), start('b', 'test:', b.lease)]);

    expect(reasons).toEqual(Array(2).fill(crash('the stream process ended with status 7')));
    expect(againA.pid).toBe(againB.pid);
    expect(againA.pid).not.toBe(a.pid);
    await goesOn(againA);
    await goesOn(d);
  });

  it('kills a process that hangs', async () => {
    const a = await start('a');
    const hanging = await start('b', 'test:hang');

    const reasons = await Promise.all([a.run.ended, hanging.run.ended]);

    expect(reasons).toEqual(Array(2).fill(crash('the stream process gave no sign of life for 3 s')));
    expect(isAlive(a.pid)).toBe(false);
  });

  it('kills a process one of whose threads hangs, while the streams of others report as before', async () => {
    const a = await start('a');
    const stuck = await start('b', 'test:stuck');

    const reasons = await Promise.all([a.run.ended, stuck.run.ended]);

    expect(reasons).toEqual(Array(2).fill(crash('the stream process gave no sign of life for 3 s')));
    expect(isAlive(a.pid)).toBe(false);
  });

  it('ends one stream that reports no more, and not its neighbours', async () => {
    const a = await start('a');
    const mute = await start('b', 'test:mute');
    const shy = await start('c', 'test:shy');

    const reasons = await Promise.all([mute.run.ended, shy.run.ended]);

    expect(reasons).toEqual(['the stream did not report for 3 s', 'the stream did not report for 5 s'].map(crash));
    await goesOn(a);
  });

  it('kills a process for a stream that neither goes on nor ends', async () => {
    const a = await start('a');
    const deaf = await start('b', 'test:deaf');
    await goesOn(deaf);

    deaf.run.stop();

    expect(await a.run.ended).toEqual(crash('stream "b" did not end within 2 s'));
    expect(isAlive(a.pid)).toBe(false);
  });

  it('kills a process whose streams are over and which does not end; that is no failure of theirs', async () => {
    const a = await start('a', 'test:clinging');
    await goesOn(a);

    a.run.stop();

    expect(await a.run.ended).toBeUndefined();
    expect(isAlive(a.pid)).toBe(false);
  });

  it('says that nobody takes a command once the stream is over', async () => {
    const a = await start('a');
    const b = await start('b');
    expect(a.run.send({ type: 'keyframe', minDistanceMs: 0 })).toBe(true);

    a.run.stop();
    await a.run.ended;

    expect(a.run.send({ type: 'keyframe', minDistanceMs: 0 })).toBe(false);
    expect(b.run.send({ type: 'keyframe', minDistanceMs: 0 })).toBe(true);
  });

  it('says why when there is no such script', async () => {
    const broken = new ProcessPool({
      streamsPerProcess: 2,
      modulePath: '/nowhere/stream.js',
      logger: createLogger({ level: 'error', format: 'json' }),
    });

    const { run } = await start('a', 'test:', broken.lease());

    expect(await run.ended).toEqual(crash('the stream process ended with status 1'));
  });
});
