import { needsTransaction, stateTransaction, type MeasuredNeed } from '#src/gateway/cluster/transactions.js';
import { LeaseDeadline } from '#src/gateway/cluster/lease-deadline.js';
import { needToWrite } from '#src/gateway/cluster/unit-reports.js';
import type { WatchedCluster } from '#src/gateway/cluster/watched-cluster.js';
import type { HostSurroundings, Weakness } from './host-surroundings.js';
import type { MovingHost } from './simulated-moves.js';

export const newDeadline = ({ marginMs }: Weakness): LeaseDeadline =>
  new LeaseDeadline(marginMs === undefined ? {} : { marginMs });

/** What a host writes of the streams that it runs, again and again. */
export class StreamWrites {
  readonly #world: HostSurroundings;
  readonly #begun = new Map<string, { readonly epoch: number; readonly sinceMs: number; writtenMs: number }>();

  constructor(world: HostSurroundings) {
    this.#world = world;
  }

  write(runs: ReadonlyMap<string, number>, cluster: WatchedCluster, nowMs: number, commit: MovingHost['commit']): void {
    const { statesWritten, costs } = this.#world;
    const needs: MeasuredNeed[] = [];
    for (const [streamId, epoch] of runs) {
      // etcd refuses it where another host has the stream.
      commit(stateTransaction(streamId, epoch, JSON.stringify({ epoch })), (isDone) => {
        if (isDone !== undefined) statesWritten(streamId, epoch, isDone);
      });
      if (!costs) continue;
      let begun = this.#begun.get(streamId);
      if (begun?.epoch !== epoch) this.#begun.set(streamId, (begun = { epoch, sinceMs: nowMs, writtenMs: -Infinity }));
      const estimate = cluster.streams.get(streamId)?.units ?? 1;
      const need = needToWrite(cluster.needs.get(streamId), {
        ...{ epoch, estimate, measured: costs.of(streamId) },
        runsForMs: (nowMs - begun.sinceMs) * costs.faster,
        writtenForMs: (nowMs - begun.writtenMs) * costs.faster,
      });
      if (!need) continue;
      begun.writtenMs = nowMs;
      needs.push({ streamId, need });
    }
    if (needs.length > 0) commit(needsTransaction(needs), () => undefined);
  }
}
