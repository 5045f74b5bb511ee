import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import type { TargetStatus } from '#src/shared/domain/stream-status.js';
import { SMALL_STREAM, startRunningGateway, type RunningGateway } from './running-gateway.js';
import { sendSignal } from '../send-signal.js';

/** From the request that starts a stream to the commands, ms. */
const DELAYS_MS = [0, 50, 150, 400, 700, 1500];

let rtmp: RtmpServer;
let gateway: RunningGateway;

beforeAll(async () => {
  rtmp = await startRtmpServer();
  gateway = await startRunningGateway();
});

afterAll(async () => {
  await gateway.stop();
  await rtmp.stop();
});

/** Bytes that the server was sent with a key, over all connections. */
async function received(key: string): Promise<number> {
  const sizes = (await rtmp.recordings(key)).map(async (path) => (await stat(path)).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Which of the keys are on air: what the server says, not what the gateway says. */
async function onAir(keys: readonly string[]): Promise<string[]> {
  const before = await Promise.all(keys.map(received));
  await delay(1500);
  const after = await Promise.all(keys.map(received));
  return keys.filter((_, index) => (after[index] ?? 0) > (before[index] ?? 0));
}

const NAMES = ['kept', 'removed', 'moved', 'again'] as const;

function targetsOf(id: string, overrides: Readonly<Record<string, string>> = {}): { id: string; url: string }[] {
  return NAMES.map((name) => ({ id: name, url: rtmp.url(overrides[name] ?? `${id}-${name}`) }));
}

/**
 * Every kind of change at once, as soon as the one before was accepted. Resolves with what the server had of
 * `removed` when the answer to its removal came.
 */
async function fireAll(id: string): Promise<number> {
  const { call } = gateway;
  await call('POST', `/${id}/targets`, { id: 'added', url: rtmp.url(`${id}-added`) });
  await call('DELETE', `/${id}/targets/removed`);
  const removedBytes = await received(`${id}-removed`);
  await call('POST', `/${id}/slots`, { action: 'swap' });
  await call('DELETE', `/${id}/targets/again`);
  await call('POST', `/${id}/targets`, { id: 'again', url: rtmp.url(`${id}-again`) });
  const wanted = targetsOf(id, { moved: `${id}-moved2` }).filter(({ id: name }) => name !== 'removed');
  await call('PATCH', `/${id}`, { targets: [...wanted, { id: 'added', url: rtmp.url(`${id}-added`) }] });
  return removedBytes;
}

const isLive = (targets: readonly TargetStatus[]): boolean => targets.every(({ state }) => state === 'live');

/** What is wanted after {@link fireAll}, in the API and on the server; `removed` stays off air. */
async function expectAllReached(id: string, removedBytes: number): Promise<void> {
  const { targets } = await gateway.until(id, (view) => view.targets.length === 4 && isLive(view.targets));
  expect(targets.map((target) => target.id).sort()).toEqual(['added', 'again', 'kept', 'moved']);
  const keys = ['kept', 'removed', 'moved', 'moved2', 'again', 'added'].map((name) => `${id}-${name}`);
  const wanted = ['kept', 'moved2', 'again', 'added'].map((name) => `${id}-${name}`);
  expect(await onAir(keys)).toEqual(wanted);
  expect(await received(`${id}-removed`)).toBe(removedBytes);
}

describe.each(DELAYS_MS)('%i ms after the request that starts a stream', (delayMs) => {
  it('targets added, removed, changed and added again are on air as wanted', async () => {
    const id = `start-${delayMs}`;
    await gateway.call('POST', '', { id, ...SMALL_STREAM, targets: targetsOf(id) });

    await delay(delayMs);
    const removedBytes = await fireAll(id);

    await expectAllReached(id, removedBytes);
    await gateway.call('DELETE', `/${id}`);
  });

  it('a stream that was deleted publishes nothing any more', async () => {
    const id = `end-${delayMs}`;
    await gateway.call('POST', '', { id, ...SMALL_STREAM, targets: targetsOf(id) });

    await delay(delayMs);
    await gateway.call('DELETE', `/${id}`);

    expect(await onAir(NAMES.map((name) => `${id}-${name}`))).toEqual([]);
  });
});

it.each([0, 400, 1500])('commands %i ms after a crash are followed by the next run', async (delayMs) => {
  const id = `crash-${delayMs}`;
  await gateway.call('POST', '', { id, ...SMALL_STREAM, targets: targetsOf(id) });
  await gateway.until(id, (view) => isLive(view.targets));

  sendSignal(await gateway.streamPid(), 'SIGKILL');
  await delay(delayMs);
  const removedBytes = await fireAll(id);

  await expectAllReached(id, removedBytes);
  await gateway.call('DELETE', `/${id}`);
});

it('a change of an option that needs a restart, then of targets, ends with both', async () => {
  const id = 'restart';
  await gateway.call('POST', '', { id, ...SMALL_STREAM, targets: targetsOf(id) });
  await gateway.until(id, (view) => isLive(view.targets));

  const changed = await gateway.call('PATCH', `/${id}`, { output: { width: 384, height: 216 } });
  const removedBytes = await fireAll(id);

  expect(changed).toMatchObject({ changed: { live: [], restart: ['output.width', 'output.height'] } });
  await expectAllReached(id, removedBytes);
  expect((await gateway.view(id)).output).toMatchObject({ width: 384, height: 216 });
  await gateway.call('DELETE', `/${id}`);
});
