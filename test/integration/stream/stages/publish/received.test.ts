import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import { startRunningGateway, type RunningGateway } from '../../../../faults/running-gateway.js';

const PATIENCE = { timeout: 60_000, interval: 200 };

const probe = async (file: string): Promise<unknown[]> => {
  const arguments_ = [
    '-v',
    'error',
    '-show_entries',
    'stream=codec_name,profile,sample_rate,channels',
    '-of',
    'json',
    file,
  ];
  const { stdout } = await promisify(execFile)('ffprobe', arguments_);
  return (JSON.parse(stdout) as { streams: unknown[] }).streams;
};

/** The gateway and a real RTMP server; ffprobe tells what the server has received. */
describe('what an RTMP server receives', () => {
  let rtmp: RtmpServer;
  let gateway: RunningGateway;

  beforeAll(async () => {
    rtmp = await startRtmpServer();
    // A critical message of GLib, of RTMP's plug-in for example, ends the stream process.
    vi.stubEnv('G_DEBUG', 'fatal-criticals');
    gateway = await startRunningGateway();
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await gateway.stop();
    await rtmp.stop();
  });

  it.each([
    ['constrained-baseline', 'superfast', 'Constrained Baseline'],
    ['main', 'superfast', 'Main'],
    ['high', 'ultrafast', 'High'],
  ])('with profile %s and preset %s is H.264 %s, and AAC-LC of 48 kHz in stereo', async (profile, preset, named) => {
    const output = { width: 320, height: 180, fps: 15, bitrateKbps: 400, gopS: 1, preset, profile };
    const id = `is-${profile}`;
    await gateway.call('POST', '', { id, source: { url: 'test:' }, output, targets: [{ url: rtmp.url(id) }] });

    await gateway.until(id, ({ targets }) => (targets[0]?.bytes ?? 0) > 100_000);
    await gateway.call('DELETE', `/${id}`);

    await vi.waitFor(async () => {
      const [file = ''] = await rtmp.recordings(id);
      expect(await probe(file)).toEqual([
        expect.objectContaining({ codec_name: 'h264', profile: named }),
        expect.objectContaining({ codec_name: 'aac', profile: 'LC', sample_rate: '48000', channels: 2 }),
      ]);
    }, PATIENCE);
    // In one connection: nothing was critical.
    expect(await rtmp.recordings(id)).toHaveLength(1);
  });
});
