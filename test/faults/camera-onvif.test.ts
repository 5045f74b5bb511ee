import { afterEach, describe, expect, it, vi } from 'vitest';
import { sourceSchema } from '#src/shared/config/source-schema.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { OnvifKeyframes, type OnvifKeyframesOptions } from '#src/stream/onvif/onvif-keyframes.adapter.js';
import { openSource } from '#src/stream/stages/ingest/source-session.adapter.js';
import { startOnvifServer, type OnvifServer, type OnvifServerOptions } from './cameras/onvif-server.js';
import { camera, closing } from './cameras/source.js';

const USER = { user: 'onvif', password: 'se<c>ret' };
const DAY_MS = 86_400_000;
const WAIT = { timeout: 40_000, interval: 20 };

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function server(options: OnvifServerOptions = {}): Promise<OnvifServer> {
  const started = await startOnvifServer(options);
  closing.push(() => started.stop());
  return started;
}

/** Asks a server, and keeps what is logged. */
function asking(url: string, options: Partial<OnvifKeyframesOptions> = {}) {
  const warnings: string[] = [];
  const keyframes = new OnvifKeyframes({
    ...{ url, sourceUrl: 'rtsp://192.0.2.7/cam', source: 'rtsp://192.0.2.7/cam', credentials: USER },
    ...{ tls: { verify: true }, pauseMs: 0, retryMs: 0 },
    logger: { info: () => undefined, warn: (fields: object) => warnings.push((fields as { reason: string }).reason) },
    ...options,
  });
  closing.push(() => keyframes.close());
  return { keyframes, warnings };
}

describe('a keyframe is asked for over ONVIF', () => {
  it.each<{ name: string; options: OnvifServerOptions; profiles?: string[] }>([
    { name: 'with a digest in the request, Media2 before Media1', options: {} },
    { name: 'of a camera with Media1 only', options: { media: [1] } },
    { name: 'of a camera without GetServices', options: { hasOnlyCapabilities: true } },
    { name: 'by Digest of HTTP where the camera wants that', options: { auth: 'http' } },
    { name: 'of a camera whose clock is a day behind', options: { clockOffsetMs: -DAY_MS } },
    { name: 'at the host that was configured, whatever the camera calls itself', options: { namedHost: '192.0.2.1' } },
    {
      name: 'for the profile that is played',
      options: { profiles: { sub: 'rtsp://10.0.0.9/low', main: 'rtsp://10.0.0.9:554/cam?unicast=true&proto=Onvif' } },
    },
    {
      name: 'for all profiles where none is known to be played',
      options: { profiles: { a: 'rtsp://10.0.0.9/a', b: 'rtsp://10.0.0.9/b' } },
      profiles: ['a', 'b'],
    },
  ])('$name', async ({ options, profiles = ['main'] }) => {
    const asked = await server(options);
    const { keyframes, warnings } = asking(asked.url);

    keyframes.request();
    await vi.waitFor(() => expect(asked.keyframes).toEqual(profiles), WAIT);
    keyframes.request();
    await vi.waitFor(() => expect(asked.keyframes).toEqual([...profiles, ...profiles]), WAIT);

    expect(warnings).toEqual([]);
    expect(asked.operations.filter((name) => name === 'GetSystemDateAndTime')).toHaveLength(1);
  });

  it('once for requests that come while one is on its way', async () => {
    const asked = await server();
    const { keyframes } = asking(asked.url);

    for (let n = 0; n < 20; n += 1) keyframes.request();
    await vi.waitFor(() => expect(asked.keyframes.length).toBeGreaterThan(0), WAIT);
    await keyframes.close();

    expect(asked.keyframes.length).toBeLessThanOrEqual(2);
  });
});

describe('what fails is told once, in words', () => {
  const bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>';

  it.each<{ name: string; options: OnvifServerOptions; own?: Partial<OnvifKeyframesOptions>; words: RegExp }>([
    { name: 'a page in place of SOAP', options: { raw: '<html><p>camera' }, words: /not SOAP.*source\.onvif\.url/ },
    { name: 'a document with entities of its own', options: { raw: bomb }, words: /not SOAP/ },
    { name: 'megabytes', options: { raw: 'x'.repeat(3 << 20) }, words: /longer than any/ },
    { name: 'no answer', options: { isSilent: true }, own: { timeoutMs: 100 }, words: /did not answer within 0\.1 s/ },
    { name: 'no profiles', options: { profiles: {} }, words: /no media profiles/ },
  ])('$name', async ({ options, own, words }) => {
    const asked = await server(options);
    const { keyframes, warnings } = asking(asked.url, own);

    keyframes.request();
    await vi.waitFor(() => expect(warnings).toHaveLength(1), WAIT);
    const before = asked.operations.length;
    await vi.waitFor(() => {
      // A request that a busy machine does not get out in time is one of those that fail.
      keyframes.request();
      expect(asked.operations.length).toBeGreaterThan(before);
    }, WAIT);
    await keyframes.close();

    expect(warnings).toEqual([expect.stringMatching(words)]);
  });

  it('nobody who listens', async () => {
    const gone = await startOnvifServer();
    await gone.stop();
    const { keyframes, warnings } = asking(gone.url);

    keyframes.request();
    await vi.waitFor(() => expect(warnings).toHaveLength(1), WAIT);

    expect(warnings[0]).toMatch(/nothing listens on 127\.0\.0\.1:\d+/);
  });

  it.each(['wsse', 'http'] as const)('a wrong password (%s), which is not tried again', async (auth) => {
    const asked = await server({ auth });
    const { keyframes, warnings } = asking(asked.url, { credentials: { ...USER, password: 'wrong' } });

    keyframes.request();
    await vi.waitFor(() => expect(warnings).toHaveLength(1), WAIT);
    const before = asked.operations.length;
    const isAsked = keyframes.request();

    expect(warnings[0]).toMatch(/user or password is refused/);
    expect(isAsked).toBe(false);
    expect(asked.operations).toHaveLength(before);
  });
});

it('the picture of a camera whose next keyframe is a minute away comes once it was asked for', async () => {
  const odd = await camera({
    tracks: [{ kind: 'h264', size: '160x90', fps: 10, gop: 600, seconds: 60 }],
    auth: { ...USER, schemes: ['md5'] },
    phaseS: 4,
  });
  const asked = await server({ onKeyframe: () => (odd.forcedKeyframes += 1) });
  const session = await openSource(sourceSchema.parse({ url: odd.url, ...USER, onvif: { url: asked.url } }), {
    pace: 'live',
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined },
  });
  closing.push(() => session.close());
  let pictures = 0;
  session.frames$.subscribe(({ handle }) => {
    pictures += 1;
    loadAddon().release(handle);
  });

  await vi.waitFor(() => expect(pictures).toBeGreaterThan(5), WAIT);

  expect(asked.keyframes.length).toBeGreaterThan(0);
});
