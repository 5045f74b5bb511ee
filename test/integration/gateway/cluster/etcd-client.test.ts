import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterSchema } from '#src/shared/config/cluster-schema.js';
import { EtcdClient, type WatchedChange } from '#src/gateway/cluster/etcd-client.adapter.js';
import {
  claimTransaction,
  FOLDERS,
  releaseTransaction,
  stateTransaction,
  type Transaction,
} from '#src/gateway/cluster/transactions.js';
import { startEtcd, type EtcdServers } from '../../../etcd-servers.js';

let etcd: EtcdServers;
let client: EtcdClient;

const clientFor = (endpoints: readonly string[], prefix: string): EtcdClient => {
  const base = { etcd: { endpoints, prefix }, host: 'a', url: 'http://127.0.0.1:8080', key: 'k'.repeat(32) };
  return new EtcdClient(clusterSchema.parse(base).etcd);
};
const want = (id: string): Transaction => ({
  when: [],
  then: [{ type: 'put', key: FOLDERS.streams + id, value: '{"units":1}' }],
});

beforeAll(async () => {
  etcd = await startEtcd();
  client = clientFor(etcd.endpoints, '/first/');
});

afterAll(async () => {
  client.close();
  await etcd.stop();
});

describe('claims in etcd', () => {
  it('are made by one host, of streams that are wanted, and end with its lease', async () => {
    const lease = await client.grant(2);
    const isUnwanted = await client.commit(claimTransaction('nobody', 'a', lease));
    await client.commit(want('camera'));

    const isFirst = await client.commit(claimTransaction('camera', 'a', lease));
    const isSecond = await client.commit(claimTransaction('camera', 'b', await client.grant(2)));
    const { value: claim } = await client.read('claims/camera');
    await client.revoke(lease);
    const { value: after } = await client.read('claims/camera');

    expect([isUnwanted, isFirst, isSecond]).toEqual([false, true, false]);
    expect(claim).toMatchObject({ key: 'claims/camera', value: '{"host":"a"}', lease });
    expect(after).toBeUndefined();
  });

  it('refuse what an earlier claim writes or gives back', async () => {
    await client.commit(want('hall'));
    const lease = await client.grant(2);
    await client.commit(claimTransaction('hall', 'a', lease));
    const old = (await client.read('claims/hall')).value?.created ?? 0;
    await client.commit(releaseTransaction('hall', old));
    await client.commit(claimTransaction('hall', 'b', lease));
    const now = (await client.read('claims/hall')).value?.created ?? 0;

    const isOldTaken = await client.commit(stateTransaction('hall', old, 'old'));
    const isReleased = await client.commit(releaseTransaction('hall', old));
    const isNowTaken = await client.commit(stateTransaction('hall', now, 'now'));

    expect(now).toBeGreaterThan(old);
    expect([isOldTaken, isReleased, isNowTaken]).toEqual([false, false, true]);
    expect((await client.read('state/hall')).value?.value).toBe('now');
  });
});

it('renews a lease in the term in which a read is answered, and knows one that is gone', async () => {
  const lease = await client.grant(3);

  const { header, ttlS } = await client.renew(lease);
  const { header: read } = await client.read('hosts/a');
  await client.revoke(lease);

  expect(ttlS).toBe(3);
  expect(header.term).toBeGreaterThan(0);
  expect(read).toMatchObject({ term: header.term, memberId: header.memberId });
  expect((await client.renew(lease)).ttlS).toBe(0);
});

it('tells changes below its prefix in their order, with what letters they have', async () => {
  const other = clientFor(etcd.endpoints, '/second/');
  const { revision } = await client.readAll();
  const told: WatchedChange[] = [];
  const over = new AbortController();
  const watched = client.watch(revision, over.signal, (changes) => told.push(...changes)).catch(() => undefined);

  await other.commit(want('elsewhere'));
  await client.commit({ when: [], then: [{ type: 'put', key: 'moves/x', value: 'Größe 相机' }] });
  await client.commit({ when: [], then: [{ type: 'delete', key: 'moves/x' }] });
  await expect.poll(() => told.length, { timeout: 20_000 }).toBe(2);
  over.abort();
  await watched;
  other.close();

  expect(told[0]).toMatchObject({ key: 'moves/x', now: { value: 'Größe 相机' } });
  expect(told[1]).toEqual({ key: 'moves/x' });
});

it('asks the next member where one refuses connections, and says where none answers', async () => {
  const [endpoint = ''] = etcd.endpoints;
  const both = clientFor(['http://127.0.0.1:9', endpoint], '/first/');
  const none = clientFor(['http://127.0.0.1:9'], '/first/');

  const { revision } = await both.readAll();

  expect(revision).toBeGreaterThan(0);
  expect(both.endpoint).toBe(endpoint);
  await expect(none.readAll()).rejects.toMatchObject({ code: 'DIPTYCH_E_CLUSTER' });
  both.close();
  none.close();
});
