import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { EtcdClient } from './etcd-client.adapter.js';
import type { WatchedCluster } from './watched-cluster.js';

/** What a watch needs. */
export interface ClusterWatchOptions {
  /** etcd. */
  readonly client: EtcdClient;
  /** Kept up to date. */
  readonly cluster: WatchedCluster;
  /** After each change; the first time once everything is known. */
  readonly onChange: () => void;
  /** Told of connections that end. */
  readonly logger: Logger;
}

/** Pause before another member is tried, ms. */
const PAUSE_MS = 200;
/** How often the member that tells the changes is asked whether it still belongs to a majority, ms. */
const CHECK_MS = 1000;
const CHECK_LIMIT_MS = 1500;

/** Keeps what this host knows of the cluster up to date, until `signal` aborts. Never rejects. */
export async function watchCluster(
  { client, cluster, onChange, logger }: ClusterWatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const isOver = (): boolean => signal.aborted;
  let wasTold = false;
  while (!isOver()) {
    const over = new AbortController();
    const end = (): void => over.abort();
    signal.addEventListener('abort', end, { once: true });
    try {
      const { keys, revision } = await client.readAll();
      cluster.reset(keys);
      onChange();
      if (wasTold) logger.info({ etcd: client.endpoint }, 'etcd is reached again');
      wasTold = false;
      const told = client.watch(revision, over.signal, (changes) => {
        for (const { key, now } of changes) {
          if (now) cluster.put(now);
          else cluster.delete(key);
        }
        onChange();
      });
      const silent = untilSilent(client, over.signal);
      told.catch(() => undefined);
      silent.catch(() => undefined);
      await Promise.race([told, silent]);
    } catch (error) {
      if (isOver()) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (!wasTold) logger.warn({ etcd: client.endpoint, reason }, 'changes of the cluster are not told; trying again');
      wasTold = true;
      client.leaveEndpoint();
      await sleep(PAUSE_MS);
    } finally {
      signal.removeEventListener('abort', end);
      over.abort();
    }
  }
}

/** Rejects when the member that is asked first has no majority, hangs or is gone: it would tell no changes then. */
async function untilSilent(client: EtcdClient, signal: AbortSignal): Promise<never> {
  const { endpoint } = client;
  for (;;) {
    await sleep(CHECK_MS, undefined, { signal });
    await client.read('', { timeoutMs: CHECK_LIMIT_MS });
    if (client.endpoint !== endpoint) throw new Error(`${endpoint} does not answer`);
  }
}
