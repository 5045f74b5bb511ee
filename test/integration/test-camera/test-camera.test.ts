import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { firstValueFrom, take, toArray } from 'rxjs';
import { renderScene, type SceneOptions } from '#src/test-camera/scene-renderer.adapter.js';
import { STILL_SCENE } from '#src/test-camera/scenes.js';
import { startTestCamera, type TestCamera, type TestCameraOptions } from '#src/test-camera/test-camera.adapter.js';

const run = promisify(execFile);
const SHORT_SCENE = { ...STILL_SCENE, name: 'camera-test', durationS: 4 };
const SMALL: SceneOptions = { width: 640, height: 360 };
/** Longer than one round of the scene, so that a seam is in it. */
const LONG_S = 5.5;

interface Heard {
  readonly codec: string;
  readonly ptsS: readonly number[];
}

/** What a client that is not ours receives. */
async function listen(url: string, transport: 'tcp' | 'udp', seconds: number): Promise<readonly Heard[]> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-of', 'json', '-rtsp_transport', transport, '-read_intervals', `%+${seconds}`],
    ...['-show_entries', 'stream=index,codec_name:packet=stream_index,pts_time', url],
  ]);
  const { packets, streams } = JSON.parse(stdout) as {
    readonly packets: readonly { readonly stream_index: number; readonly pts_time?: string }[];
    readonly streams: readonly { readonly index: number; readonly codec_name: string }[];
  };
  return streams.map(({ index, codec_name }) => ({
    codec: codec_name,
    ptsS: packets
      .flatMap(({ stream_index, pts_time }) =>
        stream_index === index && pts_time !== undefined ? [Number(pts_time)] : [],
      )
      .sort((a, b) => a - b),
  }));
}

/** Largest distance of neighbouring time stamps, but for the ends, where B-pictures are cut off. */
function largestGapS({ ptsS }: Heard): number {
  const endS = (ptsS.at(-1) ?? 0) - 0.3;
  const settled = ptsS.filter((pts) => pts > 0.5 && pts < endS);
  return Math.max(...settled.slice(1).map((pts, i) => pts - (settled[i] ?? pts)));
}

describe('test camera', () => {
  const running: TestCamera[] = [];
  const start = async (options: TestCameraOptions): Promise<TestCamera> => {
    const camera = await startTestCamera(options);
    running.push(camera);
    return camera;
  };
  let plain = '';

  beforeAll(async () => {
    plain = await renderScene(SHORT_SCENE, SMALL);
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((camera) => camera.stop()));
  });

  it.each([
    { codec: 'h264', bFrames: 2, audio: 'aac', transport: 'udp', names: ['h264', 'aac'] },
    { codec: 'h265', bFrames: 3, audio: 'pcmu', transport: 'tcp', names: ['hevc', 'pcm_mulaw'] },
    { codec: 'h264', bFrames: 0, audio: 'opus', transport: 'tcp', names: ['h264', 'opus'] },
    { codec: 'h264', bFrames: 0, audio: 'l16', transport: 'udp', names: ['h264', 'pcm_s16be'] },
    { codec: 'h265', bFrames: 0, audio: 'pcma', transport: 'udp', names: ['hevc', 'pcm_alaw'] },
    { codec: 'h264', bFrames: 0, audio: 'none', transport: 'tcp', names: ['h264'] },
  ] as const)('plays $codec with $bFrames B-pictures and $audio over $transport without a seam', async (row) => {
    const file = await renderScene(SHORT_SCENE, { ...SMALL, codec: row.codec, bFrames: row.bFrames, audio: row.audio });
    const camera = await start({ file });

    const heard = await listen(camera.url, row.transport, LONG_S);

    expect(heard.map(({ codec }) => codec).sort()).toEqual([...row.names].sort());
    for (const stream of heard) {
      expect(stream.ptsS.at(-1)).toBeGreaterThan(SHORT_SCENE.durationS + 1);
      expect(largestGapS(stream)).toBeLessThan(0.04);
    }
  });

  it.each(['digest', 'basic'] as const)('lets in who knows the password (%s) and nobody else', async (auth) => {
    const camera = await start({ file: plain, user: 'eve', password: 'p@ss "w!', auth });

    const withPassword = camera.url.replace('rtsp://', `rtsp://eve:${encodeURIComponent('p@ss "w!')}@`);

    expect(await listen(withPassword, 'tcp', 0.5)).toHaveLength(2);
    await expect(listen(camera.url, 'tcp', 0.5)).rejects.toThrow('401');
  });

  it('says when it handed over which frame', async () => {
    const camera = await start({ file: plain, reportFrames: true });
    const reported = firstValueFrom(camera.frames$.pipe(take(70), toArray()));

    await listen(camera.url, 'tcp', 3);
    const frames = await reported;

    expect(frames.map(({ frame, round }) => round * 120 + frame)).toEqual(Array.from({ length: 70 }, (_, i) => i));
    const [first] = frames;
    for (const [i, { captureWallMs }] of frames.entries()) {
      expect(captureWallMs - (first?.captureWallMs ?? 0)).toBeGreaterThan((i * 1000) / 30 - 20);
    }
  });

  it('stalls on request and goes on in its own time', async () => {
    const camera = await start({ file: plain, stall: { afterS: 1, forS: 2 } });

    const heard = await listen(camera.url, 'tcp', LONG_S);

    for (const stream of heard) expect(largestGapS(stream)).toBeGreaterThan(1.8);
  });

  it('says what is wrong when it can not start', async () => {
    const camera = await start({ file: plain });

    await expect(startTestCamera({ file: plain, port: camera.port })).rejects.toMatchObject({
      code: 'DIPTYCH_E_CONFLICT',
    });
    await expect(startTestCamera({ file: '/nowhere.mp4' })).rejects.toMatchObject({ code: 'DIPTYCH_E_CONFLICT' });
  });

  it('is gone at once when it is stopped or killed, twice or once', async () => {
    const camera = await start({ file: plain });

    await Promise.all([camera.stop(), camera.kill()]);
    await camera.stop();

    expect(() => process.kill(camera.pid, 0)).toThrow('ESRCH');
  });
});
