import { LeaseDeadline } from '#src/gateway/cluster/lease-deadline.js';
import { stateTransaction } from '#src/gateway/cluster/transactions.js';
import type { HostSurroundings, Weakness } from './host-surroundings.js';
import type { MovingHost } from './simulated-moves.js';

export const newDeadline = ({ marginMs }: Weakness): LeaseDeadline =>
  new LeaseDeadline(marginMs === undefined ? {} : { marginMs });

/** Writes the state of each stream, which etcd refuses where another host has it. */
export function writeStates(
  runs: ReadonlyMap<string, number>,
  world: HostSurroundings,
  commit: MovingHost['commit'],
): void {
  for (const [streamId, epoch] of runs) {
    commit(stateTransaction(streamId, epoch, JSON.stringify({ epoch })), (isDone) => {
      if (isDone !== undefined) world.statesWritten(streamId, epoch, isDone);
    });
  }
}
