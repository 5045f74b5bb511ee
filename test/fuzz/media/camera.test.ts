import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { OddCamera } from '../../faults/cameras/odd-camera.js';
import type { OddPayload, OddTrackOptions } from '../../faults/cameras/odd-tracks.js';
import { closing, opened } from '../../faults/cameras/source.js';
import { fuzz } from '../harness/fuzz.js';

/** Long enough for a keyframe on the busiest machine, ms. */
const PICTURE_MS = 25_000;
/** Packets that are damaged for each input. */
const DAMAGED = 20;
/** Of the packets while they are damaged. */
const DAMAGED_RATIO = 0.4;

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Bytes of a packet changed, cut off, or added; what its header says stays where it is. */
function damage(payload: Buffer, random: () => number): Buffer {
  const changed = Buffer.from(payload);
  const kind = random();
  if (kind < 0.1) return changed.subarray(0, Math.max(1, Math.floor(random() * changed.length)));
  if (kind < 0.15)
    return Buffer.concat([changed, Buffer.alloc(Math.floor(random() * 400), Math.floor(random() * 256))]);
  for (let i = 0; i < 1 + random() * 30; i += 1)
    changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
  return changed;
}

/** A camera whose packets are damaged while `left` is above 0. */
async function damagingCamera(kind: 'h264' | 'h265'): Promise<{
  readonly camera: OddCamera;
  readonly state: { left: number; random: () => number };
}> {
  const small = { size: '160x120', fps: 25, gop: 5, seconds: 2 };
  const tracks: readonly OddTrackOptions[] = [{ kind, ...small }, { kind: 'aac' }];
  const camera = await OddCamera.start({ tracks });
  closing.push(() => camera.stop());
  const state = { left: 0, random: seededRandom(1) };
  for (const track of camera.tracks) {
    const payloads = track.payloads.bind(track);
    track.payloads = (n: number): OddPayload[] =>
      payloads(n).map((each) => {
        if (state.left <= 0 || state.random() > DAMAGED_RATIO) return each;
        state.left -= 1;
        return { ...each, payload: damage(each.payload, state.random) };
      });
  }
  return { camera, state };
}

/** Counts the pictures of a camera, and opens it again where it could not be decoded, as a stream does. */
class Watch {
  pictures = 0;
  reopened = 0;
  #end: unknown;
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async open(): Promise<void> {
    const session = await opened(this.#url, { timeoutS: 60 });
    this.#end = undefined;
    session.frames$.subscribe(({ handle }) => {
      this.pictures += 1;
      loadAddon().release(handle);
    });
    session.ended.then(
      () => (this.#end = new Error('it ended of itself')),
      (error: unknown) => (this.#end = error),
    );
  }

  async until(isMet: () => boolean): Promise<void> {
    const begun = performance.now();
    while (!isMet()) {
      if (this.#end !== undefined) {
        expect(this.#end).toMatchObject({ code: 'DIPTYCH_E_SOURCE_FORMAT' });
        this.reopened += 1;
        await this.open();
      }
      if (performance.now() - begun > PICTURE_MS) throw new Error('no picture any more');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

it.each(['h264', 'h265'] as const)('damaged %s and AAC of a camera do not end the picture for long', async (kind) => {
  const { camera, state } = await damagingCamera(kind);
  const watch = new Watch(camera.url);
  await watch.open();
  await watch.until(() => watch.pictures > 0);

  await fuzz({
    name: `camera-${kind}`,
    usually: 4,
    // Twenty damaged packets an input: 2,000 in the long form.
    share: 0.001,
    inputs: fc.integer(),
    check: async (seed) => {
      state.random = seededRandom(seed);
      state.left = DAMAGED;
      await watch.until(() => state.left <= 0);

      const before = watch.pictures;
      await watch.until(() => watch.pictures > before + 5);
    },
  });
  console.log(`fuzz camera-${kind}: opened again ${watch.reopened} times`);
});
