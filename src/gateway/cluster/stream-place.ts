import { pendingReason } from './cluster-status.js';
import type { ClusterView } from './cluster-view.js';

/** Where a stream is that does not run on the host that is asked: on another one, or nowhere. */
export type StreamPlace =
  | {
      /** Name of the host. */
      readonly host: string;
      /** Its page and API. */
      readonly url: string;
    }
  | {
      /** Why no host runs it. */
      readonly reason: string;
    };

/** What {@link placeOf} looks at. */
export interface PlaceQuestion {
  /** The stream. */
  readonly streamId: string;
  /** The host that is asked; the stream does not run there. */
  readonly hostId: string;
  /** Why it does not run there although that host has claimed it; absent: it is about to. */
  readonly problem: string | undefined;
}

/** Where a stream is; absent where the cluster has none of this name. */
export function placeOf(view: ClusterView, { streamId, hostId, problem }: PlaceQuestion): StreamPlace | undefined {
  if (!view.streams.has(streamId)) return undefined;
  const claim = view.claims.get(streamId);
  if (!claim) return { reason: pendingReason(view, streamId) };
  const host = view.hosts.get(claim.hostId);
  if (!host) return { reason: `${claim.hostId} has it, and is not there` };
  if (host.id !== hostId) return { host: host.id, url: host.url };
  return { reason: problem === undefined ? `${hostId} is about to run it` : `${hostId} cannot (${problem})` };
}

/** As {@link placeOf} says it, for people. */
export const notRunText = (streamId: string, reason: string): string => `no host runs "${streamId}": ${reason}`;
