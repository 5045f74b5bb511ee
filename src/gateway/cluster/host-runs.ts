import type { Claim, LiveHost, Move } from './cluster-view.js';

/** What a host is to do; each until it says that it is done. */
export type AgentAction =
  /** Try to claim the stream; then {@link HostAgent.claimSettled}. */
  | { readonly type: 'claim'; readonly streamId: string }
  /** Run the stream. */
  | { readonly type: 'run'; readonly claim: Claim }
  /** End the stream; then {@link HostAgent.ended}. */
  | { readonly type: 'end'; readonly streamId: string }
  /** Give the claim back; nothing of the stream runs here. Then {@link HostAgent.releaseSettled}. */
  | { readonly type: 'release'; readonly claim: Claim }
  /** Run the stream beside the host that has it, publishing nothing; then {@link HostAgent.prepared}. `run` or `end` follows. */
  | { readonly type: 'prepare'; readonly streamId: string }
  /** Say that the stream runs here beside; then {@link HostAgent.readySettled}. */
  | { readonly type: 'ready'; readonly claim: Claim; readonly move: Move }
  /** Ask another host to take a stream; then {@link HostAgent.sendSettled}. */
  | { readonly type: 'send'; readonly claim: Claim; readonly to: string }
  /** Publish nothing more, and give the claim to a host that runs the stream beside; then {@link HostAgent.handOverSettled}. */
  | { readonly type: 'handOver'; readonly claim: Claim; readonly to: LiveHost };

/** A stream that runs by a claim of this host. */
export interface Run {
  /** The claim. */
  readonly epoch: number;
  /** Whether it is being ended. */
  isEnding: boolean;
  /** Whether the claim is being given to another host. */
  isHandingOver: boolean;
  /** Whether another host is being asked to take it. */
  isSending: boolean;
  /** Whether it ends because another host has it: how long that takes keeps nobody waiting. */
  isHandedOver: boolean;
  /** Since when another host is to take it that has room; absent: none is. */
  movingSinceMs?: number | undefined;
  /** Before that time the claim is not given away again. */
  handOverAgainAtMs: number;
}

/** A run that has begun. */
export const NEW_RUN = {
  ...{ isEnding: false, isHandingOver: false, isSending: false, isHandedOver: false },
  handOverAgainAtMs: -Infinity,
} as const;

/** A stream that runs beside the host that has it. */
export interface Beside {
  /** The claim of that host. */
  readonly epoch: number;
  /** Whether it is being ended. */
  isEnding: boolean;
  /** Whether it has a picture. */
  isReady: boolean;
  /** Whether that is being told. */
  isTelling: boolean;
}
