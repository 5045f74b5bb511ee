import type { EventEmitter } from 'node:events';
import type { EdgeViewers, HostAddress } from '../../shared/domain/host-address.js';
import type { PulledStream } from './shown-stream.js';

/** What those who show streams are told of the pulled ones. Listeners must not throw. */
export interface EdgeEvents {
  /** A stream is pulled from now on. */
  added: [PulledStream];
  /** Its viewers have to go to another host; what plays goes on for a moment. */
  leaving: [PulledStream];
  /** It is pulled no more. */
  removed: [PulledStream];
}

/** Viewers of one stream at several hosts of a cluster, as one of these hosts does it. */
export interface EdgeHosts extends EventEmitter<EdgeEvents> {
  /** Every stream that is pulled, those that are being given up included. */
  list(): readonly PulledStream[];
  /** The stream of this name that is pulled now. */
  find(streamId: string): PulledStream | undefined;
  /**
   * A stream that does not run here, for one more viewer.
   *
   * @returns absent where viewers have to go to the host that runs it
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` where it does not come in time
   */
  admit(streamId: string): Promise<PulledStream | undefined>;
  /** The host that is to send a stream that runs here to one more viewer; absent: this one. Never rejects. */
  hostFor(streamId: string): Promise<HostAddress | undefined>;
  /** Where viewers of a pulled stream go from here; absent where there is no such stream any more. */
  nextOf(streamId: string): HostAddress | { readonly reason: string } | undefined;
  /** Hosts that pull a stream that runs here, with their viewers. */
  edgesOf(streamId: string): readonly EdgeViewers[];
}
