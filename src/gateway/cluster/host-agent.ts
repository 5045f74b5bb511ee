import type { Claim, ClusterView, WantedRecord } from './cluster-view.js';
import { Placement } from './placement.js';

/** What a host is to do; each until it says that it is done. */
export type AgentAction =
  /** Try to claim the stream; then {@link HostAgent.claimSettled}. */
  | { readonly type: 'claim'; readonly streamId: string }
  /** Run the stream. */
  | { readonly type: 'run'; readonly claim: Claim }
  /** End the stream; then {@link HostAgent.ended}. */
  | { readonly type: 'end'; readonly streamId: string }
  /** Give the claim back; nothing of the stream runs here. Then {@link HostAgent.releaseSettled}. */
  | { readonly type: 'release'; readonly claim: Claim };

/** Which host an agent decides for. */
export interface HostAgentOptions {
  /** Its name. */
  readonly hostId: string;
  /**
   * How much longer each place in the order of hosts waits before it claims, ms. Higher: fewer claims that fail; lower:
   * streams are sooner back where a host does not claim that should. @defaultValue 150
   */
  readonly rankDelayMs?: number;
}

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
  readonly #runs = new Map<string, { readonly epoch: number; isEnding: boolean }>();
  /** Epoch of the last run of a stream that is claimed: one that has ended is not begun again by the same claim. */
  readonly #lastRun = new Map<string, number>();
  readonly #unclaimedSince = new Map<string, number>();
  readonly #releasing = new Set<string>();
  #claiming: { readonly streamId: string; readonly units: number; untilMs: number } | undefined;
  #lease: string | undefined;

  constructor({ hostId, rankDelayMs = 150 }: HostAgentOptions) {
    this.#hostId = hostId;
    this.#rankDelayMs = rankDelayMs;
  }

  /** Streams that run or are being ended. */
  get running(): readonly string[] {
    return [...this.#runs.keys()];
  }

  /** Whether a lease may begin: its deadline would let streams of the former one publish again that still end. */
  get mayTakeLease(): boolean {
    return this.#lease === undefined && this.#runs.size === 0;
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
    this.#moveAway(view, placement, actions);
    this.#followClaims(view, actions);
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
      if (!isHeld || !streams.has(streamId)) this.#end(streamId, actions);
    }
  }

  /** What is to run on another host; of a host that is drained one stream after another. */
  #moveAway(view: ClusterView, placement: Placement, actions: AgentAction[]): void {
    for (const [streamId, hostId] of view.moves) {
      const stream = view.streams.get(streamId);
      if (!stream || hostId === this.#hostId || !this.#runs.has(streamId)) continue;
      if (placement.rankOf(hostId, stream) !== undefined) this.#end(streamId, actions);
    }
    if (!view.draining.has(this.#hostId) || [...this.#runs.values()].some(({ isEnding }) => isEnding)) return;
    for (const streamId of this.#runs.keys()) {
      const stream = view.streams.get(streamId);
      if (!stream || !placement.hasRoomElsewhere(this.#hostId, stream)) continue;
      this.#end(streamId, actions);
      return;
    }
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
      } else if (!run) {
        this.#runs.set(streamId, { epoch, isEnding: false });
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
    if (this.#lease === undefined || view.hosts.get(this.#hostId)?.lease !== this.#lease) return;
    const placement = new Placement(view, this.#reserved());
    for (const stream of streams.values()) {
      if (claims.has(stream.id) || this.#runs.has(stream.id)) continue;
      if (!this.#unclaimedSince.has(stream.id)) this.#unclaimedSince.set(stream.id, nowMs);
      if (this.#claiming || !this.#isDue(stream, placement, nowMs)) continue;
      this.#claiming = { streamId: stream.id, units: stream.units, untilMs: Infinity };
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
