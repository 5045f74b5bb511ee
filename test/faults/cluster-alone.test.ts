import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import { EtcdClient } from '#src/gateway/cluster/etcd-client.adapter.js';
import type { ClusterConfig } from '#src/shared/config/cluster-schema.js';
import { startSecureEtcd, type SecureEtcd } from '../secure-etcd.js';
import { clusterAt } from './cluster-history.js';
import { startClusterGateway, type ClusterGateway } from './cluster-hosts.js';
import { startLink, type Link } from './cluster-links.js';
import { SMALL_STREAM } from './running-gateway.js';

const LIMIT = { timeout: 40_000 };
/** Longer than a lease. */
const AWAY_MS = 4000;

let etcd: SecureEtcd;
let rtmp: RtmpServer;
let relay: Link;
let gateway: ClusterGateway;

beforeAll(async () => {
  [etcd, rtmp] = await Promise.all([startSecureEtcd(), startRtmpServer()]);
  relay = await startLink(rtmp.port);
  const { tls, user, password } = etcd;
  const options = { etcd: { tls, user, password }, whenAlone: 'continue' };
  gateway = await startClusterGateway('alone', [etcd.endpoint], options);
}, 120_000);

afterAll(async () => {
  etcd.signal('SIGCONT');
  await gateway.stop();
  relay.close();
  await rtmp.stop();
  await etcd.stop();
});

describe('an etcd with TLS, certificates of clients, and users', () => {
  const client = (more: Partial<ClusterConfig['etcd']>): EtcdClient => {
    const { endpoint, tls, user, password } = etcd;
    return new EtcdClient({ endpoints: [endpoint], prefix: '/diptych/', tls, user, password, ...more });
  };

  it.each<readonly [string, () => Partial<ClusterConfig['etcd']>, RegExp]>([
    ['another password', () => ({ password: 'another' }), /user host is refused/],
    [
      'no certificate',
      () => ({ tls: { caFile: etcd.tls.caFile } }),
      /certificate required|bad certificate|reset|EPIPE/i,
    ],
    [
      'an authority that did not sign that of etcd',
      () => ({ tls: { ...etcd.tls, caFile: etcd.otherCa } }),
      /certificate/,
    ],
    ['no user', () => ({ user: undefined, password: undefined }), /user name is empty|permission denied/],
    ['a certificate with a name', () => ({ tls: { ...etcd.tls, ...etcd.named } }), /without common name/],
    ['keys that the user may not have', () => ({ prefix: '/others/' }), /permission denied/],
  ])('refuses a host with %s, and says so', async (_what, more, message) => {
    const refused = client(more());

    await expect(refused.read('any')).rejects.toThrow(message);
    refused.close();
  });

  it('lets a host in that has all of them, which runs streams', async () => {
    await expect.poll(() => gateway.lines().some((line) => line.includes('may run')), LIMIT).toBe(true);
    const targets = [{ id: 'one', url: `rtmp://127.0.0.1:${relay.port}/live/key` }];
    const response = await fetch(`${gateway.url}/api/v1/streams`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'camera', ...SMALL_STREAM, targets }),
    });

    expect(response.status, await response.text()).toBe(201);
    await expect.poll(() => relay.passages.some(({ bytes }) => bytes > 20_000), LIMIT).toBe(true);
  }, 60_000);
});

describe('a host with whenAlone: continue', () => {
  it('publishes on by the same connection while etcd is away for longer than its lease', async () => {
    const known = relay.passages.length;

    etcd.signal('SIGSTOP');
    await expect.poll(async () => (await clusterAt(gateway)).isPublishing, LIMIT).toBe(false);
    const before = relay.passages.at(-1)?.bytes ?? 0;
    await delay(AWAY_MS);
    const after = relay.passages.at(-1)?.bytes ?? 0;
    const refused = await fetch(`${gateway.url}/api/v1/streams/camera`, { method: 'DELETE' });

    expect(after - before).toBeGreaterThan(20_000);
    expect(relay.passages.length).toBe(known);
    expect(await refused.json()).toMatchObject({ code: 'DIPTYCH_E_STATE' });

    etcd.signal('SIGCONT');
    await expect.poll(async () => (await clusterAt(gateway)).isPublishing, LIMIT).toBe(true);
  }, 60_000);
});
