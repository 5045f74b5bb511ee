import { EtcdClient, type WatchedChange } from '#src/gateway/cluster/etcd-client.adapter.js';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterGateway } from './cluster-hosts.js';
import type { Passage } from './cluster-links.js';

const QUIET_MS = 300;

/** All that was ever written to an etcd below the prefix of the product, in its order. */
export async function everythingWritten(endpoints: readonly string[]): Promise<readonly WatchedChange[]> {
  const client = new EtcdClient({ endpoints: [...endpoints], tls: {}, prefix: '/diptych/' });
  const over = new AbortController();
  const changes: WatchedChange[] = [];
  let lastMs = performance.now();
  const told = client
    .watch(0, over.signal, (more) => {
      changes.push(...more);
      lastMs = performance.now();
    })
    .catch(() => undefined);
  while (performance.now() - lastMs < QUIET_MS) await delay(20);
  over.abort();
  await told;
  client.close();
  return changes;
}

/** What is wrong with the history of a stream; empty where nothing is. */
export function historyProblems(changes: readonly WatchedChange[], streamId: string): readonly string[] {
  const problems: string[] = [];
  let claim: { readonly host: string; readonly epoch: number } | undefined;
  let move: string | undefined;
  for (const { key, now } of changes) {
    const value = now && (JSON.parse(now.value) as Readonly<Record<string, unknown>>);
    if (key === `moves/${streamId}` && now) move = String(value?.['to']);
    if (key === `state/${streamId}` && now && value?.['epoch'] !== claim?.epoch) {
      problems.push(`claim ${String(value?.['epoch'])} wrote state at ${now.revision}, while ${claim?.epoch} had it`);
    }
    if (key !== `claims/${streamId}`) continue;
    const host = String(value?.['host']);
    if (now && claim && claim.host !== host && move !== host) problems.push(`${host} took it from ${claim.host}`);
    claim = now && { host, epoch: now.revision };
  }
  return problems;
}

/** Passages that were not over when the next one began; empty where each was. */
export const overlaps = (passages: readonly Passage[]): readonly string[] =>
  passages.flatMap(({ lastMs }, index) => {
    const next = passages[index + 1];
    return next && lastMs > next.firstMs ? [`${index}: by ${Math.round(lastMs - next.firstMs)} ms`] : [];
  });

/** The cluster as a host tells it. */
export interface ToldCluster {
  readonly isPublishing: boolean;
  readonly hosts: readonly { readonly id: string }[];
  readonly streams: readonly { readonly id: string; readonly host?: string; readonly epoch?: number }[];
}

export const clusterAt = async ({ url }: ClusterGateway): Promise<ToldCluster> =>
  (await (await fetch(`${url}/api/v1/cluster`)).json()) as ToldCluster;
