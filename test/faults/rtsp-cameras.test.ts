import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OddCameraOptions } from './cameras/odd-camera.js';
import { camera, closing, opened, PICTURE, pictureOf, playing } from './cameras/source.js';

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('what a camera offers', () => {
  it('static payload types need no rtpmap', async () => {
    const { url } = await camera({ tracks: [PICTURE, { kind: 'pcmu', rtpmap: '' }] });

    const session = await playing(url);

    expect(session.info).toMatchObject({ codec: 'H.264', audio: 'G.711 µ-law' });
  });

  it('of two codecs, two sounds, metadata and a back channel one picture and one sound is set up', async () => {
    const started = await camera({
      tracks: [
        { kind: 'metadata' },
        { kind: 'back' },
        { kind: 'h264', size: '320x180', picture: 'color=blue' },
        { kind: 'h265', size: '640x360', picture: 'color=red' },
        { kind: 'pcma' },
        { kind: 'l16' },
      ],
    });

    const session = await playing(started.url);

    expect(session.info).toMatchObject({ codec: 'H.265', width: 640, audio: 'G.711 A-law' });
    expect(session.info.tracks?.filter(({ isTaken }) => isTaken).map(({ index }) => index)).toEqual([3, 4]);
    expect(started.methods.filter((method) => method === 'SETUP')).toHaveLength(2);
  });

  it('source.track chooses, and silence too', async () => {
    const { url } = await camera({
      tracks: [{ kind: 'h264', size: '640x360' }, { kind: 'h264', size: '320x180' }, { kind: 'pcma' }],
    });

    const session = await playing(url, { track: { video: 1, audio: 'none' } });

    expect(session.info).toMatchObject({ width: 320, audio: 'none', audioReason: 'source.track.audio is none' });
  });

  it.each([
    ['AAC without a configuration', { kind: 'aac', fmtp: 'mode=AAC-hbr;sizelength=13' }, 'configuration'],
    ['a codec that is not known', { kind: 'unknown' }, 'X-ODD'],
  ] as const)('%s is silence with its reason, and the picture plays', async (_, track, reason) => {
    const { url } = await camera({ tracks: [PICTURE, track] });

    const session = await playing(url);

    expect(session.info).toMatchObject({ audio: 'none', audioReason: expect.stringContaining(reason) as string });
  });
});

describe('who asks', () => {
  const user = 'ad"min';
  const password = 'a@b:c/d#e?f%41g "\\ é';

  it.each([
    ['Basic', ['basic']],
    ['Digest MD5', ['md5', 'basic']],
    ['Digest MD5-sess', ['md5-sess']],
    ['Digest SHA-256, though MD5 is offered first', ['md5', 'sha256']],
  ] as const)('%s', async (_, schemes) => {
    const { url } = await camera({ auth: { user, password, schemes, hasQop: true } });

    const session = await playing(url, { user, password });

    expect(session.info.codec).toBe('H.264');
  });

  it('a nonce that is good for one request', async () => {
    const { url } = await camera({ auth: { user, password, schemes: ['sha256'], requestsPerNonce: 1 } });

    const session = await playing(url, { user, password });

    expect(session.info.codec).toBe('H.264');
  });

  it('a wrong password is tried once', async () => {
    const started = await camera({ auth: { user, password, schemes: ['md5'] } });

    await expect(opened(started.url, { user, password: 'wrong' })).rejects.toMatchObject({
      code: 'DIPTYCH_E_SOURCE_AUTH',
    });
    expect(started.methods.filter((method) => method === 'DESCRIBE')).toHaveLength(2);
  });
});

describe('on the way', () => {
  it.each(['tcp', 'udp'] as const)('a session that ends without requests is kept alive over %s', async (transport) => {
    const started = await camera({ sessionTimeoutS: 2, transport, refusesGetParameter: true });

    const session = await playing(started.url);
    await pictureOf(session, 125);

    expect(started.timeOuts).toBe(0);
    expect(started.methods).toContain('GET_PARAMETER');
    expect(started.methods.filter((method) => method === 'OPTIONS').length).toBeGreaterThan(2);
  });

  it('UDP is taken where TCP is refused, and loses packets without an end', async () => {
    const started = await camera({ tracks: [PICTURE, { kind: 'pcma' }], transport: 'udp', lossRatio: 0.02 });

    const session = await playing(started.url);
    await pictureOf(session, 50);

    expect(session.info).toMatchObject({ transport: 'udp', audio: 'G.711 A-law' });
    expect(session.info.transportReason).toContain('461');
    expect(started.rtcpReceived).toBeGreaterThan(0);
  });

  it.each<[string, Partial<OddCameraOptions>]>([
    ['packets before the answer to PLAY', { hasEarlyData: true }],
    ['other channels than were asked for', { channelOffset: 6 }],
    ['answers without CSeq', { hasNoCSeq: true }],
    ['lines that end in LF', { lineEnd: '\n' }],
    ['junk between packets', { junk: Buffer.from('\r\n\0\0junk $$ \xff\n', 'latin1') }],
    ['control URLs of another host', { control: 'foreign' }],
    ['absolute control URLs', { control: 'absolute' }],
    ['a description that is longer than said', { contentLengthError: -2 }],
    ['a description that is shorter than said', { contentLengthError: 20 }],
  ])('%s', async (_, options) => {
    const { url } = await camera({ tracks: [PICTURE, { kind: 'pcma' }], ...options });

    const session = await playing(url, { timeoutS: 2 });
    await pictureOf(session, 15);

    expect(session.info.codec).toBe('H.264');
  });

  it('a redirect is followed, and a circle is not', async () => {
    const target = await camera();
    const { url } = await camera({ redirect: target.url });
    const circle = await camera();
    circle.options.redirect = circle.url;

    const session = await playing(url);

    expect(session.info.codec).toBe('H.264');
    await expect(opened(circle.url)).rejects.toThrow('redirects in a circle');
  });

  it('TEARDOWN ends the session', async () => {
    const started = await camera();
    const session = await playing(started.url);

    await session.close();

    await vi.waitFor(() => expect(started.clients).toBe(0));
    expect(started.methods.at(-1)).toBe('TEARDOWN');
  });
});
