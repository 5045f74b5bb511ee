import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FrameHandle } from '#src/shared/domain/frame.js';
import { addon, whole } from '../pixels/pictures.js';
import { OUTPUT, withCamera, withPicture, type Region } from './compose-oracle.js';
import { inOwnProcess } from './own-process.js';
import { softGpu } from './soft-cuda.js';

beforeAll(async () => {
  await addon.openGpu(softGpu());
});

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

describe('what crosses the bus', () => {
  const picture = 1.5 * OUTPUT.width * OUTPUT.height;
  /** Bytes that `work` sent and fetched. */
  async function crossed(work: () => Promise<void>): Promise<Record<'frameUp' | 'setupUp' | 'frameDown', number>> {
    const before = addon.gpuTraffic();
    await work();
    const after = addon.gpuTraffic();
    return {
      frameUp: after.toDevice.frame - before.toDevice.frame,
      setupUp: after.toDevice.setup - before.toDevice.setup,
      frameDown: after.toHost.frame - before.toHost.frame,
    };
  }
  const compose = async (frame: FrameHandle, memory: 'cuda' | 'system'): Promise<void> => {
    const region = { frame, crop: whole(OUTPUT), dest: whole(OUTPUT), alpha: 1 };
    addon.release(await addon.composeOnGpu(OUTPUT, [region], memory));
  };

  it('is nothing where all lies on the GPU and stays there', async () => {
    await withPicture(OUTPUT, 'NV12', async (_, onGpu) => {
      expect(await crossed(() => compose(onGpu, 'cuda'))).toEqual({ frameUp: 0, setupUp: 0, frameDown: 0 });
    });
  });

  it('is one picture for each that is brought down', async () => {
    await withPicture(OUTPUT, 'NV12', async (_, onGpu) => {
      const bytes = await crossed(async () => {
        await compose(onGpu, 'system');
        await compose(onGpu, 'system');
      });
      expect(bytes).toEqual({ frameUp: 0, setupUp: 0, frameDown: 2 * picture });
    });
  });

  it('is a slate once, as setup', async () => {
    await withPicture(OUTPUT, 'I420', async (onHost) => {
      const bytes = await crossed(async () => {
        await compose(onHost, 'cuda');
        await compose(onHost, 'cuda');
      });
      expect(bytes).toEqual({ frameUp: 0, setupUp: picture, frameDown: 0 });
    });
  });

  it("is a camera's frame in the host's memory once, as a frame", async () => {
    await withCamera('format=I420,colorimetry=bt709', async ({ handle, width, height }) => {
      const bytes = await crossed(async () => {
        await compose(handle, 'cuda');
        await compose(handle, 'cuda');
      });
      expect(bytes).toEqual({ frameUp: 1.5 * width * height, setupUp: 0, frameDown: 0 });
    });
  });
});

describe('jobs', () => {
  it('finish in order, also when the sources are released at once', async () => {
    const done: number[] = [];
    const jobs = Array.from({ length: 8 }, async (_, i) => {
      const size = { width: 64, height: 48 };
      const frame = addon.createFrame(size, 'I420', new Uint8Array(1.5 * 64 * 48).fill(20 + i));
      const job = addon.composeOnGpu(OUTPUT, [{ frame, crop: whole(size), dest: whole(OUTPUT), alpha: 1 }], 'system');
      addon.release(frame);
      const result = await job;
      done.push(i);
      const luma = addon.readFrame(result)[0];
      addon.release(result);
      return luma;
    });

    expect(await Promise.all(jobs)).toEqual([20, 21, 22, 23, 24, 25, 26, 27]);
    expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('have the time of their newest source', async () => {
    await withPicture(OUTPUT, 'NV12', async (older) => {
      await withPicture({ width: 32, height: 32 }, 'I420', async (newer) => {
        const dest = whole(OUTPUT);
        const regions: Region[] = [
          { frame: newer, crop: { x: 0, y: 0, width: 32, height: 32 }, dest, alpha: 1 },
          { frame: older, crop: whole(OUTPUT), dest, alpha: 0.5 },
          { colour: [16, 128, 128], dest, alpha: 0.5 },
        ];
        const results = await Promise.all(
          (['cuda', 'system'] as const).map((memory) => addon.composeOnGpu(OUTPUT, regions, memory)),
        );
        for (const result of results) {
          expect(addon.frameInfo(result).ptsMs).toBe(addon.frameInfo(newer).ptsMs);
          addon.release(result);
        }
      });
    });
  });

  it('use their memory again', async () => {
    const compose = async (): Promise<void> => addon.release(await addon.composeOnGpu(OUTPUT, [], 'cuda'));
    await compose();
    const before = addon.gpuMemory().ownBytes;

    for (let i = 0; i < 20; i += 1) await compose();

    expect(addon.gpuMemory().ownBytes).toBe(before);
  });

  it('refuse what is not a place for a frame', () => {
    expect(() => addon.composeOnGpu(OUTPUT, [], 'disk' as 'cuda')).toThrow(
      'memory: expected "system" or "cuda", got "disk"',
    );
  });

  it('need an open GPU, and say when it is lost', async () => {
    const unopened = inOwnProcess("await addon.composeOnGpu({ width: 2, height: 2 }, [], 'cuda');", undefined);
    await expect(unopened).rejects.toThrow(/the GPU is not open; call openGpu first/);

    const lost = inOwnProcess(
      "await addon.openGpu(input); addon.injectFault(); await addon.composeOnGpu({ width: 2, height: 2 }, [], 'cuda');",
      softGpu(),
    );
    await expect(lost).rejects.toThrow(/DIPTYCH_E_GPU_LOST the GPU could not/);
  });
});
