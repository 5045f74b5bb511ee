import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import type { Box, Size } from '#src/shared/domain/box.js';
import type { FrameFormat, FrameHandle } from '#src/shared/domain/frame.js';
import type { FillRegion } from '#src/stream/native/types.js';
import { fetchClips, MAN_AT_DESK, MAN_LAUGHING, paintScene } from '../stream/stages/detect/footage.js';
import { addon, packed, randomPicture, whole } from '../pixels/pictures.js';
import { expectAsOnCpu, OUTPUT, withCamera, withPicture, type Region } from './compose-oracle.js';
import { softGpu } from './soft-cuda.js';

const FORMATS: readonly FrameFormat[] = ['I420', 'NV12', 'P010_10LE'];

beforeAll(async () => {
  await addon.openGpu(softGpu());
});

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

describe.each(FORMATS)('one region of %s', (format) => {
  it.each<[string, Size, Box, Box, number]>([
    ['as it is', { width: 200, height: 120 }, { x: 8, y: 6, ...OUTPUT }, whole(OUTPUT), 1],
    ['at half pixels', { width: 200, height: 120 }, { x: 8.5, y: 6.5, ...OUTPUT }, whole(OUTPUT), 1],
    ['enlarged', { width: 33, height: 21 }, { x: 3.3, y: 2.2, width: 20.5, height: 12.7 }, whole(OUTPUT), 1],
    ['by area, odd sizes', { width: 641, height: 363 }, { x: 0, y: 0, width: 641, height: 363 }, whole(OUTPUT), 1],
    [
      'by area one way only',
      { width: 641, height: 63 },
      { x: 10.2, y: 3.1, width: 600, height: 40 },
      { x: 20, y: 10, width: 100, height: 70 },
      1,
    ],
    [
      'over the edges of both',
      { width: 101, height: 77 },
      { x: -30.4, y: 40.7, width: 120.5, height: 80.3 },
      { x: -20, y: 30, width: 120, height: 100 },
      0.4,
    ],
    ['beside the source', { width: 101, height: 77 }, { x: 300, y: -200, width: 50, height: 40 }, whole(OUTPUT), 1],
    [
      'a crop of many screens',
      { width: 101, height: 77 },
      { x: -9000, y: -5000, width: 18000, height: 10000 },
      whole(OUTPUT),
      1,
    ],
    [
      'one pixel',
      { width: 1, height: 1 },
      { x: 0, y: 0, width: 1, height: 1 },
      { x: 4, y: 4, width: 20, height: 20 },
      1,
    ],
    [
      'beside the output',
      { width: 101, height: 77 },
      { x: 0, y: 0, width: 50, height: 40 },
      { x: 160, y: 0, width: 50, height: 40 },
      1,
    ],
  ])('%s', async (_, size, crop, dest, alpha) => {
    await withPicture(size, format, (_onHost, frame) => expectAsOnCpu(OUTPUT, [{ frame, crop, dest, alpha }]));
  });
});

describe('several regions', () => {
  it('random ones, of frames here and there', async () => {
    const next = seededRandom(77);
    const within = (least: number, most: number): number => least + next() * (most - least);
    const even = (least: number, most: number): number => 2 * Math.round(within(least / 2, most / 2));
    for (let job = 0; job < 40; job += 1) {
      const output = { width: even(2, 120), height: even(2, 90) };
      const handles: FrameHandle[] = [];
      const regions: Region[] = [];
      // Some jobs have more regions than one launch takes.
      const count = job % 8 === 0 ? 20 : Math.round(within(0, 6));
      for (let i = 0; i < count; i += 1) {
        const dest = {
          x: even(-40, output.width),
          y: even(-40, output.height),
          width: even(2, output.width * 1.5),
          height: even(2, output.height * 1.5),
        };
        const alpha = next() < 0.5 ? 1 : next();
        if (next() < 0.2) {
          const part = (): number => Math.floor(next() * 256);
          const radius = (): number => Math.floor(next() * 60);
          const radii = [radius(), radius(), radius(), radius()] as const;
          regions.push({ colour: [part(), part(), part()], dest, alpha, ...(next() < 0.5 && { radii }) });
          continue;
        }
        const size = { width: Math.ceil(within(1, 220)), height: Math.ceil(within(1, 160)) };
        const format = FORMATS[i % FORMATS.length]!;
        const frame = addon.createFrame(size, format, packed(randomPicture(size, job * 100 + i), format));
        handles.push(frame);
        if (i % 2 === 0) handles.push(await addon.uploadFrame(frame));
        const crop = {
          x: within(-size.width, size.width),
          y: within(-size.height, size.height),
          width: within(1, 2 * size.width),
          height: within(1, 2 * size.height),
        };
        regions.push({ frame: handles.at(-1)!, crop, dest, alpha });
      }
      await expectAsOnCpu(output, regions);
      for (const handle of handles) addon.release(handle);
    }
  });

  it('none: black', async () => {
    await expectAsOnCpu(OUTPUT, []);
  });

  it('of real people, side by side, with borders and a name', async () => {
    const clips = await fetchClips();
    const scene = await paintScene(clips, [
      { clip: MAN_AT_DESK, x: 100, y: 300, scale: 1.6 },
      { clip: MAN_LAUGHING, x: 1200, y: 400, scale: 1 },
    ]);
    const size = { width: 1920, height: 1080 };
    const handle = addon.createFrame(size, 'I420', scene);
    const frame = await addon.uploadFrame(handle);
    try {
      await expectAsOnCpu(size, [
        {
          frame,
          crop: { x: 140.3, y: 260.7, width: 604.5, height: 680 },
          dest: { x: 0, y: 0, width: 960, height: 1080 },
          alpha: 1,
        },
        {
          frame,
          crop: { x: 1080.25, y: 330, width: 640, height: 720 },
          dest: { x: 960, y: 0, width: 960, height: 1080 },
          alpha: 1,
        },
        { colour: [180, 90, 200], dest: { x: 0, y: 0, width: 960, height: 6 }, alpha: 0.9 },
        { colour: [40, 150, 110], dest: { x: 0, y: 0, width: 960, height: 1080 }, alpha: 1, radii: [40, 0, 200, 31] },
        { frame, crop: whole(size), dest: { x: 1400, y: 780, width: 480, height: 270 }, alpha: 0.85 },
      ]);
    } finally {
      addon.release(handle);
      addon.release(frame);
    }
  });
});

// GStreamer's notation: range : matrix : transfer : primaries.
describe.each([
  'format=I420,colorimetry=bt601',
  'format=NV12,colorimetry=(string)1:4:0:0',
  'format=I420,colorimetry=(string)1:3:5:1',
  'format=NV12,colorimetry=bt2020',
  'format=NV12,colorimetry=bt709',
])('a camera of %s', (caps) => {
  it.each([1, 0.4])('is composed as BT.709, limited range (alpha %d)', async (alpha) => {
    await withCamera(caps, async ({ handle: frame }) => {
      const below: FillRegion = { colour: [120, 100, 90], dest: whole(OUTPUT), alpha: 1 };
      const crop = { x: 3.3, y: 5.1, width: 100.2, height: 60.7 };
      await expectAsOnCpu(OUTPUT, [below, { frame, crop, dest: { x: -6, y: 4, width: 110, height: 80 }, alpha }]);
    });
  });
});
