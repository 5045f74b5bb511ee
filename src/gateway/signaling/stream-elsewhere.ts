import type { HostAddress } from '../../shared/domain/host-address.js';
import type { MovedTo, Push } from '../../shared/signaling/protocol.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Caller } from '../access/caller.js';
import { MovedError } from './moved-error.js';

/** What the signalling knows of streams of other hosts. */
export interface StreamsElsewhere {
  /** Where a stream is that does not run here; absent where there is none of this name. */
  readonly placeOf: (streamId: string) => HostAddress | { readonly reason: string } | undefined;
  /** What a caller shows to another host; absent where that needs nothing. */
  readonly passFor: (caller: Caller) => string | undefined;
}

/** Why a stream cannot be subscribed to that does not run here; absent where there is none of this name. */
export function refusalOf(elsewhere: StreamsElsewhere, streamId: string, caller: Caller): DiptychError | undefined {
  const place = elsewhere.placeOf(streamId);
  if (!place) return undefined;
  if ('url' in place) return new MovedError(streamId, movedTo(elsewhere, place, caller));
  return new DiptychError('DIPTYCH_E_PENDING', `no host runs "${streamId}": ${place.reason}`);
}

/** Another host of the cluster is to send a stream of this one to a caller. */
export const sentTo = (
  elsewhere: StreamsElsewhere,
  streamId: string,
  { host, caller }: { readonly host: HostAddress; readonly caller: Caller },
): MovedError => new MovedError(streamId, movedTo(elsewhere, host, caller));

/** What is told to who watches a stream that has ended here; absent where it was deleted. */
export function movedPush(
  elsewhere: StreamsElsewhere,
  streamId: string,
  caller: Caller | undefined,
): Extract<Push, { type: 'moved' }> | undefined {
  const place = elsewhere.placeOf(streamId);
  if (!place) return undefined;
  const where = 'url' in place ? { to: movedTo(elsewhere, place, caller) } : { reason: place.reason };
  return { type: 'moved', streamId, ...where };
}

function movedTo({ passFor }: StreamsElsewhere, { host, url }: HostAddress, caller: Caller | undefined): MovedTo {
  const pass = caller && passFor(caller);
  return { host, url, ...(pass !== undefined && { pass }) };
}
