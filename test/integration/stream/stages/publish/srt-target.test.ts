import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TargetStatus } from '#src/shared/domain/stream-status.js';
import { Backoff } from '#src/shared/retry/backoff.js';
import { runTarget } from '#src/stream/stages/publish/run-target.adapter.js';
import type { TargetProgress } from '#src/stream/stages/publish/target.js';
import { TargetSupervisor } from '#src/stream/supervision/target-supervisor.adapter.js';
import { loadTestAddon } from '../../../native/test-addon.js';
import { freeUdpPort } from '../ingest/srt-sender.js';
import { startProgram, type EncodedProgram } from './encoded-program.js';
import { decodingProblems, readTransportStream, SrtReceiver } from './srt-receiver.js';

const SECRET = 'correct-horse-battery';
/** Longer than a busy machine lets packets wait: what is lost on the way is sent again in time. */
const PATIENT = 'latency=2000';
/** Some three seconds of the programme. */
const ENOUGH_BYTES = 900_000;
const closing: (() => unknown)[] = [];
let program: EncodedProgram;
let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-srt-'));
  program = await startProgram();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await program.close();
  await rm(folder, { recursive: true });
  expect(loadTestAddon().liveFrames()).toBe(0);
});

function receive(url: string, by?: 'ffmpeg' | 'gstreamer'): SrtReceiver {
  files += 1;
  const receiver = new SrtReceiver(url, join(folder, `${files}.ts`), by);
  closing.push(() => receiver.kill());
  return receiver;
}

interface Publishing {
  readonly seen: readonly TargetProgress[];
  readonly stop: () => Promise<void>;
}

function publishing(url: string, key?: string): Publishing {
  const stop = new AbortController();
  const seen: TargetProgress[] = [];
  const target = { id: 'a', url, ...(key !== undefined && { key }) };
  const done = runTarget(target, program.taps, stop.signal, (progress) => seen.push(progress));
  const end = async (): Promise<void> => {
    stop.abort();
    await done;
  };
  closing.push(() => end().catch(() => undefined));
  return { seen, stop: end };
}

async function until(isMet: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isMet())) await delay(50);
}

const steps = (values: readonly number[]): number[] => values.slice(1).map((value, n) => value - (values[n] ?? 0));

async function expectGoodRecording({ file }: SrtReceiver): Promise<void> {
  const received = await readTransportStream(file);
  const { codecs, dtsS, beginsWithKeyframe } = received;
  expect(codecs).toEqual([
    expect.objectContaining({ codec_name: 'h264', width: 640, height: 360, has_b_frames: 0 }),
    expect.objectContaining({ codec_name: 'aac', profile: 'LC', sample_rate: '48000', channels: 2 }),
  ]);
  expect(beginsWithKeyframe).toBe(true);
  expect(steps(dtsS.video).filter((step) => step < 0.0323 || step > 0.0344)).toEqual([]);
  expect(steps(dtsS.audio).filter((step) => step < 0.0212 || step > 0.0215)).toEqual([]);
  expect(await decodingProblems(file, received)).toBe('');
}

