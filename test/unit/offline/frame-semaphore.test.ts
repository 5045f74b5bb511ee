import { expect, it } from 'vitest';
import { FrameSemaphore } from '#src/offline/frame-semaphore.js';

it('lets in as many as there are places for, the others in their order', async () => {
  const semaphore = new FrameSemaphore(2);
  const inside: number[] = [];
  const entering = [1, 2, 3, 4].map(async (who) => {
    await semaphore.acquire();
    inside.push(who);
  });
  await Promise.all(entering.slice(0, 2));
  expect(inside).toEqual([1, 2]);

  semaphore.release();
  await entering[2];
  expect(inside).toEqual([1, 2, 3]);
  semaphore.release();
  await entering[3];
  expect(inside).toEqual([1, 2, 3, 4]);
});

it('keeps places that nobody waits for', async () => {
  const semaphore = new FrameSemaphore(1);
  await semaphore.acquire();
  semaphore.release();

  await expect(semaphore.acquire()).resolves.toBeUndefined();
});
