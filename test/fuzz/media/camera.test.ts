import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { damagePackets, type DamageControl } from '../../faults/cameras/damage.js';
import { OddCamera } from '../../faults/cameras/odd-camera.js';
import type { OddTrackOptions } from '../../faults/cameras/odd-tracks.js';
import { closing, opened } from '../../faults/cameras/source.js';
import { fuzz } from '../harness/fuzz.js';

/** Long enough for a keyframe on the busiest machine, ms. */
const PICTURE_MS = 25_000;
/** Packets that are damaged for each input. */
const DAMAGED = 20;

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Kind = 'h264' | 'h265' | 'jpeg';

/** A camera whose packets are damaged while `left` is above 0. */
async function damagingCamera(kind: Kind): Promise<{ readonly camera: OddCamera; readonly control: DamageControl }> {
  const small = { size: '160x120', fps: 25, seconds: 2 };
  const pictures: OddTrackOptions = kind === 'jpeg' ? { kind, ...small } : { kind, ...small, gop: 5 };
  const tracks = [pictures, { kind: 'aac' } as const];
  const camera = await OddCamera.start({ tracks });
  closing.push(() => camera.stop());
  return { camera, control: damagePackets(camera, seededRandom(1)) };
}

it.each(['h264', 'h265', 'jpeg'] as const)('damaged %s and AAC of a camera do not end its session', async (kind) => {
  const { camera, control } = await damagingCamera(kind);
  const session = await opened(camera.url, { timeoutS: 60 });
  let pictures = 0;
  let end: unknown;
  session.frames$.subscribe(({ handle }) => {
    pictures += 1;
    loadAddon().release(handle);
  });
  session.ended.then(
    () => (end = new Error('it ended of itself')),
    (error: unknown) => (end = error),
  );
  const until = async (isMet: () => boolean): Promise<void> => {
    const begun = performance.now();
    while (!isMet()) {
      if (end !== undefined) throw end as Error;
      if (performance.now() - begun > PICTURE_MS) throw new Error('no picture any more');
      await delay(5);
    }
  };
  await until(() => pictures > 0);

  await fuzz({
    name: `camera-${kind}`,
    usually: 4,
    // Twenty damaged packets an input: 2,000 in the long form.
    share: 0.001,
    inputs: fc.integer(),
    check: async (seed) => {
      control.random = seededRandom(seed);
      control.left = DAMAGED;
      await until(() => control.left <= 0);

      const before = pictures;
      await until(() => pictures > before + 5);
    },
  });

  expect(camera.methods.filter((method) => method === 'DESCRIBE')).toHaveLength(1);
});
