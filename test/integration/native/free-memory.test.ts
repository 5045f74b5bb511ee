import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { loadTestAddon } from './test-addon.js';

const MB = 2 ** 20;
/** Below what the allocator takes from the system by itself, and gives back by itself. */
const BLOCK_BYTES = 60_000;
const BLOCKS = 2000;

it('gives back what was freed between what is still used', { timeout: 30_000 }, async () => {
  const addon = loadTestAddon();
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const before = addon.heapUsage().freeBytes;
  const blocks = Array.from({ length: BLOCKS }, () => new Uint8Array(BLOCK_BYTES).fill(1));
  const kept = blocks.filter((_, i) => i % 10 === 0);
  blocks.length = 0;
  await vi.waitFor(
    () => {
      collectGarbage();
      expect(addon.heapUsage().freeBytes - before).toBeGreaterThan(80 * MB);
    },
    { timeout: 20_000, interval: 100 },
  );
  const held = process.memoryUsage().rss;

  await addon.returnFreeMemory();

  expect((held - process.memoryUsage().rss) / MB).toBeGreaterThan(60);
  expect(kept.every((block) => block[0] === 1)).toBe(true);
});
