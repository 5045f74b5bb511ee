import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Size } from '#src/shared/domain/box.js';
import type { FrameFormat, FrameHandle } from '#src/shared/domain/frame.js';
import { loadTestAddon } from '../native/test-addon.js';
import { softGpu } from './soft-cuda.js';

const addon = loadTestAddon();
const handles: FrameHandle[] = [];

beforeAll(async () => {
  await addon.openGpu(softGpu());
});

afterEach(() => {
  for (const handle of handles.splice(0)) addon.release(handle);
  expect(addon.liveFrames()).toBe(0);
});

const packedBytes = (size: Size, format: FrameFormat): number =>
  (size.width * size.height + 2 * Math.ceil(size.width / 2) * Math.ceil(size.height / 2)) *
  (format === 'P010_10LE' ? 2 : 1);

function create(size: Size, format: FrameFormat): { readonly handle: FrameHandle; readonly data: Uint8Array } {
  const data = Uint8Array.from({ length: packedBytes(size, format) }, (_, index) => (index * 31 + (index >> 8)) % 256);
  const handle = addon.createFrame(size, format, data);
  handles.push(handle);
  return { handle, data };
}

async function upload(handle: FrameHandle): Promise<FrameHandle> {
  const uploaded = await addon.uploadFrame(handle);
  handles.push(uploaded);
  return uploaded;
}

describe('a frame in the memory of the GPU', () => {
  it.each<[FrameFormat, Size]>([
    ['I420', { width: 64, height: 48 }],
    ['NV12', { width: 64, height: 48 }],
    ['P010_10LE', { width: 64, height: 48 }],
    ['I420', { width: 131, height: 77 }],
    ['NV12', { width: 131, height: 77 }],
    ['P010_10LE', { width: 131, height: 77 }],
    ['NV12', { width: 1, height: 1 }],
    ['NV12', { width: 1920, height: 1080 }],
  ])('has the pixels that were uploaded (%s, %j)', async (format, size) => {
    const { handle, data } = create(size, format);

    const uploaded = await upload(handle);

    expect(addon.frameInfo(uploaded)).toMatchObject({ ...size, format, memory: 'cuda' });
    expect(addon.frameInfo(uploaded).ptsMs).toBe(addon.frameInfo(handle).ptsMs);
    expect(Buffer.compare(addon.readFrame(uploaded), data)).toBe(0);
  });

  it('is the same when it is uploaded again', async () => {
    const uploaded = await upload(create({ width: 64, height: 48 }, 'NV12').handle);
    const before = addon.gpuTraffic();

    expect(addon.readFrame(await upload(uploaded))).toEqual(addon.readFrame(uploaded));
    expect(addon.gpuTraffic().toDevice).toEqual(before.toDevice);
  });

  it('can be taken by every function of the CPU', async () => {
    const { handle } = create({ width: 64, height: 48 }, 'NV12');
    const uploaded = await upload(handle);
    const box = { x: 3, y: 2, width: 40, height: 30 };
    const options = { width: 32, height: 32, channels: 'RGB', mean: 0, scale: 1, pad: 0, order: 'nchw' } as const;
    const tensors = [new Float32Array(3 * 32 * 32), new Float32Array(3 * 32 * 32)] as const;
    const output = { width: 32, height: 24 };
    const dest = { x: 0, y: 0, ...output };

    expect(addon.sharpness(uploaded, box)).toBe(addon.sharpness(handle, box));
    expect(addon.letterbox(uploaded, options, tensors[0])).toEqual(addon.letterbox(handle, options, tensors[1]));
    expect(tensors[0]).toEqual(tensors[1]);
    expect(await addon.encodeJpeg(uploaded, 90)).toEqual(await addon.encodeJpeg(handle, 90));
    const [composed, expected] = await Promise.all(
      [uploaded, handle].map((frame) => addon.compose(output, [{ frame, crop: box, dest, alpha: 1 }])),
    );
    handles.push(composed as FrameHandle, expected as FrameHandle);
    expect(addon.readFrame(composed as FrameHandle)).toEqual(addon.readFrame(expected as FrameHandle));
  });
});

describe('traffic over the bus', () => {
  const size = { width: 256, height: 128 };

  it('counts an upload once, and one copy to the host however often it is read', async () => {
    const before = addon.gpuTraffic();
    const uploaded = await upload(create(size, 'NV12').handle);
    addon.readFrame(uploaded);
    addon.readFrame(uploaded);
    addon.sharpness(uploaded, { x: 0, y: 0, width: 9, height: 9 });
    const after = addon.gpuTraffic();

    expect(after.toDevice).toEqual({ ...before.toDevice, setup: before.toDevice.setup + packedBytes(size, 'NV12') });
    expect(after.toHost).toEqual({ ...before.toHost, frame: before.toHost.frame + packedBytes(size, 'NV12') });
  });

  it('sees a picture that was painted over', async () => {
    const first = await upload(create(size, 'NV12').handle);
    const pixels = addon.readFrame(first);
    addon.release(handles.pop() as FrameHandle);
    const darker = addon.createFrame(
      size,
      'NV12',
      pixels.map((value) => value >> 1),
    );
    handles.push(darker);

    const second = await upload(darker);

    expect(addon.readFrame(second)).toEqual(addon.readFrame(darker));
  });
});

describe('memory of the GPU', () => {
  it('is used again when nobody refers to a picture any more', async () => {
    const size = { width: 320, height: 180 };
    const { handle } = create(size, 'NV12');
    addon.release(await addon.uploadFrame(handle));
    const { ownBytes, freeBytes } = addon.gpuMemory();

    for (let i = 0; i < 10; ++i) addon.release(await addon.uploadFrame(handle));

    expect(ownBytes).toBeGreaterThanOrEqual(packedBytes(size, 'NV12'));
    expect(addon.gpuMemory()).toMatchObject({ ownBytes, freeBytes });
  });
});
