import { createServer } from 'node:net';
import { lastValueFrom, scan, takeWhile } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { NativeFrame } from '#src/stream/native/types.js';
import { makeClip } from './clips.js';
import {
  addon,
  camera,
  closeAfterEach,
  closing,
  distances,
  endOf,
  frames,
  known,
  open,
  read,
} from './source-fixture.js';
import { startVp8Server } from './vp8-server.js';

closeAfterEach();

describe('a camera', () => {
  it.each([
    { codec: 'h264', bFrames: 0, audio: 'aac', transport: 'tcp', names: ['H.264', 'AAC'] },
    { codec: 'h264', bFrames: 0, audio: 'pcmu', transport: 'udp', names: ['H.264', 'G.711 µ-law'] },
    { codec: 'h264', bFrames: 2, audio: 'opus', transport: 'tcp', names: ['H.264', 'Opus'] },
    { codec: 'h264', bFrames: 3, audio: 'pcma', transport: 'udp', names: ['H.264', 'G.711 A-law'] },
    { codec: 'h265', bFrames: 0, audio: 'none', transport: 'udp', names: ['H.265', 'none'] },
    { codec: 'h265', bFrames: 3, audio: 'l16', transport: 'tcp', names: ['H.265', 'PCM 16 bit'] },
  ] as const)('with $codec, $bFrames B-frames and $audio over $transport plays evenly', async (row) => {
    const { url } = await camera({ file: await makeClip(row) });
    const session = await open(url, { transport: row.transport });
    const info = known(session, ({ fps, audio }) => fps !== undefined && audio !== undefined);

    const all = await frames(session, 220);

    expect(await info).toMatchObject({ codec: row.names[0], audio: row.names[1], width: 320, height: 180 });
    expect(await session.audio.exists).toBe(row.audio !== 'none');
    const steps = distances(all);
    expect(steps.every((step) => step > 0)).toBe(true);
    // The clock of the camera is learned in the first seconds; a busy machine delays packets later too.
    const learned = steps.slice(120);
    const even = learned.filter((step) => Math.abs(step - 1000 / 30) < 5);
    expect(even.length).toBeGreaterThan(0.8 * learned.length);
    const sound = addon.sinkStats(session.audio.graphId, session.audio.element).received;
    expect(sound > 0).toBe(row.audio !== 'none');
  });

  it('plays 60 frames a second', async () => {
    const { url } = await camera({ file: await makeClip({ fps: 60 }) });
    const session = await open(url);
    const subscription = read(session).subscribe();
    closing.push(() => subscription.unsubscribe());

    const { fps } = await known(session, (info) => info.fps !== undefined && Math.abs(info.fps - 60) < 2);

    expect(fps).toBeDefined();
  });

  it.each(['tcp', 'udp'] as const)(
    'shows its first picture without waiting for the jitter buffer (%s)',
    async (transport) => {
      const { url } = await camera({ file: await makeClip({ audio: 'aac' }) });
      const beganMs = addon.nowMs();
      const session = await open(url, { transport, latencyMs: 10_000 });

      await frames(session, 1);

      expect(addon.nowMs() - beganMs).toBeLessThan(5_000);
    },
  );

  it('gets user name and password as they are', async () => {
    const user = 'us er';
    const password = 'p"w! \\ @:/=\'é';
    const { url } = await camera({ file: await makeClip(), user, password });

    expect(await frames(await open(url, { user, password }), 3)).toHaveLength(3);
    const inUrl = url.replace('rtsp://', `rtsp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
    expect(await frames(await open(inUrl), 3)).toHaveLength(3);
  });

  it.each([
    ['with a wrong password', { user: 'ann', password: 'wrong' }],
    ['without a password', {}],
  ])('%s is an error of its own', async (_, secrets) => {
    const { url } = await camera({ file: await makeClip(), user: 'ann', password: 'right' });

    await expect(open(url, secrets)).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_AUTH' });
  });

  it('that is not at this path, or not there at all, cannot be reached', async () => {
    const started = await camera({ file: await makeClip() });

    const elsewhere = open(`rtsp://127.0.0.1:${started.port}/other`);
    await expect(elsewhere).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_PATH' });
    await started.stop();
    await expect(open(started.url)).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_REFUSED' });
  });

  it('that never answers is given up', async () => {
    const server = createServer((socket) => closing.push(() => socket.destroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;

    const opened = open(`rtsp://127.0.0.1:${port ?? 0}/cam`, { timeoutS: 1 });

    await expect(opened).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_SILENT' });
  });

  it.each(['tcp', 'udp'] as const)('that stalls over %s is noticed', async (transport) => {
    const started = await camera({ file: await makeClip() });
    const session = await open(started.url, { transport, timeoutS: 1.5 });
    const ended = endOf(session);
    await known(session, ({ width }) => width !== undefined);

    started.stall(30);

    expect(await ended).toBe('DIPTYCH_E_SOURCE_UNREACHABLE');
    await expect(session.ended).rejects.toThrow('stalled');
  });

  it.each(['tcp', 'udp'] as const)('that dies over %s is noticed', async (transport) => {
    const started = await camera({ file: await makeClip() });
    const session = await open(started.url, { transport, timeoutS: 1.5 });
    const ended = endOf(session);
    await known(session, ({ width }) => width !== undefined);

    await started.kill();

    expect(await ended).toBe('DIPTYCH_E_SOURCE_UNREACHABLE');
  });

  it('that sends no codec we know is told so', async () => {
    const server = await startVp8Server();
    closing.push(() => server.close());

    const opened = open(server.url);

    await expect(opened).rejects.toMatchObject({
      code: 'DIPTYCH_E_SOURCE_FORMAT',
      message: expect.stringContaining('VP8') as string,
    });
  });
});

describe('a file', () => {
  it.each(['aac', 'none'] as const)('read as fast as it goes gives every frame, then ends (%s)', async (audio) => {
    const session = await open(await makeClip({ audio, fps: 25, bFrames: 2 }), {}, 'free');

    const all = await frames(session, 1000);

    expect(await session.ended).toBe('eos');
    expect(all).toHaveLength(50);
    expect(distances(all).every((step) => Math.abs(step - 40) < 0.01)).toBe(true);
    expect(all[0]?.ptsMs).toBeCloseTo(0, 1);
    expect(await session.audio.exists).toBe(audio !== 'none');
  });

  it.each(['aac', 'none'] as const)('in a loop goes on without a gap (%s)', async (audio) => {
    const session = await open(await makeClip({ audio }), { loop: true });
    const startMs = addon.nowMs();

    const all = await lastValueFrom(
      read(session).pipe(
        scan((list: NativeFrame[], frame) => [...list, frame], []),
        takeWhile((list) => (list.at(-1)?.ptsMs ?? 0) < startMs + 5000, true),
      ),
    );

    const steps = distances(all);
    expect(steps.every((step) => step > 0)).toBe(true);
    expect(all.length).toBeGreaterThan(120);
    const sorted = steps.toSorted((a, b) => a - b);
    expect(sorted[sorted.length >> 1]).toBeCloseTo(1000 / 30, 0);
  });

  it('played once in real time ends', async () => {
    const session = await open(await makeClip(), { loop: false });
    const startMs = addon.nowMs();

    expect(await endOf(session)).toBe('eos');
    expect(addon.nowMs() - startMs).toBeGreaterThan(1800);
  });

  it('that is not there is not opened', async () => {
    await expect(open('/nonexistent/clip.mp4')).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_FILE' });
  });

  it('that is no video fails once it is read', async () => {
    expect(await endOf(await open(new URL(import.meta.url).pathname))).toBe('DIPTYCH_E_SOURCE_FORMAT');
  });
});

it('the test picture plays, with sound', async () => {
  const session = await open('test:');

  const all = await frames(session, 20);

  expect(all[0]).toMatchObject({ width: 1280, height: 720, format: 'I420' });
  expect(addon.sinkStats(session.audio.graphId, session.audio.element).received).toBeGreaterThan(0);
});

it('only a file can be read as fast as it goes', async () => {
  await expect(open('test:', {}, 'free')).rejects.toMatchObject({ code: 'DIPTYCH_E_CONFIG' });
});
