import { execFile } from 'node:child_process';
import { createServer as createTlsServer } from 'node:tls';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import type { TargetStatus } from '#src/shared/domain/stream-status.js';
import { loadTestAddon } from '../../../native/test-addon.js';
import { runRtmpTarget } from '#src/stream/stages/publish/rtmp-target.adapter.js';
import type { TargetProgress } from '#src/stream/stages/publish/target.js';
import { Backoff } from '#src/shared/retry/backoff.js';
import { Reconciler } from '#src/stream/supervision/reconciler.js';
import { wantedBy } from '#src/stream/supervision/wanted-by.js';
import { streamSchema } from '#src/shared/config/schema.js';
import { TargetSupervisor } from '#src/stream/supervision/target-supervisor.adapter.js';
import { withFallback } from '../encode/failing-encoder.js';
import { startProgram, type EncodedProgram } from './encoded-program.js';

const run = promisify(execFile);
const KEY = 'key-that-is-secret';
const closing: (() => unknown)[] = [];
let program: EncodedProgram;

beforeAll(async () => {
  program = await startProgram();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await program.close();
  expect(loadTestAddon().liveFrames()).toBe(0);
});

async function server(): Promise<RtmpServer> {
  const started = await startRtmpServer();
  closing.push(() => started.stop());
  return started;
}

function supervisor(timeoutS = 3): TargetSupervisor {
  const targets = new TargetSupervisor({
    taps: program.taps,
    logger: { info: () => undefined, warn: () => undefined },
    createBackoff: () => new Backoff({ baseMs: 200, capMs: 400 }),
    timeoutS,
  });
  closing.push(() => targets.close());
  return targets;
}

async function until(isMet: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isMet())) await delay(50);
}

const statusOf = (targets: TargetSupervisor, id: string): TargetStatus | undefined =>
  targets.status.find((status) => status.id === id);

interface Recording {
  readonly codecs: Readonly<Record<string, unknown>>[];
  readonly dtsS: Readonly<Record<'video' | 'audio', number[]>>;
}

async function readRecording(path: string): Promise<Recording> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', '-show_packets', path], {
    maxBuffer: 64 << 20,
  });
  const { streams, packets } = JSON.parse(stdout) as {
    readonly streams: Record<string, unknown>[];
    readonly packets: { readonly codec_type: 'video' | 'audio'; readonly dts_time: string }[];
  };
  const of = (type: string): number[] =>
    packets.filter(({ codec_type }) => codec_type === type).map(({ dts_time }) => Number(dts_time));
  return { codecs: streams, dtsS: { video: of('video'), audio: of('audio') } };
}

const steps = (values: readonly number[]): number[] =>
  values.slice(1).map((value, index) => value - (values[index] ?? 0));

