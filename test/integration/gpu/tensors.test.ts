import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import type { Box, Size } from '#src/shared/domain/box.js';
import type { FrameFormat, FrameHandle } from '#src/shared/domain/frame.js';
import type { LetterboxOptions } from '#src/stream/native/types.js';
import { fetchClips, MAN_AT_DESK, MAN_LAUGHING, paintScene } from '../stream/stages/detect/footage.js';
import { addon, firstDifference, packed, randomPicture } from '../pixels/pictures.js';
import { softGpu } from './soft-cuda.js';

const FORMATS: readonly FrameFormat[] = ['I420', 'NV12', 'P010_10LE'];

beforeAll(async () => {
  await addon.openGpu(softGpu());
});

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

async function withFrames(
  size: Size,
  format: FrameFormat,
  pixels: Uint8Array,
  use: (onHost: FrameHandle, onGpu: FrameHandle) => Promise<void>,
): Promise<void> {
  const onHost = addon.createFrame(size, format, pixels);
  const onGpu = await addon.uploadFrame(onHost);
  try {
    await use(onHost, onGpu);
  } finally {
    addon.release(onHost);
    addon.release(onGpu);
  }
}

const withRandom = (
  size: Size,
  format: FrameFormat,
  use: (onHost: FrameHandle, onGpu: FrameHandle) => Promise<void>,
): Promise<void> => withFrames(size, format, packed(randomPicture(size, size.height), format), use);

const tensorFor = ({ width, height }: Size): Float32Array => new Float32Array(3 * width * height);

/** The CPU is the oracle. */
async function expectLetterboxAsOnCpu(
  onHost: FrameHandle,
  onGpu: FrameHandle,
  options: LetterboxOptions,
): Promise<void> {
  const expected = tensorFor(options);
  const mapping = addon.letterbox(onHost, options, expected);
  const actual = tensorFor(options);
  expect(await addon.letterboxOnGpu(onGpu, options, actual)).toEqual(mapping);
  expect(firstDifference(actual, expected)).toBeUndefined();
}

async function expectWarpAsOnCpu(
  onHost: FrameHandle,
  onGpu: FrameHandle,
  matrix: readonly number[],
  options: LetterboxOptions,
): Promise<void> {
  const expected = tensorFor(options);
  addon.warpAffine(onHost, matrix, options, expected);
  const actual = tensorFor(options);
  await addon.warpAffineOnGpu(onGpu, matrix, options, actual);
  expect(firstDifference(actual, expected)).toBeUndefined();
}

const base: LetterboxOptions = {
  width: 64,
  height: 64,
  channels: 'RGB',
  mean: 0,
  scale: 1 / 255,
  pad: 114,
  order: 'nchw',
};
const other = { channels: 'BGR', order: 'nhwc', mean: 127.5, scale: 1 / 128, pad: 0 } as const;

describe.each(FORMATS)('letterbox of %s', (format) => {
  it.each<[string, Size, Partial<LetterboxOptions>]>([
    ['wide, by area, odd sizes', { width: 641, height: 363 }, {}],
    ['tall', { width: 81, height: 301 }, other],
    ['enlarged', { width: 31, height: 17 }, {}],
    ['up to 2 : 1', { width: 101, height: 77 }, other],
    ['an odd tensor', { width: 101, height: 77 }, { width: 37, height: 53 }],
    ['a crop', { width: 201, height: 177 }, { crop: { x: 30.4, y: 22.7, width: 50.5, height: 80.3 } }],
    [
      'a crop over an edge',
      { width: 301, height: 277 },
      { crop: { x: 130.4, y: -122.7, width: 280.5, height: 280.3 } },
    ],
    ['a crop beside the picture', { width: 101, height: 77 }, { crop: { x: 200, y: 0, width: 50, height: 50 } }],
    ['a sliver', { width: 900, height: 2 }, other],
    ['one pixel', { width: 1, height: 1 }, {}],
  ])('%s', async (_, size, change) => {
    await withRandom(size, format, (onHost, onGpu) => expectLetterboxAsOnCpu(onHost, onGpu, { ...base, ...change }));
  });
});

