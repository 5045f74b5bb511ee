import { expect, it } from 'vitest';
import { readResidentBytes } from '#src/gateway/metrics/resident-bytes.adapter.js';

it('reads what a process takes', async () => {
  const resident = await readResidentBytes(process.pid);

  expect(resident! / process.memoryUsage.rss()).toBeGreaterThan(0.5);
  expect(resident! / process.memoryUsage.rss()).toBeLessThan(2);
});

it('knows nothing of a process that is gone', async () => {
  expect(await readResidentBytes(2 ** 30)).toBeUndefined();
});
