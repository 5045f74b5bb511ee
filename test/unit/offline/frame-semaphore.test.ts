import { expect, it } from 'vitest';
import { FrameRoom } from '#src/offline/frame-semaphore.js';

it('lets in as many as there are places for, the others in their order', async () => {
  const room = new FrameRoom(2);
  const inside: number[] = [];
  const entering = [1, 2, 3, 4].map(async (who) => {
    await room.enter();
    inside.push(who);
  });
  await Promise.all(entering.slice(0, 2));
  expect(inside).toEqual([1, 2]);

  room.leave();
  await entering[2];
  expect(inside).toEqual([1, 2, 3]);
  room.leave();
  await entering[3];
  expect(inside).toEqual([1, 2, 3, 4]);
});

it('keeps places that nobody waits for', async () => {
  const room = new FrameRoom(1);
  await room.enter();
  room.leave();

  await expect(room.enter()).resolves.toBeUndefined();
});