describe.each(FORMATS)('warp of %s', (format) => {
  it.each<[string, readonly number[], Partial<LetterboxOptions>]>([
    ['turned and scaled', [1.3, 0.4, 10.5, -0.4, 1.3, 40.25], {}],
    ['mirrored, blue first', [-2.5, 0.1, 150, 0.1, 2.5, -20], other],
    ['enlarged over the edge', [0.1, 0, -3, 0, 0.1, -3], {}],
    ['padded over the edge', [0.1, 0.2, -3, 0, 0.1, -3], { outside: 'pad' }],
    ['padded, blue first', [3.1, 0.2, -23, 0.3, 3.1, -31], { ...other, outside: 'pad' }],
    ['far outside', [65536, 0, -65536, 0, 65536, 65536], {}],
  ])('%s', async (_, matrix, change) => {
    await withRandom({ width: 163, height: 121 }, format, (onHost, onGpu) =>
      expectWarpAsOnCpu(onHost, onGpu, matrix, { ...base, ...change, width: 57, height: 48 }),
    );
  });
});

it('random pictures, crops and sizes', async () => {
  const next = seededRandom(5);
  const within = (least: number, most: number): number => least + next() * (most - least);
  for (let i = 0; i < 60; i += 1) {
    const size = { width: Math.ceil(within(1, 400)), height: Math.ceil(within(1, 300)) };
    const crop: Box = {
      x: within(-size.width, size.width),
      y: within(-size.height, size.height),
      width: within(0.5, 2 * size.width),
      height: within(0.5, 2 * size.height),
    };
    const tensor = { width: Math.ceil(within(1, 90)), height: Math.ceil(within(1, 90)) };
    const options = { ...base, ...(i % 2 === 0 ? other : {}), ...(i % 3 === 0 ? {} : { crop }), ...tensor };
    const matrix = Array.from({ length: 6 }, (_, k) => (k % 3 === 2 ? within(-50, 300) : within(-4, 4)));
    await withRandom(size, FORMATS[i % 3]!, async (onHost, onGpu) => {
      await expectLetterboxAsOnCpu(onHost, onGpu, options);
      await expectWarpAsOnCpu(onHost, onGpu, matrix, options);
    });
  }
});

it('real people, as detectors and embedders see them', async () => {
  const scene = await paintScene(await fetchClips(), [
    { clip: MAN_AT_DESK, x: 100, y: 300, scale: 1.6 },
    { clip: MAN_LAUGHING, x: 1200, y: 400, scale: 1 },
  ]);
  await withFrames({ width: 1920, height: 1080 }, 'I420', scene, async (onHost, onGpu) => {
    await expectLetterboxAsOnCpu(onHost, onGpu, { ...base, width: 640, height: 640 });
    await expectLetterboxAsOnCpu(onHost, onGpu, { ...base, ...other, width: 256, height: 256 });
    // The face of the second man, slightly turned.
    await expectWarpAsOnCpu(onHost, onGpu, [1.4, 0.2, 1300, -0.2, 1.4, 480], { ...base, width: 112, height: 112 });
  });
});

it('refuses frames that do not lie on the GPU, and wrong arguments', async () => {
  await withRandom({ width: 32, height: 32 }, 'I420', async (onHost, onGpu) => {
    const tensor = tensorFor(base);
    await expect(addon.letterboxOnGpu(onHost, base, tensor)).rejects.toThrow(/memory of the GPU/);
    await expect(addon.warpAffineOnGpu(onHost, [1, 0, 0, 0, 1, 0], base, tensor)).rejects.toThrow(/memory of the GPU/);
    expect(() => addon.letterboxOnGpu(onGpu, base, new Float32Array(3))).toThrow(
      'tensor: expected 12288 numbers, got 3',
    );
    expect(() => addon.warpAffineOnGpu(onGpu, [1, 0], base, tensor)).toThrow('matrix: expected an array of 6');
  });
});
