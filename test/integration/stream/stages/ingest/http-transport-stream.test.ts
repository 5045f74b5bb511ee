import { spawn, spawnSync } from 'node:child_process';
import { expect, it, describe, beforeAll } from 'vitest';
import { DiptychError } from '#src/shared/domain/errors.js';
import { requireProgram } from '#src/shared/programs/find-program.adapter.js';
import { HttpCamera, type Answer } from './http-camera.js';
import { closeAfterEach, closing, distances, endOf, frames, known, open } from './source-fixture.js';

closeAfterEach();

interface Made {
  readonly video?: 'libx264' | 'libx265';
  readonly audio?: 'aac' | 'mp2' | 'ac3' | 'libopus' | 'none';
}

/** Arguments of FFmpeg: a moving test picture and a tone in MPEG-TS, 30 pictures a second, a keyframe each half second. */
const made = ({ video = 'libx264', audio = 'aac' }: Made, before: readonly string[], seconds: number): string[] => [
  ...[
    '-hide_banner',
    '-loglevel',
    'error',
    '-nostdin',
    ...before,
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=320x180:rate=30',
  ],
  ...[...before, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-t', String(seconds)],
  ...['-c:v', video, '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '15'],
  ...(audio === 'none' ? ['-an'] : ['-c:a', audio, '-ac', '2']),
  ...['-f', 'mpegts', '-'],
];

async function server(answer: Answer): Promise<HttpCamera> {
  const listening = await new HttpCamera(answer).listen();
  closing.push(() => listening.close());
  return listening;
}

/** As a tuner or FFmpeg serve it: without a length, at the speed at which it is made. */
const live =
  (stream: Made = {}, contentType = 'video/mp2t', seconds = 60): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': contentType });
    const ffmpeg = spawn(requireProgram('ffmpeg'), made(stream, ['-re'], seconds), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ffmpeg.stdout.pipe(response);
    closing.push(() => ffmpeg.kill('SIGKILL'));
  };

describe('an MPEG transport stream over HTTP', () => {
  let recording: Buffer;

  beforeAll(() => {
    recording = spawnSync(requireProgram('ffmpeg'), made({}, [], 2), { maxBuffer: 1 << 28 }).stdout;
  });

  it.each<[Made, string, { codec: string; audio: string }]>([
    [{}, 'video/mp2t', { codec: 'H.264', audio: 'AAC' }],
    [{ video: 'libx265', audio: 'ac3' }, 'video/MP2T', { codec: 'H.265', audio: 'AC-3' }],
    [{ audio: 'mp2' }, 'application/octet-stream', { codec: 'H.264', audio: 'MPEG audio' }],
    [{ audio: 'none' }, '', { codec: 'H.264', audio: 'none' }],
  ])('plays %o as %s', async (stream, contentType, expected) => {
    const session = await open((await server(live(stream, contentType))).url('/live.ts'));
    const info = known(session, ({ width, audio }) => width !== undefined && audio !== undefined);

    const all = await frames(session, 45);

    expect(Math.min(...distances(all))).toBeGreaterThan(0);
    expect(await info).toMatchObject({ ...expected, width: 320, transport: 'tcp', transportReason: 'HTTP, MPEG-TS' });
  });

  it('plays a recording at its own speed, and begins it again', async () => {
    const of = await server((_, response) => {
      response.writeHead(200, { 'content-type': 'video/mp2t', 'content-length': recording.length }).end(recording);
    });
    const session = await open(of.url('/talk.ts'));

    const all = await frames(session, 150);

    // Of two seconds each.
    expect(of.requests.length).toBeGreaterThanOrEqual(3);
    const spanMs = (all.at(-1)?.ptsMs ?? 0) - (all[0]?.ptsMs ?? 0);
    // Played at once it would be none; on a busy machine its first pictures may come late.
    expect(spanMs).toBeGreaterThan(4_000);
    expect(Math.min(...distances(all))).toBeGreaterThan(0);
  });

  it.each<[string, Answer, object, string]>([
    ['ends', live({}, 'video/mp2t', 2), {}, 'UNREACHABLE'],
    ['is a recording that is played once', (_, response) => response.end(recording), { loop: false }, 'ENDED'],
  ])('tells of one that %s', async (_, answer, config, code) => {
    const opened = open((await server(answer)).url('/live.ts'), config);

    // On a busy machine it ends before it was open.
    const ended = opened.then(endOf, (error: unknown) => error instanceof DiptychError && error.code);
    expect(await ended).toBe(`DIPTYCH_E_SOURCE_${code}`);
  });

  it('says so where something else comes under its name', async () => {
    const junk: Answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'video/mp2t' });
      const sending = setInterval(() => response.write(Buffer.alloc(10_000, 'junk')), 100);
      closing.push(() => clearInterval(sending));
    };

    const opened = open((await server(junk)).url('/live.ts'), { timeoutS: 1 });

    await expect(opened).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_FORMAT' });
    await expect(opened).rejects.toThrow('no MPEG-TS');
  });
});
