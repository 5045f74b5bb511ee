import type { Claim, ClusterView, WantedRecord } from './cluster-view.js';
import { NEW_RUN, type AgentAction, type Beside, type Run } from './host-runs.js';
import { Placement } from './placement.js';

/** Which host an agent decides for. */
export interface HostAgentOptions {
  /** Its name. */
  readonly hostId: string;
  /**
   * How much longer each place in the order of hosts waits before it claims, ms. Higher: fewer claims that fail; lower:
   * streams are sooner back where a host does not claim that should. @defaultValue 150
   */
  readonly rankDelayMs?: number;
  /**
   * How long the host that a stream moves to may take until its first picture, ms; then the stream ends here and begins
   * there, with a gap, because some sources cannot be opened twice. @defaultValue 30 000
   */
  readonly besideLimitMs?: number;
}

/** From giving a claim away in vain to the next time, ms. */
const HAND_OVER_AGAIN_MS = 2000;

/** How long after a claim that was made the cluster has to show it before it is tried again, ms. */
const CLAIM_SEEN_MS = 1000;

/**
 * Decides what one host claims, runs, ends and gives back. It knows of claims from etcd only, in the order in which
 * they were made, so it makes no difference whether the answer to its own claim is lost. A stream never runs twice
 * here: it is not claimed again before its last run has ended.
 */
export class HostAgent {
  readonly #hostId: string;
  readonly #rankDelayMs: number;
  readonly #besideLimitMs: number;
  readonly #runs = new Map<string, Run>();
  readonly #beside = new Map<string, Beside>();
  /** Epoch of the last run of a stream that is claimed: one that has ended is not begun again by the same claim. */
  readonly #lastRun = new Map<string, number>();
  readonly #unclaimedSince = new Map<string, number>();
  readonly #releasing = new Set<string>();
  /** Of which it is not known whether the claim was given away. */
  readonly #lost = new Set<string>();
  #claiming: { readonly streamId: string; readonly units: number; untilMs: number } | undefined;
  #lease: string | undefined;

  constructor({ hostId, rankDelayMs = 150, besideLimitMs = 30_000 }: HostAgentOptions) {
    this.#hostId = hostId;
    this.#rankDelayMs = rankDelayMs;
    this.#besideLimitMs = besideLimitMs;
  }

