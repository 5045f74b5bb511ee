import type { Problem } from '../../../shared/domain/status-error.js';
import type { Flow } from './flow-watch.js';

/** A server or receiver that a stream is published to. */
export interface Target {
  /** Name of the target. */
  readonly id: string;
  /** May hold the stream key or passphrase: never shown or logged. */
  readonly url: string;
  /** Stream key, or passphrase of SRT, where the URL does not hold it: never shown or logged. */
  readonly key?: string;
}

/** When an attempt at a target ends. */
export interface TargetOptions {
  /**
   * A target that takes nothing for longer ends the attempt, s, > 0. Higher waits longer for a busy server, lower
   * connects again sooner. @defaultValue 8
   */
  readonly timeoutS?: number;
}

/** How an attempt at a target goes. */
export interface TargetProgress {
  /** As `Flow` in `flow-watch.ts`. */
  readonly state: Exclude<Flow, 'dead'>;
  /** Bytes given to the network in this attempt. */
  readonly bytes: number;
  /** Pictures, and packets of SRT, left out in this attempt because the network took less. */
  readonly dropped: number;
  /** What has to happen before anything can flow; absent where nothing has. */
  readonly waitsFor?: Problem;
}

/**
 * How an attempt ended. `failed`: `said` is GStreamer's, for the log · `silent`: the server took nothing for
 * too long · `left`: nobody of those who called is there any more. `wasLive`: media had flowed before.
 */
export type AttemptEnd =
  | { readonly end: 'stopped' }
  | { readonly end: 'silent' | 'left'; readonly wasLive: boolean }
  | { readonly end: 'failed'; readonly wasLive: boolean; readonly said: string };
