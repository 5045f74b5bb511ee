import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sourceSchema } from '#src/shared/config/source-schema.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { chooseDecoders } from '#src/stream/stages/ingest/decoder-choice.js';
import { thisMachine } from '#src/stream/stages/ingest/decoder-machine.adapter.js';
import { openSource } from '#src/stream/stages/ingest/source-session.adapter.js';
import type { SourceOptions } from '#src/stream/stages/ingest/source-session.js';
import type { OddTrackOptions } from './cameras/odd-tracks.js';
import { camera, closing, PICTURE, playing } from './cameras/source.js';

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const addon = loadAddon();
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
/** A keyframe at the beginning of the clip only; a column of each picture is encoded by itself. */
const INTRA_REFRESH = 'keyint=25:min-keyint=25:aud=1:bframes=0:scenecut=0:intra-refresh=1';
const WAIT = { timeout: 40_000, interval: 100 };

/** Brightness of a decoded picture. */
interface Luma {
  readonly width: number;
  readonly height: number;
  readonly rows: Uint8Array;
}

/** Plays until the test ends, and keeps the brightness of every picture. */
async function watch(url: string, config: object = {}, options: Partial<SourceOptions> = {}) {
  const session = await openSource(sourceSchema.parse({ url, timeoutS: 5, ...config }), {
    ...{ pace: 'live', logger },
    ...options,
  });
  closing.push(() => session.close());
  const pictures: Luma[] = [];
  const hashes: string[] = [];
  session.frames$.subscribe(({ handle, width, height }) => {
    const picture = { width, height, rows: addon.lumaSketch(handle, 1) };
    pictures.push(picture);
    hashes.push(createHash('sha256').update(picture.rows).digest('hex'));
    addon.release(handle);
  });
  return { session, pictures, hashes };
}

const decodingWith =
  (launch: string, codec: 'h264' | 'h265' = 'h264'): NonNullable<SourceOptions['decoders']> =>
  (preferences) => {
    const choices = chooseDecoders(thisMachine(addon), preferences);
    return { ...choices, [codec]: { ...choices[codec], launch } };
  };

/** How much more neighbouring rows differ than rows of the same field do: far above 1 where a picture is combed. */
function combing({ width, height, rows }: Luma): number {
  let neighbours = 0;
  let sameField = 0;
  for (let y = 2; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const here = rows[y * width + x] ?? 0;
      neighbours += Math.abs(here - (rows[(y - 1) * width + x] ?? 0));
      sameField += Math.abs(here - (rows[(y - 2) * width + x] ?? 0));
    }
  }
  return (neighbours + 1) / (sameField + 1);
}

describe('sound never ends the picture', () => {
  it.each([
    ['AAC that is garbage', { kind: 'aac', garbage: 'always' }],
    ['AAC of which a frame can be decoded now and then', { kind: 'aac', garbage: 'mostly' }],
    ['AAC with a configuration that does not exist', { kind: 'aac', fmtp: 'mode=AAC-hbr;sizelength=13;config=FFFF' }],
  ] as const)('%s is silence, and says so', async (_, sound) => {
    const { url } = await camera({ tracks: [PICTURE, sound] });
    const { session, pictures } = await watch(url);
    const told: (string | undefined)[] = [];
    session.info$.subscribe(({ audioReason }) => {
      if (audioReason !== undefined || told.length > 0) told.push(audioReason);
    });

    await vi.waitFor(() => expect(told).not.toHaveLength(0), WAIT);
    const before = pictures.length;
    await vi.waitFor(() => expect(pictures.length).toBeGreaterThan(before + 100), WAIT);

    expect(told.filter((reason) => !/decoded|configuration/.test(reason ?? ''))).toEqual([]);
  });

  it('G.722 plays', async () => {
    const { url } = await camera({ tracks: [PICTURE, { kind: 'g722' }] });

    const { info, session } = await playing(url);

    expect(info.audio).toBe('G.722');
    await vi.waitFor(
      () => expect(addon.sinkStats(session.audio.graphId, session.audio.element).received).toBeGreaterThan(20),
      WAIT,
    );
  });
});

describe('a camera whose keyframes are far apart', () => {
  it('is waited for, longer than the time-out of silence, and told', async () => {
    const { url } = await camera({ tracks: [{ kind: 'h264', gop: 400, seconds: 16 }], phaseS: 4 });
    const { session, pictures } = await watch(url, { timeoutS: 3 });

    await vi.waitFor(() => expect(session.trouble?.kind).toBe('waiting_for_keyframe'), WAIT);
    const early = pictures.length;
    await vi.waitFor(() => expect(pictures.length).toBeGreaterThan(10), WAIT);

    expect(early).toBe(0);
    await vi.waitFor(() => expect(session.trouble).toBeUndefined(), WAIT);
  });

  it.each([
    { transport: 'tcp', feedback: 'nack pli' },
    { transport: 'udp', feedback: 'ccm fir' },
  ] as const)('is asked for one over $transport where it offers $feedback', async ({ transport, feedback }) => {
    const lines = [`a=rtcp-fb:* ${feedback}`];
    const odd = await camera({ tracks: [{ kind: 'h264', gop: 400, seconds: 16, lines }], phaseS: 4 });
    await watch(odd.url, { transport });

    await vi.waitFor(() => expect(odd.keyframeRequests).toBeGreaterThan(1), WAIT);
  });
});

