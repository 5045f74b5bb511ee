import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SMALL_STREAM, startRunningGateway, type RunningGateway } from '../../faults/running-gateway.js';
import { WebrtcBin } from './fixture/webrtcbin.js';

/** GStreamer publishes by WHIP, the gateway composes, GStreamer plays by WHEP: all of it real. */
describe('webrtcbin of GStreamer', () => {
  let gateway: RunningGateway;
  const clients: WebrtcBin[] = [];

  const client = (...parameters: ConstructorParameters<typeof WebrtcBin>): WebrtcBin => {
    const started = new WebrtcBin(...parameters);
    clients.push(started);
    return started;
  };

  beforeAll(async () => {
    gateway = await startRunningGateway();
    await gateway.call('POST', '', { id: 'hall', ...SMALL_STREAM, source: { url: 'whip:' } });
  });

  afterEach(async () => {
    for (const one of clients.splice(0)) await one.close();
  });

  afterAll(() => gateway.stop());

  it.each([
    ['H264', 'H.264'],
    ['VP8', 'VP8'],
  ] as const)('publishes %s and Opus', async (encoding, codec) => {
    const publisher = client('publish', `${gateway.url}/whip/hall`, encoding);

    const { source } = await gateway.until(
      'hall',
      ({ state, source: now }) => state === 'live' && now.codec === codec && now.audio !== undefined,
    );

    expect(source).toMatchObject({ width: 320, height: 180, audio: 'Opus' });
    await publisher.close();
    expect(publisher.told).toContainEqual({ deleted: 200 });
  });

  it('plays picture and sound', async () => {
    const player = client('play', `${gateway.url}/whep/hall`);

    await player.until(({ decoded }) => decoded === 'video');
    await player.until(({ decoded }) => decoded === 'audio');

    await player.close();
    expect(player.told).toContainEqual({ deleted: 200 });
  });
});
