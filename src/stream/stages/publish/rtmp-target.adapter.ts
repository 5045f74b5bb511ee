import { maskTarget } from '../../../shared/config/mask-url.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { EncodedTaps } from '../../domain/media-tap.js';
import { publish, type TargetProgress } from './publish-attempt.adapter.js';
import { probeConnect } from './rtmp/connect-probe.adapter.js';
import { parseRtmpLocation, type RtmpLocation } from '../../../shared/rtmp/location.js';
import { redirectedLocation } from './rtmp/redirect.js';
import { explainBroken, explainRefusal } from './target-error.js';

export type { TargetProgress } from './publish-attempt.adapter.js';

/** A server that a stream is published to. */
export interface RtmpTarget {
  /** Name of the target. */
  readonly id: string;
  /** May hold the stream key: never shown or logged. */
  readonly url: string;
  /** Stream key, where the URL does not hold it: never shown or logged. */
  readonly key?: string;
}

/** When an attempt at a target ends. */
export interface RtmpTargetOptions {
  /**
   * A target that takes nothing for longer ends the attempt, s, > 0. Higher waits longer for a busy server, lower
   * connects again sooner. @defaultValue 8
   */
  readonly timeoutS?: number;
}

/** Redirects that are followed in one attempt. */
const MAX_REDIRECTS = 3;
/** How long finding out why a server refuses may take, ms. */
const PROBE_LIMIT_MS = 5000;

/**
 * Streams to one RTMP(S) target until `signal` aborts; the stream is then ended properly in under two
 * seconds. Where the server sends us to another one, that one is used. One attempt: nothing here tries
 * again.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_TARGET` when it can't be reached, refuses, ends or stalls;
 * `DIPTYCH_E_CONFIG` where the address has no application or key
 */
export async function runTarget(
  target: RtmpTarget,
  taps: EncodedTaps,
  signal: AbortSignal,
  onProgress: (progress: TargetProgress) => void,
  { timeoutS = 8 }: RtmpTargetOptions = {},
): Promise<void> {
  const name = maskTarget(target);
  let location = parseRtmpLocation(target);
  const isOver = (): boolean => signal.aborted;
  for (let redirects = 0; !isOver(); redirects++) {
    const end = await publish(location, taps, signal, onProgress, timeoutS);
    if (end.end === 'stopped' || isOver()) return;
    if (end.wasLive) throw fail(name, explainBroken(end, timeoutS));
    const next = await redirectOf(location, end.end === 'failed' ? end.said : '', timeoutS, name);
    if (redirects >= MAX_REDIRECTS) {
      throw fail(
        name,
        `the server redirects more than ${MAX_REDIRECTS} times; use the address that the platform names`,
      );
    }
    location = next;
  }
}

/**
 * Where a server that refused sends us.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_TARGET` with the reason where it does not
 */
async function redirectOf(location: RtmpLocation, said: string, timeoutS: number, name: string): Promise<RtmpLocation> {
  const probe = await probeConnect(location, Math.min(PROBE_LIMIT_MS, timeoutS * 1000));
  if (probe.outcome !== 'redirected') throw fail(name, explainRefusal(probe, location, said), said);
  return redirectedLocation(probe.url, location);
}

/** What GStreamer said is kept for the log, as the cause. */
const fail = (name: string, reason: string, said?: string): DiptychError =>
  new DiptychError(
    'DIPTYCH_E_TARGET',
    `target ${name}: ${reason}`,
    said === undefined ? {} : { cause: new Error(said) },
  );