describe('more than the decoder can follow, over TCP', () => {
  it.each([
    ['H.264', 'h264'],
    ['H.265', 'h265'],
  ] as const)('%s is dropped up to a keyframe: what is shown is never torn', async (_, kind) => {
    const { url } = await camera({ tracks: [{ kind, gop: 25, seconds: 4, size: '320x180' }] });
    const whole = await watch(url);
    // A whole round of the clip.
    await vi.waitFor(() => expect(new Set(whole.hashes).size).toBeGreaterThanOrEqual(100), WAIT);
    const right = new Set(whole.hashes);
    await whole.session.close();
    const late = `identity name=decoder-${kind} sleep-time=90000 ! avdec_${kind} output-corrupt=false`;
    const slow = await watch(url, {}, { decoders: decodingWith(late, kind) });

    await vi.waitFor(() => expect(slow.session.droppedCoded).toBeGreaterThan(30), WAIT);
    await vi.waitFor(() => expect(slow.session.trouble?.kind).toBe('overloaded'), WAIT);
    const before = slow.pictures.length;
    await vi.waitFor(() => expect(slow.pictures.length).toBeGreaterThan(before + 30), WAIT);

    expect(slow.hashes.filter((hash) => !right.has(hash))).toEqual([]);
  });

  it('of H.264 that refreshes its pictures piece by piece goes on from where that begins', async () => {
    // The first decoder of a process takes longer than a picture to load, and this clip begins with its only keyframe.
    const { url: earlier } = await camera({ tracks: [{ kind: 'h264', gop: 25, seconds: 4, size: '320x180' }] });
    const { pictures: loaded } = await watch(earlier);
    await vi.waitFor(() => expect(loaded.length).toBeGreaterThan(0), WAIT);
    const encoder = ['-x264-params', INTRA_REFRESH];
    const { url } = await camera({ tracks: [{ kind: 'h264', encoder, gop: 25, seconds: 60, size: '320x180' }] });
    const late = 'identity name=decoder-h264 sleep-time=90000 ! avdec_h264 output-corrupt=false';
    const { session, pictures } = await watch(url, {}, { decoders: decodingWith(late) });

    await vi.waitFor(() => expect(session.droppedCoded).toBeGreaterThan(60), WAIT);
    const before = pictures.length;
    await vi.waitFor(() => expect(pictures.length).toBeGreaterThan(before + 30), WAIT);

    expect(session.lagMs).toBeLessThan(2000);
  });

  it('of H.264 that refreshes its pictures piece by piece is shown in the end where it is joined on the way', async () => {
    const encoder = ['-x264-params', INTRA_REFRESH];
    const track = { kind: 'h264', encoder, gop: 25, seconds: 60, size: '320x180' } as const;
    const { url } = await camera({ tracks: [track], phaseS: 4 });
    const late = 'identity name=decoder-h264 sleep-time=100000 ! avdec_h264 output-corrupt=false';
    const { session, pictures } = await watch(url, {}, { decoders: decodingWith(late) });

    await vi.waitFor(() => expect(pictures.length).toBeGreaterThan(10), WAIT);

    expect(session.droppedCoded).toBeGreaterThan(0);
  });
});

describe('the shape of pictures', () => {
  const interlaced: OddTrackOptions = {
    ...{ kind: 'h264', picture: 'testsrc2', size: '640x360', fps: 25, seconds: 4, gop: 25 },
    encoder: ['-vf', 'fps=50,scroll=h=0.02,tinterlace=interleave_top,setfield=tff', '-flags', '+ildct+ilme'],
  };

  it.each([
    { name: 'pixels of 64:45', track: { size: '720x576', encoder: ['-vf', 'setsar=64/45'] }, is: [1024, 576] },
    { name: 'turned by 90 degrees', track: { size: '640x360' }, config: { rotate: '90' }, is: [360, 640] },
    { name: 'turned by 180 degrees', track: { size: '640x360' }, config: { rotate: '180' }, is: [640, 360] },
  ] as const)('$name', async ({ track, is, ...row }) => {
    const { url } = await camera({ tracks: [{ kind: 'h264', ...track }] });

    const { pictures } = await watch(url, 'config' in row ? row.config : {});
    await vi.waitFor(() => expect(pictures.length).toBeGreaterThan(3), WAIT);

    expect([pictures[3]?.width, pictures[3]?.height]).toEqual(is);
  });

  it.each([
    { outputFps: 30, fps: 25 },
    { outputFps: 50, fps: 50 },
  ])(
    '25 interlaced pictures a second are $fps without combs in an output of $outputFps',
    async ({ outputFps, fps }) => {
      const { url } = await camera({ tracks: [interlaced] });

      const { session, pictures } = await watch(url, {}, { outputFps });
      let measured: number | undefined;
      session.info$.subscribe((info) => (measured = info.fps));
      await vi.waitFor(() => expect(measured).toBeCloseTo(fps, -1), WAIT);

      expect(Math.max(...pictures.slice(10, 60).map(combing))).toBeLessThan(1.1);
    },
  );

  it('combs are seen where nothing removes them', async () => {
    const { url } = await camera({ tracks: [interlaced] });
    const woven = 'avdec_h264 name=decoder-h264 ! capssetter caps=video/x-raw,interlace-mode=progressive';

    const { pictures } = await watch(url, {}, { decoders: decodingWith(woven) });
    await vi.waitFor(() => expect(pictures.length).toBeGreaterThan(20), WAIT);

    expect(combing(pictures[15]!)).toBeGreaterThan(1.5);
  });
});
