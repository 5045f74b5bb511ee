import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StreamView } from '#src/shared/domain/stream-status.js';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { STILL_SCENE } from '#src/test-camera/scenes.js';
import { startTestCamera, type TestCamera } from '#src/test-camera/test-camera.adapter.js';
import { startEtcd, type EtcdServers } from '../etcd-servers.js';
import { everythingWritten } from './cluster-history.js';
import { startClusterGateway, type ClusterGateway } from './cluster-hosts.js';

const ID = 'talk';
/** People and tiles are written for the next host every second. */
const KEPT_MS = 4000;

let etcd: EtcdServers;
let camera: TestCamera;
let hosts: readonly ClusterGateway[];

beforeAll(async () => {
  const file = await renderScene(STILL_SCENE, { width: 1280, height: 720, fps: 15 });
  etcd = await startEtcd();
  camera = await startTestCamera({ file });
  hosts = await Promise.all(['left', 'right'].map((name) => startClusterGateway(name, etcd.endpoints)));
}, 240_000);

afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await camera.stop();
  await etcd.stop();
});

/** By their names, or those that are known of them. */
const tilesOf = ({ people, tiles }: StreamView): { readonly slots: Record<string, number | undefined> } => ({
  slots: Object.fromEntries(people.map(({ name = '', slot }) => [name, slot])),
  ...tiles,
});

const numbers = ({ people }: StreamView): Record<string, number> =>
  Object.fromEntries(people.map(({ name = '', trackId }) => [name, trackId]));

async function viewAt({ url }: ClusterGateway): Promise<StreamView | undefined> {
  const response = await fetch(`${url}/api/v1/streams/${ID}`, { redirect: 'manual' });
  return response.ok ? ((await response.json()) as StreamView) : undefined;
}

async function send({ url }: ClusterGateway, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/v1/streams${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.ok, await response.text()).toBe(true);
}

/** Both people are there by these names, in any tile. */
async function untilNamed(
  host: ClusterGateway,
  isTrue: (names: Record<string, number>) => boolean,
): Promise<Record<string, number>> {
  const endMs = performance.now() + 90_000;
  for (;;) {
    const view = await viewAt(host);
    const names = view ? numbers(view) : {};
    if (Object.keys(names).length === 2 && isTrue(names)) return names;
    if (performance.now() > endMs) throw new Error(`not so: ${JSON.stringify(view ?? host.lines().slice(-10))}`);
    await delay(100);
  }
}

it('people keep names and numbers when their host is killed', async () => {
  const [first, second] = hosts;
  if (!first || !second) throw new Error('there are no hosts');
  await expect.poll(() => first.lines().some((line) => line.includes('may run')), { timeout: 30_000 }).toBe(true);
  await send(first, '', {
    id: ID,
    source: { url: camera.url },
    output: { width: 640, height: 360, fps: 15, bitrateKbps: 1500, preset: 'ultrafast' },
    people: { names: ['Anna', 'Benjamin'] },
  });
  const { Anna = 0 } = await untilNamed(
    first,
    ({ Anna: anna, Benjamin: ben }) => anna !== undefined && ben !== undefined,
  );
  await send(first, `/${ID}/slots`, { action: 'name', trackId: Anna, name: 'Guest' });
  const before = await untilNamed(first, ({ Guest: guest }) => guest === Anna);
  // Nobody would be in these tiles by their places.
  const { Guest: pinned = 0, ...others } = before;
  const byPlace = await viewAt(first);
  await send(first, `/${ID}/slots`, { action: 'swap' });
  const slot = 1 - ((byPlace && tilesOf(byPlace).slots['Guest']) ?? 0);
  await send(first, `/${ID}/slots`, { action: 'pin', slot, trackId: pinned });
  await send(first, `/${ID}/slots`, { action: 'lock' });
  await delay(KEPT_MS);
  const shown = await viewAt(first);

  await first.kill();
  const after = await untilNamed(second, ({ Guest: guest }) => guest !== undefined);
  await delay(KEPT_MS / 2);
  const shownAfter = await viewAt(second);
  const kept = (await everythingWritten(etcd.endpoints)).flatMap(({ key, now }) =>
    key === `state/${ID}` && now ? [now.value.length] : [],
  );

  expect(Object.keys(others)).toHaveLength(1);
  expect(after).toEqual(before);
  expect(shown && tilesOf(shown)).toMatchObject({ isLocked: true, pinned: [pinned] });
  expect(shown && tilesOf(shown).slots['Guest']).toBe(slot);
  expect(shownAfter && tilesOf(shownAfter)).toEqual(shown && tilesOf(shown));
  console.log(`state: ${kept.length} writes of ${Math.max(...kept)} bytes at most`);
  expect(Math.max(...kept)).toBeLessThanOrEqual(16_384);
});
