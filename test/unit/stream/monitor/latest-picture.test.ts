import { expect, it } from 'vitest';
import { LatestPicture } from '#src/stream/monitor/latest-picture.js';

/** Encodes a picture to its own number. */
function world() {
  const released: number[] = [];
  const picture = new LatestPicture({
    release: (handle) => void released.push(handle),
    encodeJpeg: (handle: number) => Promise.resolve(Uint8Array.of(handle)),
  });
  return { picture, released };
}

it('keeps the latest picture, and releases each once', async () => {
  const { picture, released } = world();
  for (const handle of [1, 2, 3]) picture.replace(handle);

  expect(await picture.encode()).toEqual(Uint8Array.of(3));
  expect(released).toEqual([1, 2]);

  picture.close();
  picture.close();
  expect(released).toEqual([1, 2, 3]);
});

it('has nothing to show before the first picture', async () => {
  const { picture } = world();

  await expect(picture.encode()).rejects.toMatchObject({ code: 'DIPTYCH_E_NOT_FOUND' });
});
