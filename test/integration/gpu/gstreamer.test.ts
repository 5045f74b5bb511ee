import { execFileSync } from 'node:child_process';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Size } from '#src/shared/domain/box.js';
import type { FrameHandle } from '#src/shared/domain/frame.js';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import { loadTestAddon } from '../native/test-addon.js';
import type { ComposeRegion, FillRegion, GpuInfo, NativeFrame } from '#src/stream/native/types.js';
import { softGpuForGstreamer } from './soft-cuda.js';

const addon = loadTestAddon();
const handles: FrameHandle[] = [];

/** GStreamer's CUDA library: 1.22 and up. */
const hasLibrary = execFileSync('sh', ['-c', 'PATH=$PATH:/sbin:/usr/sbin ldconfig -p'], { encoding: 'utf8' }).includes(
  'libgstcuda-1.0.so.0',
);

const OUTPUT = { width: 320, height: 180 };
const NV12_BYTES = 320 * 180 * 1.5;

function create(size: Size): FrameHandle {
  const data = Uint8Array.from({ length: size.width * size.height * 1.5 }, (_, index) => (index * 7) % 256);
  handles.push(addon.createFrame(size, 'NV12', data));
  return handles.at(-1) as FrameHandle;
}

function scene(): readonly (ComposeRegion | FillRegion)[] {
  const frame = create({ width: 96, height: 64 });
  return [
    { colour: [90, 110, 140], dest: { x: 0, y: 0, ...OUTPUT }, alpha: 1 },
    { frame, crop: { x: 3, y: 5, width: 70, height: 50 }, dest: { x: 20, y: 10, width: 200, height: 150 }, alpha: 0.5 },
  ];
}

async function painted(regions = scene()): Promise<FrameHandle> {
  handles.push(await addon.composeOnGpu(OUTPUT, regions, 'cuda'));
  return handles.at(-1) as FrameHandle;
}

/** Luma, then both chromas one behind the other, of NV12. */
function toI420(nv12: Uint8Array): Uint8Array {
  const luma = OUTPUT.width * OUTPUT.height;
  const [u, v] = [0, 1].map((first) => nv12.subarray(luma).filter((_, index) => index % 2 === first));
  return Uint8Array.from([...nv12.subarray(0, luma), ...(u ?? []), ...(v ?? [])]);
}

let info: GpuInfo;

beforeAll(async () => {
  info = await addon.openGpu(softGpuForGstreamer());
});

afterEach(() => {
  for (const handle of handles.splice(0)) addon.release(handle);
  expect(addon.liveFrames()).toBe(0);
});

it('shares our context with GStreamer where its library is there', () => {
  expect(info.gstreamer).toBe(hasLibrary ? 'shared' : 'own');
});

describe.skipIf(!hasLibrary)("pictures in GStreamer's own CUDA memory", () => {
  it('are painted as on the CPU, and come down once', async () => {
    const regions = scene();
    const frame = await painted(regions);
    handles.push(await addon.compose(OUTPUT, regions));
    const expected = addon.readFrame(handles.at(-1) as FrameHandle);
    const before = addon.gpuTraffic().toHost.frame;

    expect(addon.frameInfo(frame)).toMatchObject({ ...OUTPUT, format: 'NV12', memory: 'cuda' });
    expect(Buffer.compare(toI420(addon.readFrame(frame)), expected)).toBe(0);
    addon.readFrame(frame);
    expect(addon.gpuTraffic().toHost.frame - before).toBe(NV12_BYTES);
  });

  it('are used again, and show what is painted then', async () => {
    const fill = (y: number): readonly FillRegion[] => [
      { colour: [y, 128, 128], dest: { x: 0, y: 0, ...OUTPUT }, alpha: 1 },
    ];
    for (const y of [40, 80, 120, 160]) {
      const handle = await addon.composeOnGpu(OUTPUT, fill(y), 'cuda');
      expect(addon.readFrame(handle)[1000]).toBe(y);
      addon.release(handle);
    }
    const { freeBytes } = addon.gpuMemory();
    for (let i = 0; i < 5; ++i) addon.release(await addon.composeOnGpu(OUTPUT, fill(50), 'cuda'));

    expect(addon.gpuMemory().freeBytes).toBe(freeBytes);
  });

  it('go through a graph as CUDA memory without a copy', async () => {
    const graph = await Graph.fromLaunch(`# {graph} string: id
      diptychsrc graph={graph} name=in ! capsfilter caps=video/x-raw(memory:CUDAMemory),format=NV12 !
      diptychsink graph={graph} name=out sync=false`);
    try {
      const frame = await painted();
      const pixels = addon.readFrame(frame);
      const before = addon.gpuTraffic();
      const arrived = new Promise<NativeFrame>((done) => addon.onFrames(graph.id, 'out', done));
      graph.play();
      addon.pushFrame(graph.id, 'in', frame, addon.nowMs());
      const received = await arrived;
      handles.push(received.handle);

      expect(received).toMatchObject({ ...OUTPUT, format: 'NV12', memory: 'cuda' });
      expect(addon.gpuTraffic()).toEqual(before);
      expect(addon.readFrame(received.handle)).toEqual(pixels);
    } finally {
      await graph.close();
    }
  });
});
