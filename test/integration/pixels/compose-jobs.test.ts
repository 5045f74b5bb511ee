import { afterEach, describe, expect, it } from 'vitest';
import { addon, packed, plainPicture, whole } from './pictures.js';

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

describe('compose jobs', () => {
  const size = { width: 64, height: 48 };

  it('keep their sources, which may be released at once', async () => {
    const output = { width: 640, height: 480 };

    const jobs = Array.from({ length: 8 }, async (_, i) => {
      const handle = addon.createFrame(size, 'I420', packed(plainPicture(size, [20 + i, 128, 128]), 'I420'));
      const job = addon.compose(output, [{ frame: handle, crop: whole(size), dest: whole(output), alpha: 1 }]);
      addon.release(handle);
      const result = await job;
      const luma = addon.readFrame(result)[0];
      addon.release(result);
      return luma;
    });

    expect(await Promise.all(jobs)).toEqual([20, 21, 22, 23, 24, 25, 26, 27]);
  });

  it('refuse to make more pictures than the pool holds, and go on once some are given back', async () => {
    const held: number[] = [];
    await expect(async () => {
      for (;;) held.push(await addon.compose(size, []));
    }).rejects.toThrow(/^compose: all 512 pictures of 64×48 are still in use/);
    expect(held).toHaveLength(512);

    addon.release(held.pop() ?? 0);
    held.push(await addon.compose(size, []));
    for (const handle of held) addon.release(handle);
  });

  it('use their memory again', async () => {
    const output = { width: 1280, height: 720 };
    const compose = async (): Promise<void> => addon.release(await addon.compose(output, []));
    for (let i = 0; i < 50; i += 1) await compose();
    const before = process.memoryUsage.rss();

    for (let i = 0; i < 1000; i += 1) await compose();

    // One picture that leaks a time would be 1.3 GB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(30e6);
  });

  it('keep a picture whole whose size has not been asked for in a while', async () => {
    const kept = await addon.compose({ width: 320, height: 180 }, []);
    for (let i = 1; i <= 20; i += 1) addon.release(await addon.compose({ width: 16 * i, height: 16 * i }, []));

    const luma = addon.readFrame(kept).subarray(0, 320 * 180);
    addon.release(kept);

    expect(luma.every((sample) => sample === 16)).toBe(true);
  });

  it('tell what the result is', async () => {
    const handle = await addon.compose(size, []);
    expect(addon.frameInfo(handle)).toMatchObject({ ...size, format: 'I420', memory: 'system', ptsMs: 0 });
    addon.release(handle);
  });
});
