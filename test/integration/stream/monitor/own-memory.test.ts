import { expect, it } from 'vitest';
import { loadTestAddon } from '../../native/test-addon.js';
import { readResidentBytes } from '#src/gateway/metrics/resident-bytes.adapter.js';
import { ownMemory } from '#src/stream/monitor/own-memory.adapter.js';
import { softGpu } from '../../gpu/soft-cuda.js';

it('tells of the process, and of the GPU as long as one is there', async () => {
  const addon = loadTestAddon();
  const resident = (await readResidentBytes(process.pid)) ?? 0;
  const without = ownMemory(addon, 3);
  await addon.openGpu(softGpu());
  const open = ownMemory(addon, 3);
  addon.injectFault();
  const lost = ownMemory(addon, 3);

  expect(without.streamsInProcess).toBe(3);
  expect(without.processBytes / resident).toBeGreaterThan(0.5);
  expect(without.processBytes / resident).toBeLessThan(2);
  expect(without.scriptBytes).toBeLessThan(without.processBytes);
  expect(without.nativeBytes).toBeGreaterThan(0);
  expect([without, open, lost].map(({ gpuBytes }) => typeof gpuBytes)).toEqual(['undefined', 'number', 'undefined']);
});
