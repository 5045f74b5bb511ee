import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StreamView } from '#src/shared/domain/stream-status.js';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { STILL_SCENE } from '#src/test-camera/scenes.js';
import { startTestCamera, type TestCamera } from '#src/test-camera/test-camera.adapter.js';
import { sendSignal } from '../send-signal.js';
import { startRunningGateway, type RunningGateway } from './running-gateway.js';

const run = promisify(execFile);
const ID = 'talk';
const WIDTH = 640;
const HEIGHT = 360;

let gateway: RunningGateway;
let camera: TestCamera;

beforeAll(async () => {
  const file = await renderScene(STILL_SCENE, { width: 1280, height: 720, fps: 15 });
  [gateway, camera] = await Promise.all([startRunningGateway(), startTestCamera({ file })]);
  await gateway.call('POST', '', {
    id: ID,
    source: { url: camera.url },
    output: { width: WIDTH, height: HEIGHT, fps: 15, bitrateKbps: 1500, preset: 'ultrafast' },
    // A machine that is busy with other tests may lose people for a while; who is gone longer loses the tile.
    framing: { holdS: 20 },
    track: { lostS: 20 },
    people: { names: ['Anna', 'Benjamin'] },
  });
}, 240_000);

afterAll(async () => {
  await gateway.stop();
  await camera.stop();
});

/** Who is in which tile, from left to right. */
const tiles = ({ people }: StreamView): (string | undefined)[] =>
  [...people].sort((a, b) => (a.slot ?? 9) - (b.slot ?? 9)).map(({ name }) => name);
const numbers = ({ people }: StreamView): Record<string, number> =>
  Object.fromEntries(people.map(({ name = '', trackId }) => [name, trackId]));
const until = (...names: (string | undefined)[]): Promise<StreamView> =>
  gateway.until(ID, (view) => JSON.stringify(tiles(view)) === JSON.stringify(names), 120);
const ask = (body: object): Promise<unknown> => gateway.call('POST', `/${ID}/slots`, body);

/** Luma of the foot of the left and of the right tile in the composed picture, where the plates are. */
async function plates(): Promise<readonly [Uint8Array, Uint8Array]> {
  const response = await fetch(`${gateway.url}/api/v1/streams/${ID}/snapshot.jpg`);
  const jpeg = Buffer.from(await response.arrayBuffer());
  const decoding = run(
    'ffmpeg',
    ['-v', 'error', '-f', 'image2pipe', '-i', '-', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
    {
      ...{ encoding: 'buffer', maxBuffer: WIDTH * HEIGHT * 4 },
    },
  );
  decoding.child.stdin?.end(jpeg);
  const luma = (await decoding).stdout;
  const cut = (fromX: number): Uint8Array => {
    const rows = Array.from({ length: 18 }, (_, row) => luma.subarray((318 + row) * WIDTH + fromX)).map((row) =>
      row.subarray(0, WIDTH / 2),
    );
    return Buffer.concat(rows);
  };
  return [cut(0), cut(WIDTH / 2)];
}

/** Pixels of the letters, which are white, that two plates do not share: of those of both. */
function difference(one: Uint8Array, other: Uint8Array): number {
  let both = 0;
  let differing = 0;
  one.forEach((value, index) => {
    const [a, b] = [value > 190, (other[index] ?? 0) > 190];
    if (a || b) both += 1;
    if (a !== b) differing += 1;
  });
  return both === 0 ? 1 : differing / both;
}

/** Plates that are there and do not fade any more. */
async function settledPlates(): Promise<readonly [Uint8Array, Uint8Array]> {
  for (let before = await plates(); ;) {
    await delay(1500);
    const now = await plates();
    if (difference(before[0], now[0]) < 0.15 && difference(before[1], now[1]) < 0.15) return now;
    before = now;
  }
}

it('names belong to people: the plate of a person goes with them when the tiles are swapped', async () => {
  const before = await until('Anna', 'Benjamin');
  const [anna, ben] = await settledPlates();

  await ask({ action: 'swap' });
  const after = await until('Benjamin', 'Anna');

  expect(numbers(after)).toEqual(numbers(before));
  await expect
    .poll(
      async () => {
        const [left, right] = await plates();
        return Math.max(difference(left, ben), difference(right, anna));
      },
      { timeout: 20_000 },
    )
    .toBeLessThan(0.4);
  const [left, right] = await plates();
  expect(Math.min(difference(left, anna), difference(right, ben))).toBeGreaterThan(0.5);
  await ask({ action: 'swap' });
  await until('Anna', 'Benjamin');
});

it('somebody says who a person is, and the names of both are right', async () => {
  const { Anna = 0, Benjamin = 0 } = numbers(await until('Anna', 'Benjamin'));

  await ask({ action: 'name', trackId: Anna, name: 'Benjamin' });
  const exchanged = await until('Benjamin', 'Anna');
  await ask({ action: 'name', trackId: Benjamin, name: 'Guest' });
  const guest = await until('Benjamin', 'Guest');

  expect(numbers(exchanged)).toEqual({ Benjamin: Anna, Anna: Benjamin });
  expect(numbers(guest)).toEqual({ Benjamin: Anna, Guest: Benjamin });
});

it('a corrected list changes the names of people who are there, at once', async () => {
  const answer = await gateway.call('PATCH', `/${ID}`, { people: { names: ['Anna', 'Ben'] } });

  expect(answer).toMatchObject({ changed: { live: ['people.names'], restart: [] } });
  await until('Ben', 'Guest');
});

it.each<[string, () => Promise<unknown>]>([
  ['is killed', async () => sendSignal(await gateway.streamPid(), 'SIGKILL')],
  ['is started anew', () => gateway.call('POST', `/${ID}/restart`)],
  ['has another output', () => gateway.call('PATCH', `/${ID}`, { output: { fps: 12 } })],
])('people keep names and numbers when their stream process %s', async (_name, change) => {
  const before = await until('Ben', 'Guest');

  await change();
  // Frames are counted by each run anew.
  await gateway.until(ID, ({ frames }) => frames.in < before.frames.in, 60);
  const after = await until('Ben', 'Guest');

  expect(numbers(after)).toEqual(numbers(before));
});