describe('an SRT target', () => {
  it.each(['ffmpeg', 'gstreamer'] as const)(
    'calls a receiver (%s), which gets H.264 and AAC evenly, from a keyframe on, picture and sound together',
    async (by) => {
      const port = await freeUdpPort();
      const receiver = receive(`srt://127.0.0.1:${port}?mode=listener`, by);
      await delay(1000);
      const { seen, stop } = publishing(`srt://127.0.0.1:${port}?${PATIENT}`);
      await until(async () => seen.at(-1)?.state === 'live' && (await receiver.bytes()) > ENOUGH_BYTES);

      const startMs = performance.now();
      await stop();

      expect(performance.now() - startMs).toBeLessThan(2000);
      await receiver.stop();
      await expectGoodRecording(receiver);
      const { dtsS } = await readTransportStream(receiver.file);
      expect(dtsS.video.length).toBeGreaterThan(45);
      expect(Math.abs((dtsS.video[0] ?? 0) - (dtsS.audio[0] ?? 0))).toBeLessThan(0.6);
      expect(seen.at(-1)).toMatchObject({ state: 'live', dropped: 0 });
      expect(seen.at(-1)?.bytes).toBeGreaterThan(100_000);
    },
  );

  it.each([
    ['in the URL', `&passphrase=${SECRET}`, undefined],
    ['as key', '', SECRET],
  ])('encrypts with a passphrase %s', async (_, parameter, key) => {
    const port = await freeUdpPort();
    const receiver = receive(`srt://127.0.0.1:${port}?mode=listener&passphrase=${SECRET}&pbkeylen=32`);
    await delay(1000);

    const { seen } = publishing(`srt://127.0.0.1:${port}?latency=200${parameter}`, key);

    await until(() => seen.at(-1)?.state === 'live');
    await until(async () => (await receiver.bytes()) > ENOUGH_BYTES / 3);
  });

  it.each([
    ['another passphrase', `&passphrase=${SECRET}`, '?passphrase=wrong-wrong-wrong', 'refuses the passphrase'],
    ['no passphrase', `&passphrase=${SECRET}`, '', 'asks for a passphrase'],
    ['a passphrase that is not asked for', '', `?passphrase=${SECRET}`, 'does not encrypt'],
  ])('is told what is wrong with %s', async (_, theirs, ours, words) => {
    const port = await freeUdpPort();
    receive(`srt://127.0.0.1:${port}?mode=listener${theirs}`);
    await delay(1000);

    const failed = runTarget({ id: 'a', url: `srt://127.0.0.1:${port}${ours}` }, program.taps, neverAborted(), nothing);

    await expect(failed).rejects.toMatchObject({ code: 'DIPTYCH_E_TARGET' });
    await expect(failed).rejects.toThrow(words);
    await expect(failed).rejects.not.toThrow(/wrong-wrong|correct-horse/);
  });

  it('has words for a port where nobody is, an unknown name, and a port that is taken', async () => {
    const port = await freeUdpPort();
    const to = (url: string): Promise<void> => runTarget({ id: 'a', url }, program.taps, neverAborted(), nothing);

    await expect(to(`srt://127.0.0.1:${port}`)).rejects.toThrow('nothing takes SRT there');
    await expect(to(`srt://no-such-host.invalid:${port}`)).rejects.toThrow('is not found');
    const { seen } = publishing(`srt://127.0.0.1:${port}?mode=listener`);
    await until(() => seen.length > 0);
    await expect(to(`srt://127.0.0.1:${port}?mode=listener`)).rejects.toThrow('cannot be listened on');
  });

  it('that is called says what it waits for, and sends to several, and to one after another, from a keyframe on', async () => {
    const port = await freeUdpPort();
    const url = `srt://127.0.0.1:${port}`;
    const { seen } = publishing(`${url}?mode=listener`);
    await until(() => seen.length > 2);
    expect(seen.at(-1)).toMatchObject({ state: 'connecting', bytes: 0 });
    expect(seen.at(-1)?.waitsFor?.message).toContain(`call UDP port ${port}`);

    const first = receive(`${url}?${PATIENT}`);
    await until(async () => (await first.bytes()) > 0);
    const second = receive(`${url}?${PATIENT}`);
    await until(async () => (await first.bytes()) > ENOUGH_BYTES && (await second.bytes()) > ENOUGH_BYTES);
    expect(seen.at(-1)).toMatchObject({ state: 'live' });
    expect(seen.at(-1)).not.toHaveProperty('waitsFor');

    await second.kill();
    await first.stop();
    await until(() => seen.at(-1)?.state === 'connecting');
    const third = receive(`${url}?${PATIENT}`);
    await until(async () => (await third.bytes()) > ENOUGH_BYTES);
    await third.stop();

    for (const receiver of [first, third]) await expectGoodRecording(receiver);
  });
});

describe('SRT targets beside others', () => {
  it('are called again when the receiver is back, and hold up nobody when it does not read', async () => {
    const [port, paused] = [await freeUdpPort(), await freeUdpPort()];
    const targets = new TargetSupervisor({
      taps: program.taps,
      logger: { info: nothing, warn: nothing },
      createBackoff: () => new Backoff({ baseMs: 200, capMs: 400 }),
    });
    closing.push(() => targets.close());
    const statusOf = (id: string): TargetStatus | undefined => targets.status.find((status) => status.id === id);
    const good = receive(`srt://127.0.0.1:${port}?mode=listener`);
    const bad = receive(`srt://127.0.0.1:${paused}?mode=listener`);
    await delay(1000);
    targets.start({ id: 'good', url: `srt://127.0.0.1:${port}?${PATIENT}` });
    targets.start({ id: 'bad', url: `srt://127.0.0.1:${paused}?${PATIENT}` });
    await until(() => ['good', 'bad'].every((id) => statusOf(id)?.state === 'live'));

    bad.pause();
    await until(() => (statusOf('bad')?.retries ?? 0) > 0);
    expect(statusOf('bad')?.error?.message).toMatch(/ended the connection|nothing takes|no answer/);
    bad.resume();
    await bad.kill();
    const back = receive(`srt://127.0.0.1:${paused}?mode=listener`);
    await until(async () => statusOf('bad')?.state === 'live' && (await back.bytes()) > ENOUGH_BYTES);
    expect(statusOf('bad')).not.toHaveProperty('error');

    expect(statusOf('good')).toMatchObject({ state: 'live', retries: 0, dropped: 0 });
    await targets.close();
    await good.stop();
    await back.stop();
    for (const receiver of [good, back]) await expectGoodRecording(receiver);
  });
});

const neverAborted = (): AbortSignal => new AbortController().signal;
const nothing = (): void => undefined;
