import { afterEach, describe, expect, it, vi } from 'vitest';
import { sourceSchema } from '#src/shared/config/source-schema.js';
import { seededRandom } from '#src/shared/random.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { openSource } from '#src/stream/stages/ingest/source-session.adapter.js';
import { cutPackets, damagePackets } from './cameras/damage.js';
import type { OddPayload, OddTrackOptions } from './cameras/odd-tracks.js';
import { camera, closing } from './cameras/source.js';

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const addon = loadAddon();
const WAIT = { timeout: 60_000, interval: 50 };
const SMALL = { size: '320x180', fps: 25, gop: 25, seconds: 4, lines: ['a=rtcp-fb:* nack pli'] };
const AAC: OddTrackOptions = { kind: 'aac' };

/** Plays a camera until the test ends; what it says is kept. */
async function play(url: string) {
  const told: string[] = [];
  const tell = (...words: readonly unknown[]): number => told.push(String(words.at(-1)));
  const logger = { debug: () => undefined, info: tell, warn: tell };
  const session = await openSource(sourceSchema.parse({ url, timeoutS: 5 }), { pace: 'live', logger });
  closing.push(() => session.close());
  const state = { pictures: 0, end: undefined as unknown };
  session.frames$.subscribe(({ handle }) => {
    state.pictures += 1;
    addon.release(handle);
  });
  session.ended.catch((error: unknown) => (state.end = error));
  const more = async (pictures: number): Promise<void> => {
    const before = state.pictures;
    await vi.waitFor(() => expect(state.pictures).toBeGreaterThan(before + pictures), WAIT);
  };
  return { session, state, told, more };
}

describe('packets of a camera that come damaged', () => {
  it.each(['h264', 'h265'] as const)('may end before the parts that they say they have: %s', async (kind) => {
    const odd = await camera({ tracks: [{ kind, ...SMALL }] });
    const control = cutPackets(odd, kind);
    const { session, state, more } = await play(odd.url);
    await more(5);

    control.left = 60;
    await vi.waitFor(() => expect(control.left).toBe(0), WAIT);
    await more(50);

    expect(state.end).toBeUndefined();
    expect(session.damaged).toBeGreaterThan(50);
  });

  it.each(['h264', 'h265'] as const)(
    'do not end the session: %s is whole again, a keyframe is asked for, and it is told once',
    async (kind) => {
      const odd = await camera({ tracks: [{ kind, ...SMALL }, AAC] });
      const control = damagePackets(odd, seededRandom(7));
      const { session, state, told, more } = await play(odd.url);
      await more(5);
      const asked = odd.keyframeRequests;

      control.left = 250;
      await vi.waitFor(() => expect(control.left).toBe(0), WAIT);
      await more(50);

      expect(odd.methods.filter((method) => method === 'DESCRIBE')).toHaveLength(1);
      expect(state.end).toBeUndefined();
      expect(session.damaged).toBeGreaterThan(20);
      expect(odd.keyframeRequests).toBeGreaterThan(asked);
      expect(told.filter((text) => text.includes('come damaged'))).toHaveLength(1);
    },
  );

  it('do not end the session of Motion JPEG, of which every picture is a keyframe', async () => {
    const odd = await camera({ tracks: [{ kind: 'jpeg', size: '320x180' }, AAC] });
    const control = damagePackets(odd, seededRandom(7));
    const { session, state, more } = await play(odd.url);
    await more(5);

    control.left = 250;
    await vi.waitFor(() => expect(control.left).toBe(0), WAIT);
    await more(20);

    expect(odd.methods.filter((method) => method === 'DESCRIBE')).toHaveLength(1);
    expect(state.end).toBeUndefined();
    expect(session.damaged).toBeGreaterThan(5);
  });

  it('end it only where nothing can be decoded for long, and the reason is told', async () => {
    const odd = await camera({ tracks: [{ kind: 'h264', ...SMALL }] });
    const control = damagePackets(odd, seededRandom(7));
    const { state, more } = await play(odd.url);
    await more(5);

    // A kind of packet that nothing here takes apart (MTAP, RFC 6184).
    odd.tracks.forEach((track) => {
      track.payloads = (): OddPayload[] => [{ payload: Buffer.alloc(40, 26), isLast: true }];
    });
    control.ratio = 0;
    await vi.waitFor(() => expect(state.end).toBeDefined(), WAIT);

    expect(state.end).toMatchObject({ code: 'DIPTYCH_E_SOURCE_FORMAT' });
    expect(String(state.end)).toContain('cannot be decoded');
  });

  it('sound that fails is silence, and comes back', async () => {
    const odd = await camera({ tracks: [{ kind: 'h264', ...SMALL }, AAC] });
    const { session, state, more } = await play(odd.url);
    const samples = (): number => {
      const { graphId, element } = session.audio;
      return addon.sinkStats(graphId, element).received;
    };
    let audio: string | undefined;
    session.info$.subscribe((info) => (audio = info.audio));
    await vi.waitFor(() => expect(samples()).toBeGreaterThan(20), WAIT);
    const [, sound] = odd.tracks;
    if (!sound) throw new Error('no sound');
    const payloads = sound.payloads.bind(sound);

    // Lengths of access units that are not there: the depayloader gives up.
    sound.payloads = (): OddPayload[] => [{ payload: Buffer.alloc(30, 255), isLast: true }];
    await vi.waitFor(() => expect(audio).toBe('none'), WAIT);
    sound.payloads = payloads;
    await vi.waitFor(() => expect(audio).toBe('AAC'), WAIT);
    await vi.waitFor(() => expect(samples()).toBeGreaterThan(20), WAIT);
    await more(10);

    expect(state.end).toBeUndefined();
  });
});