describe('a target', () => {
  it('receives H.264 and AAC with rising time stamps and no gap, and a proper end', async () => {
    const rtmp = await server();
    const stop = new AbortController();
    const seen: TargetProgress[] = [];
    const done = runRtmpTarget({ id: 'a', url: rtmp.url(KEY) }, program.taps, stop.signal, (progress) =>
      seen.push(progress),
    );

    await until(() => seen.at(-1)?.state === 'live');
    await delay(4000);
    stop.abort();
    const startMs = performance.now();
    await done;

    expect(performance.now() - startMs).toBeLessThan(2000);
    await until(async () => (await rtmp.log()).includes('deleteStream'));
    const [path = ''] = await rtmp.recordings(KEY);
    const { codecs, dtsS } = await readRecording(path);
    expect(codecs).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ codec_name: 'h264', width: 640, height: 360, has_b_frames: 0 }),
        expect.objectContaining({ codec_name: 'aac', sample_rate: '48000', channels: 2 }),
      ]),
    );
    // FLV has whole milliseconds.
    expect(steps(dtsS.video).every((step) => step > 0.03 && step < 0.037)).toBe(true);
    expect(steps(dtsS.audio).every((step) => step > 0.02 && step < 0.023)).toBe(true);
    expect(dtsS.video.length).toBeGreaterThan(90); // Late sound is waited for by 0.3 s.
    const apartS = [0, -1].map((end) => Math.abs((dtsS.video.at(end) ?? 0) - (dtsS.audio.at(end) ?? 0)));
    expect(Math.max(...apartS)).toBeLessThan(0.6);
  });

  it('stays connected when the encoder fails and another one goes on, and the recording plays through', async () => {
    const rtmp = await server();
    const failing = await startProgram({ encodersFor: (output) => withFallback(output, 'error', 120) });
    closing.push(() => failing.close());
    const stop = new AbortController();
    const done = runRtmpTarget({ id: 'a', url: rtmp.url(KEY) }, failing.taps, stop.signal, () => undefined);

    await until(() => failing.session.encoder === 'x264enc');
    await delay(2500);
    stop.abort();
    await done;

    await until(async () => (await rtmp.log()).includes('deleteStream'));
    const recordings = await rtmp.recordings(KEY);
    expect(recordings).toHaveLength(1);
    const { codecs, dtsS } = await readRecording(recordings[0] ?? '');
    expect(codecs).toEqual(expect.arrayContaining([expect.objectContaining({ codec_name: 'h264', width: 640 })]));
    expect(steps(dtsS.video).every((step) => step > 0)).toBe(true);
    // How long the second encoder takes to start is up to the machine; the sound does not wait for it.
    expect(Math.max(...steps(dtsS.video))).toBeLessThan(4);
    expect(steps(dtsS.audio).every((step) => step > 0 && step < 1)).toBe(true);
    // Every picture can be decoded, those of the second encoder with its own parameter sets.
    const decoded = await run('ffmpeg', ['-v', 'error', '-i', recordings[0] ?? '', '-f', 'framemd5', '-an', '-']);
    expect(decoded.stderr).toBe('');
    const shown = decoded.stdout.split('\n').filter((line) => line.startsWith('0,')).length;
    expect(shown).toBe(dtsS.video.length);
    expect(dtsS.video.length).toBeGreaterThan(120);
  });

  it('that is not there fails, with its key masked', async () => {
    const url = `rtmp://127.0.0.1:${await freePort()}/live/${KEY}`;
    const failed = runRtmpTarget({ id: 'a', url }, program.taps, new AbortController().signal, () => undefined);

    await expect(failed).rejects.toMatchObject({ code: 'DIPTYCH_E_TARGET' });
    await expect(failed).rejects.not.toThrow(KEY);
  });

  it('that hangs while connecting fails after the time-out', async () => {
    const rtmp = await server();
    await rtmp.pause();
    const failed = runRtmpTarget(
      { id: 'a', url: rtmp.url(KEY) },
      program.taps,
      new AbortController().signal,
      () => undefined,
      { timeoutS: 1 },
    );

    await expect(failed).rejects.toMatchObject({ code: 'DIPTYCH_E_TARGET' });
  });

  it('is not run where it was given up before', async () => {
    await expect(
      runRtmpTarget({ id: 'a', url: 'rtmp://127.0.0.1:1/live/x' }, program.taps, AbortSignal.abort(), () => undefined),
    ).resolves.toBeUndefined();
  });

  it('whose certificate nobody vouches for is refused (rtmps)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'diptych-tls-'));
    closing.push(() => rm(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'],
      ...['-keyout', key, '-out', cert],
    ]);
    const tls = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, () => undefined);
    tls.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
    await once(tls, 'listening');
    closing.push(() => tls.close());
    const address = tls.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;

    const failed = runRtmpTarget(
      { id: 'a', url: `rtmps://localhost:${port}/live/${KEY}` },
      program.taps,
      new AbortController().signal,
      () => undefined,
    );

    await expect(failed).rejects.toMatchObject({ code: 'DIPTYCH_E_TARGET' });
  });
});

