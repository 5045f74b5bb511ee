import type { MoveAction } from '#src/gateway/cluster/claim-moves.adapter.js';
import type { HostAgent } from '#src/gateway/cluster/host-agent.js';
import {
  handOverTransaction,
  readyTransaction,
  sendTransaction,
  type Transaction,
} from '#src/gateway/cluster/transactions.js';
import { MOST_ON_THE_WAY_MS, type HostSurroundings } from './host-surroundings.js';

/** The host that moves a stream. */
export interface MovingHost {
  readonly agent: HostAgent;
  readonly lease: string;
  /** Streams that publish nothing for now. */
  readonly quiet: Set<string>;
  readonly world: HostSurroundings;
  readonly commit: (transaction: Transaction, onAnswer: (isDone: boolean | undefined) => void) => void;
  readonly later: (delayMs: number, run: () => void) => void;
  readonly stepSoon: () => void;
  readonly nowMs: () => number;
}

/** What the product does, on simulated time: nothing is given away before all bytes have arrived. */
export function actOnMove(action: MoveAction, host: MovingHost): void {
  const { agent, lease, world, commit, later, stepSoon } = host;
  if (action.type === 'prepare') {
    // Some sources cannot be opened twice.
    if (world.random() < 0.2) return;
    later(100 + world.random() * 1500, () => {
      agent.prepared(action.streamId);
      stepSoon();
    });
  } else if (action.type === 'ready') {
    const { claim, move } = action;
    commit(readyTransaction(claim, move, lease), () => {
      agent.readySettled(claim.streamId);
      later(200, stepSoon);
    });
  } else if (action.type === 'send') {
    const { claim, to } = action;
    commit(sendTransaction(claim.streamId, claim.epoch, to, lease), () => {
      agent.sendSettled(claim.streamId);
      later(200, stepSoon);
    });
  } else handOver(action, host);
}

function handOver({ claim, to }: Extract<MoveAction, { type: 'handOver' }>, host: MovingHost): void {
  const { agent, quiet, world, commit, later, stepSoon, nowMs } = host;
  const { streamId } = claim;
  const give = (): void =>
    commit(handOverTransaction(claim, { hostId: to.id, lease: to.lease }), (isDone) => {
      const outcome = isDone === undefined ? 'unknown' : isDone ? 'done' : 'refused';
      if (outcome === 'refused' && agent.epochOf(streamId) === claim.epoch) quiet.delete(streamId);
      agent.handOverSettled(streamId, outcome, nowMs());
      stepSoon();
    });
  if (world.weakness.handsOverWhilePublishing) give();
  else {
    later(world.random() * 500, () => {
      quiet.add(streamId);
      later(MOST_ON_THE_WAY_MS, give);
    });
  }
}
