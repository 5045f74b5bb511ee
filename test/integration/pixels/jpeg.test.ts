import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addon, plainPicture, randomPicture, withFrame } from './pictures.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-jpeg-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** RGB bytes as a decoder that is not ours sees them. */
async function decode(jpeg: Uint8Array): Promise<Uint8Array> {
  const picture = join(folder, 'picture.jpg');
  const colours = join(folder, 'picture.rgb');
  await writeFile(picture, jpeg);
  await promisify(execFile)('gst-launch-1.0', [
    ...['-q', 'filesrc', `location=${picture}`, '!', 'jpegdec', '!', 'videoconvert', '!'],
    ...['video/x-raw,format=RGB', '!', 'filesink', `location=${colours}`],
  ]);
  return readFile(colours);
}

// ITU-R BT.709 limited range. Taken for BT.601 or for full range, each would be off by far more.
it.each([
  { name: 'black', yuv: [16, 128, 128], rgb: [0, 0, 0] },
  { name: 'white', yuv: [235, 128, 128], rgb: [255, 255, 255] },
  { name: 'red', yuv: [63, 102, 240], rgb: [255, 0, 0] },
  { name: 'green', yuv: [173, 42, 26], rgb: [0, 255, 0] },
  { name: 'blue', yuv: [32, 240, 118], rgb: [0, 0, 255] },
] as const)('$name is $name in the JPEG too', async ({ yuv, rgb }) => {
  const size = { width: 64, height: 48 };

  const jpeg = await withFrame(plainPicture(size, yuv), 'I420', (frame) => addon.encodeJpeg(frame, 95));

  const colours = await decode(jpeg);
  expect(colours).toHaveLength(64 * 48 * 3);
  const middle = 3 * (24 * 64 + 32);
  for (const [c, colour] of rgb.entries())
    expect(Math.abs((colours[middle + c] ?? NaN) - colour)).toBeLessThanOrEqual(4);
});

it('is smaller at a lower quality, and takes odd sizes and NV12', async () => {
  const picture = randomPicture({ width: 161, height: 91 }, 4);
  const [coarse, fine] = await withFrame(picture, 'NV12', (frame) =>
    Promise.all([addon.encodeJpeg(frame, 10), addon.encodeJpeg(frame, 95)]),
  );
  expect(coarse.length).toBeLessThan(fine.length / 2);
  expect([coarse[0], coarse[1], coarse.at(-2), coarse.at(-1)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
});

it('leaves the event loop free', async () => {
  const picture = randomPicture({ width: 1280, height: 720 }, 4);
  await withFrame(picture, 'I420', async (frame) => {
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 0);
    await addon.encodeJpeg(frame, 90);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(0);
  });
});