describe('several targets', () => {
  it('do not hold up each other or the encoder when one hangs, and it is connected anew', async () => {
    const [good, bad] = await Promise.all([server(), server()]);
    const targets = supervisor();
    targets.start({ id: 'good', url: good.url(KEY) });
    targets.start({ id: 'bad', url: bad.url(KEY) });
    await until(() => ['good', 'bad'].every((id) => statusOf(targets, id)?.state === 'live'));

    await bad.pause();
    await until(() => (statusOf(targets, 'bad')?.retries ?? 0) > 0);

    expect(statusOf(targets, 'bad')?.error).toMatchObject({
      code: 'DIPTYCH_E_TARGET',
      nextTryAt: expect.any(String) as string,
    });
    expect(statusOf(targets, 'good')).toMatchObject({ state: 'live', retries: 0 });
    await bad.resume();
    await until(() => statusOf(targets, 'bad')?.state === 'live');
    expect(statusOf(targets, 'bad')).not.toHaveProperty('error');

    await targets.close();
    expect(targets.status).toEqual([]);
    const [path = ''] = await good.recordings(KEY);
    const { dtsS } = await readRecording(path);
    // What the good one received while the other hung has no gap.
    expect(Math.max(...steps(dtsS.video))).toBeLessThan(0.07);
    expect(Math.max(...steps(dtsS.audio))).toBeLessThan(0.03);
  });

  it('are closed together in under two seconds, also where one hangs', async () => {
    const [good, bad] = await Promise.all([server(), server()]);
    const targets = supervisor(60);
    targets.start({ id: 'good', url: good.url(KEY) });
    targets.start({ id: 'bad', url: bad.url(KEY) });
    await until(() => ['good', 'bad'].every((id) => statusOf(targets, id)?.state === 'live'));
    await bad.pause();
    await until(() => statusOf(targets, 'bad')?.state === 'stalled');

    const startMs = performance.now();
    await targets.close();

    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  it('are started and ended by id', async () => {
    const rtmp = await server();
    const targets = supervisor();
    targets.start({ id: 'one', url: rtmp.url(KEY) });

    expect(() => targets.start({ id: 'one', url: rtmp.url('other') })).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_CONFLICT' }),
    );
    expect(statusOf(targets, 'one')?.url).not.toContain(KEY);
    await until(() => statusOf(targets, 'one')?.state === 'live');
    expect(statusOf(targets, 'one')?.bytes).toBeGreaterThan(0);
    await targets.end('one');
    await targets.end('one');
    expect(targets.status).toEqual([]);
  });

  it('are replaced under their id, each after the end of the one before', async () => {
    const [before, after] = await Promise.all([server(), server()]);
    const [targets, reached] = [supervisor(), [] as number[]];
    const options = streamSchema.parse({ source: { url: 'test:' } });
    const nothing = (): void => undefined;
    const reconciler = new Reconciler({
      targets,
      options: { current: () => options, set: nothing, setSource: nothing, setBitrate: nothing },
      recording: { running: undefined, start: nothing, end: () => Promise.resolve() },
      applySlots: nothing,
      onReached: ({ revision }) => reached.push(revision),
    });
    const want = (revision: number, url: string): void =>
      reconciler.want({ ...wantedBy({ ...options, targets: [{ id: 'one', url }] }), revision });
    want(1, before.url(KEY));
    await until(() => statusOf(targets, 'one')?.state === 'live');

    want(2, after.url(KEY));
    await until(() => reached.at(-1) === 2);

    expect(await before.log()).toContain('deleteStream');
    await until(() => statusOf(targets, 'one')?.state === 'live');
    expect(statusOf(targets, 'one')?.url).toContain(String(after.port));
    reconciler.close();
    await targets.close();
    expect(targets.status).toEqual([]);
    expect(await after.recordings(KEY)).toHaveLength(1);
  });
});