  /** Streams that run by a claim of this host, or are being ended; not those that another host has by now. */
  get running(): readonly string[] {
    return [...this.#runs].flatMap(([id, { isHandedOver }]) => (isHandedOver ? [] : [id]));
  }

  /** Whether a lease may begin: its deadline would let streams of the former one publish again that still end. */
  get mayTakeLease(): boolean {
    return this.#lease === undefined && this.#runs.size + this.#beside.size === 0;
  }

  /** The claim by which a stream runs; absent where it does not, or is being ended. */
  epochOf(streamId: string): number | undefined {
    const run = this.#runs.get(streamId);
    return run && !run.isEnding ? run.epoch : undefined;
  }

  /** The lease under which it claims; absent: it has none, and everything ends. */
  setLease(lease: string | undefined): void {
    this.#lease = lease;
    this.#claiming = undefined;
    this.#unclaimedSince.clear();
  }

  /** A claim was tried. @param isMade - whether etcd said so; one whose answer was lost may have been made */
  claimSettled(streamId: string, isMade: boolean, nowMs: number): void {
    if (this.#claiming?.streamId !== streamId) return;
    if (isMade) this.#claiming.untilMs = nowMs + CLAIM_SEEN_MS;
    else this.#claiming = undefined;
  }

  /** Nothing of the stream runs any more. */
  ended(streamId: string): void {
    this.#runs.delete(streamId);
    this.#beside.delete(streamId);
  }

  /** A stream that runs beside has a picture. */
  prepared(streamId: string): void {
    const beside = this.#beside.get(streamId);
    if (beside) beside.isReady = true;
  }

  /** That a stream runs beside was told, or could not be: it is tried again then. */
  readySettled(streamId: string): void {
    const beside = this.#beside.get(streamId);
    if (beside) beside.isTelling = false;
  }

  /** Another host was asked, or could not be: it is tried again then. */
  sendSettled(streamId: string): void {
    const run = this.#runs.get(streamId);
    if (run) run.isSending = false;
  }

  /**
   * A claim was to be given away.
   *
   * @param outcome - `done`; `refused`: the stream publishes again; `unknown`: it may be another host's, so it ends
   */
  handOverSettled(streamId: string, outcome: 'done' | 'refused' | 'unknown', nowMs: number): void {
    const run = this.#runs.get(streamId);
    if (!run) return;
    if (outcome === 'done') run.isHandedOver = true;
    if (outcome === 'refused') {
      run.isHandingOver = false;
      run.handOverAgainAtMs = nowMs + HAND_OVER_AGAIN_MS;
    }
    if (outcome === 'unknown') this.#lost.add(streamId);
  }

  /** Giving a claim back was tried; where the claim is still there, it is tried again. */
  releaseSettled(streamId: string): void {
    this.#releasing.delete(streamId);
  }

  /**
   * What is to be done now.
   *
   * @param nowMs - monotonic clock of this host
   */
  step(view: ClusterView, nowMs: number): readonly AgentAction[] {
    const actions: AgentAction[] = [];
    const placement = new Placement(view, this.#reserved());
    this.#endLost(view, actions);
    this.#endBeside(view, actions);
    this.#moveAway(view, placement, nowMs, actions);
    this.#drain(view, placement, actions);
    this.#followClaims(view, actions);
    this.#prepareMoves(view, placement, actions);
    this.#claimNext(view, nowMs, actions);
    return actions;
  }

  #isMine(claim: Claim | undefined): claim is Claim {
    return claim?.hostId === this.#hostId && claim.lease === this.#lease;
  }

  /** Units that this host is about to claim. */
  #reserved(): { readonly hostId: string; readonly units: number } {
    return { hostId: this.#hostId, units: this.#claiming?.units ?? 0 };
  }

  #end(streamId: string, actions: AgentAction[]): void {
    const run = this.#runs.get(streamId);
    if (!run || run.isEnding) return;
    run.isEnding = true;
    actions.push({ type: 'end', streamId });
  }

  #endLost({ claims, streams }: ClusterView, actions: AgentAction[]): void {
    for (const [streamId, { epoch }] of this.#runs) {
      const claim = claims.get(streamId);
      const isHeld = this.#isMine(claim) && claim.epoch === epoch;
      if (!isHeld || !streams.has(streamId) || this.#lost.has(streamId)) this.#end(streamId, actions);
    }
    this.#lost.clear();
  }

  /** What ran beside ends unless this host has the claim by now, or is about to get it. */
  #endBeside({ claims, streams, moves }: ClusterView, actions: AgentAction[]): void {
    for (const [streamId, beside] of this.#beside) {
      const claim = claims.get(streamId);
      const isAwaited = !claim || (claim.epoch === beside.epoch && moves.get(streamId)?.to === this.#hostId);
      const isWanted = this.#lease !== undefined && streams.has(streamId);
      if (beside.isEnding || (isWanted && (this.#isMine(claim) || isAwaited))) continue;
      beside.isEnding = true;
      actions.push({ type: 'end', streamId });
    }
  }

  /** What is to run on another host: given to it once it runs there beside. */
  #moveAway(view: ClusterView, placement: Placement, nowMs: number, actions: AgentAction[]): void {
    for (const [streamId, run] of this.#runs) {
      const move = view.moves.get(streamId);
      const stream = view.streams.get(streamId);
      const claim = view.claims.get(streamId);
      const to = move && view.hosts.get(move.to);
      if (run.isEnding || run.isHandingOver || !this.#isMine(claim)) continue;
      const isReady = move?.ready === run.epoch;
      const hasRoom = to && stream && (isReady || placement.rankOf(to.id, stream) !== undefined);
      if (!hasRoom || to.id === this.#hostId) {
        run.movingSinceMs = undefined;
        continue;
      }
      run.movingSinceMs ??= nowMs;
      if (isReady && nowMs >= run.handOverAgainAtMs) {
        run.isHandingOver = true;
        actions.push({ type: 'handOver', claim, to });
      } else if (nowMs - run.movingSinceMs >= this.#besideLimitMs) this.#end(streamId, actions);
    }
  }

  /** Asks other hosts to take what runs here, one stream after another. */
  #drain(view: ClusterView, placement: Placement, actions: AgentAction[]): void {
    if (!view.draining.has(this.#hostId)) return;
    for (const [id, { isEnding, isHandedOver, isSending }] of this.#runs) {
      if (isSending || (isEnding && !isHandedOver) || (!isEnding && view.moves.has(id))) return;
    }
    for (const [streamId, run] of this.#runs) {
      const stream = view.streams.get(streamId);
      const claim = view.claims.get(streamId);
      if (run.isEnding || !stream || !this.#isMine(claim)) continue;
      const to = [...view.hosts.values()].find(({ id }) => placement.rankOf(id, stream) === 0);
      if (!to || to.id === this.#hostId) continue;
      run.isSending = true;
      actions.push({ type: 'send', claim, to: to.id });
      return;
    }
  }

  /** Begins with streams that are to move here, and says so once they have a picture. */
  #prepareMoves(view: ClusterView, placement: Placement, actions: AgentAction[]): void {
    if (!this.#isRegistered(view)) return;
    for (const [streamId, move] of view.moves) {
      const stream = view.streams.get(streamId);
      const claim = view.claims.get(streamId);
      const isMine: boolean = this.#isMine(claim);
      if (move.to !== this.#hostId || !stream || !claim || isMine) continue;
      const beside = this.#beside.get(streamId);
      if (beside) {
        if (!beside.isReady || beside.isEnding || beside.isTelling) continue;
        if (move.ready === claim.epoch || beside.epoch !== claim.epoch) continue;
        beside.isTelling = true;
        actions.push({ type: 'ready', claim, move });
      } else if (!this.#runs.has(streamId) && placement.rankOf(this.#hostId, stream) !== undefined) {
        this.#beside.set(streamId, { epoch: claim.epoch, isEnding: false, isReady: false, isTelling: false });
        actions.push({ type: 'prepare', streamId });
      }
    }
  }

  #isRegistered({ hosts }: ClusterView): boolean {
    return this.#lease !== undefined && hosts.get(this.#hostId)?.lease === this.#lease;
  }

  #followClaims(view: ClusterView, actions: AgentAction[]): void {
    for (const streamId of this.#lastRun.keys()) if (!view.claims.has(streamId)) this.#lastRun.delete(streamId);
    for (const claim of view.claims.values()) {
      const { streamId, epoch } = claim;
      if (this.#claiming?.streamId === streamId) this.#claiming = undefined;
      if (!this.#isMine(claim) || this.#releasing.has(streamId)) continue;
      const run = this.#runs.get(streamId);
      if (run?.epoch === epoch || run?.isEnding) continue;
      if (this.#isToLeave(view, streamId, epoch)) {
        this.#releasing.add(streamId);
        actions.push({ type: 'release', claim });
      } else if (!run && this.#beside.get(streamId)?.isEnding !== true) {
        this.#beside.delete(streamId);
        this.#runs.set(streamId, { ...NEW_RUN, epoch });
        this.#lastRun.set(streamId, epoch);
        actions.push({ type: 'run', claim });
      }
    }
  }

  #isToLeave({ streams }: ClusterView, streamId: string, epoch: number): boolean {
    return !streams.has(streamId) || this.#lastRun.get(streamId) === epoch;
  }

  #claimNext(view: ClusterView, nowMs: number, actions: AgentAction[]): void {
    const { streams, claims } = view;
    if (this.#claiming && nowMs >= this.#claiming.untilMs) this.#claiming = undefined;
    for (const streamId of this.#unclaimedSince.keys()) {
      if (claims.has(streamId) || !streams.has(streamId)) this.#unclaimedSince.delete(streamId);
    }
    if (!this.#isRegistered(view)) return;
    const placement = new Placement(view, this.#reserved());
    for (const stream of streams.values()) {
      if (claims.has(stream.id) || this.#runs.has(stream.id) || this.#beside.get(stream.id)?.isEnding) continue;
      if (!this.#unclaimedSince.has(stream.id)) this.#unclaimedSince.set(stream.id, nowMs);
      if (this.#claiming || !this.#isDue(stream, placement, nowMs)) continue;
      this.#claiming = { streamId: stream.id, units: placement.unitsOf(stream), untilMs: Infinity };
      actions.push({ type: 'claim', streamId: stream.id });
    }
  }

  #isDue(stream: WantedRecord, placement: Placement, nowMs: number): boolean {
    const waitedMs = nowMs - (this.#unclaimedSince.get(stream.id) ?? nowMs);
    const due = Math.floor(waitedMs / this.#rankDelayMs);
    const rank = placement.rankOf(this.#hostId, stream, due);
    return rank !== undefined && rank <= due;
  }
}
