import type { Logger } from '../../shared/telemetry/logger.js';
import type { Claim, LiveHost, Move } from './cluster-view.js';
import type { HostAgent } from './host-agent.js';
import type { AgentAction } from './host-runs.js';
import { handOverTransaction, readyTransaction, sendTransaction, type Transaction } from './transactions.js';

/** What streams do while they move. */
export interface MovingStreams {
  /** Runs a stream that another host has, without targets and recording; resolves at its first picture. Rejects where none comes. */
  readonly prepare: (streamId: string) => Promise<void>;
  /** Whether it publishes and records nothing; resolves once that is so. Rejects where that is not known. */
  readonly silence: (streamId: string, isSilent: boolean) => Promise<void>;
}

/** What {@link ClaimMoves} works with. */
export interface ClaimMovesOptions {
  /** Decides. */
  readonly agent: HostAgent;
  /** Does a transaction. @returns whether its conditions held */
  readonly commit: (transaction: Transaction) => Promise<boolean>;
  /** Under which this host claims; absent while it has none. */
  readonly lease: () => string | undefined;
  /** The agent is to look again. */
  readonly stepSoon: () => void;
  /** Told of moves. */
  readonly logger: Logger;
}

/** Actions that belong to a move. */
export type MoveAction = Extract<AgentAction, { readonly type: 'prepare' | 'ready' | 'send' | 'handOver' }>;

/** Before what failed is tried again, ms. */
const AGAIN_MS = 500;

/** Gives streams to other hosts without a gap, and takes them so. */
export class ClaimMoves {
  readonly #options: ClaimMovesOptions;

  constructor(options: ClaimMovesOptions) {
    this.#options = options;
  }

  /** Does what the agent says. */
  act(action: MoveAction, streams: MovingStreams): void {
    if (action.type === 'prepare') void this.#prepare(action.streamId, streams);
    else if (action.type === 'ready') void this.#tellReady(action.claim, action.move);
    else if (action.type === 'send') void this.#send(action.claim, action.to);
    else void this.#handOver(action.claim, action.to, streams);
  }

  async #prepare(streamId: string, streams: MovingStreams): Promise<void> {
    const { agent, logger, stepSoon } = this.#options;
    try {
      await streams.prepare(streamId);
      agent.prepared(streamId);
      stepSoon();
    } catch (error) {
      // The other host ends the stream after a while, and this one begins with it then.
      logger.warn({ stream: streamId, err: error }, 'a stream does not run beside the host that has it');
    }
  }

  async #tellReady(claim: Claim, move: Move): Promise<void> {
    const { agent } = this.#options;
    const isDone = await this.#try((lease) => readyTransaction(claim, move, lease));
    this.#settleLater(isDone === true, () => agent.readySettled(claim.streamId));
  }

  async #send({ streamId, epoch }: Claim, to: string): Promise<void> {
    const { agent, logger } = this.#options;
    const isDone = await this.#try((lease) => sendTransaction(streamId, epoch, to, lease));
    if (isDone === true) logger.info({ stream: streamId, to }, 'a stream is to go to another host');
    this.#settleLater(isDone === true, () => agent.sendSettled(streamId));
  }

  async #handOver(claim: Claim, to: LiveHost, streams: MovingStreams): Promise<void> {
    const { agent, logger, stepSoon } = this.#options;
    const { streamId, epoch } = claim;
    const isSilent = await streams.silence(streamId, true).then(
      () => true,
      () => false,
    );
    const isDone = isSilent
      ? await this.#try(() => handOverTransaction(claim, { hostId: to.id, lease: to.lease }))
      : undefined;
    const outcome = isDone === undefined ? 'unknown' : isDone ? 'done' : 'refused';
    logger.info({ stream: streamId, epoch, to: to.id, outcome }, 'this host gives a stream to another one');
    if (outcome === 'refused' && agent.epochOf(streamId) === epoch) {
      await streams.silence(streamId, false).catch(() => undefined);
    }
    agent.handOverSettled(streamId, outcome, performance.now());
    stepSoon();
  }

  /** Does a transaction under the lease of this host. @returns whether its conditions held; absent where that is not known */
  async #try(make: (lease: string) => Transaction): Promise<boolean | undefined> {
    const { commit, lease: leaseOf } = this.#options;
    const lease = leaseOf();
    return lease === undefined ? false : commit(make(lease)).catch(() => undefined);
  }

  /** What was done shows in etcd in a moment; what was not is tried again, and not in a tight circle. */
  #settleLater(isDone: boolean, settle: () => void): void {
    const { stepSoon } = this.#options;
    const later = (): void => {
      settle();
      stepSoon();
    };
    setTimeout(later, isDone ? AGAIN_MS : AGAIN_MS / 2).unref();
  }
}
