import { firstValueFrom, take } from 'rxjs';
import { expect } from 'vitest';
import type { Size } from '#src/shared/domain/box.js';
import type { FrameFormat, FrameHandle } from '#src/shared/domain/frame.js';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import type { ComposeRegion, FillRegion, NativeFrame } from '#src/stream/native/types.js';
import { addon, composed, firstDifference, packed, randomPicture, unpacked } from '../pixels/pictures.js';

export type Region = ComposeRegion | FillRegion;

export const OUTPUT: Size = { width: 160, height: 90 };

/** What the GPU paints, as packed I420: left on the GPU, and brought down. */
async function composedOnGpu(
  output: Size,
  regions: readonly Region[],
): Promise<{ readonly left: Uint8Array; readonly broughtDown: Uint8Array }> {
  const [onGpu, onHost] = await Promise.all([
    addon.composeOnGpu(output, regions, 'cuda'),
    addon.composeOnGpu(output, regions, 'system'),
  ]);
  try {
    expect(addon.frameInfo(onGpu)).toMatchObject({ ...output, format: 'NV12', memory: 'cuda' });
    expect(addon.frameInfo(onHost)).toMatchObject({ ...output, format: 'I420', memory: 'system' });
    return {
      left: packed(unpacked(output, 'NV12', addon.readFrame(onGpu)), 'I420'),
      broughtDown: addon.readFrame(onHost),
    };
  } finally {
    addon.release(onGpu);
    addon.release(onHost);
  }
}

/** The CPU is the oracle. */
export async function expectAsOnCpu(output: Size, regions: readonly Region[]): Promise<void> {
  const expected = await composed(output, regions);
  const { left, broughtDown } = await composedOnGpu(output, regions);
  expect(firstDifference(left, expected)).toBeUndefined();
  expect(firstDifference(broughtDown, expected)).toBeUndefined();
}

/** A random picture: a frame of the host's, and the same on the GPU. */
export async function withPicture(
  size: Size,
  format: FrameFormat,
  use: (onHost: FrameHandle, onGpu: FrameHandle) => Promise<void>,
): Promise<void> {
  const onHost = addon.createFrame(size, format, packed(randomPicture(size, size.width), format));
  const onGpu = await addon.uploadFrame(onHost);
  try {
    await use(onHost, onGpu);
  } finally {
    addon.release(onHost);
    addon.release(onGpu);
  }
}

/** A frame of a graph, as a camera of that colorimetry gives it. */
export async function withCamera(caps: string, use: (frame: NativeFrame) => Promise<void>): Promise<void> {
  const graph = await Graph.fromLaunch(
    `# {graph} string: id
     videotestsrc num-buffers=1 pattern=smpte75
     ! video/x-raw,width=162,height=90,${caps}
     ! diptychsink graph={graph} name=video`,
  );
  try {
    const coming = firstValueFrom(graph.frames('video').pipe(take(1)));
    graph.play();
    const frame = await coming;
    try {
      await use(frame);
    } finally {
      addon.release(frame.handle);
    }
  } finally {
    await graph.close();
  }
}
