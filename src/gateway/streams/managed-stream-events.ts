import type { ChangedOptions } from '../../shared/config/changed-options.js';
import type { ShotAction } from '../../shared/domain/shot.js';
import type { SlotAction } from '../../shared/domain/slot-action.js';
import type { StreamStatus } from '../../shared/domain/stream-status.js';
import type { MediaPosition, OverlayFrame, ReceivingPorts, StreamEvent } from '../../shared/ipc/messages.js';
import type { StreamDestinations } from './stream-run.js';

/** Where the media of a stream enters the gateway. */
export interface StreamIngress extends StreamDestinations {
  /** The next run goes on here where the one before ended, from the same ports. Resolves with whether it can. */
  resume(): Promise<boolean>;
  /** Where the media of a run ended that died, near enough to go on; undefined where that cannot be known. */
  position(): Promise<MediaPosition | undefined>;
  /** The run that sends says how far it is. */
  noteSent(position: MediaPosition): void;
  /** Frees its ports. Idempotent. */
  close(): void;
}

/** What those who follow a stream are told. Listeners must not throw. */
export interface ManagedStreamEvents {
  /** Once a second, and whenever the state changes. */
  status: [StreamStatus];
  /** With each output frame. */
  overlay: [OverlayFrame];
  /** Something happened in the stream. */
  event: [StreamEvent];
  /** Another configuration is wanted: these options are others. */
  configured: [ChangedOptions];
  /** Somebody decided who is in which tile. */
  acted: [SlotAction];
  /** Somebody asked for a shot, or let the rules decide again. */
  shotAsked: [ShotAction];
  /** The media comes through another ingress from now on. */
  ingress: [StreamIngress];
  /** It takes what is published to it on these ports from now on; those before are gone. */
  receives: [ReceivingPorts];
  /** It cannot go on with what is published to it without a keyframe; several may be asked for within a short time. */
  keyframeWanted: [];
  /** It has ended for good; the last one. */
  closed: [];
}
