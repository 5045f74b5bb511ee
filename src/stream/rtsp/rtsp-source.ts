import type { DiptychError } from '../../shared/domain/errors.js';
import type { SourceTrackStatus } from '../../shared/domain/source-track-status.js';
import type { OfferedTrack } from './session-description.js';

/** A camera over RTSP that was set up; its packets wait for the receiver. */
export interface RtspSource {
  /** What the receiver connects to, over TCP; it is this process, and nobody else knows it. */
  readonly url: string;
  /** How RTP travels from the camera. */
  readonly transport: 'tcp' | 'udp';
  /** Why it travels like this. */
  readonly transportReason: string;
  /** What the camera offers, in its order. */
  readonly tracks: readonly SourceTrackStatus[];
  /** The track with pictures. */
  readonly video: OfferedTrack;
  /** The track with sound; `undefined`: silence. */
  readonly audio: OfferedTrack | undefined;
  /** Why there is no sound; `undefined` where there is. */
  readonly audioReason: string | undefined;
  /** Bytes of packets with pictures and sound, since it was opened. */
  readonly bytes: number;
  /**
   * How long no packet with pictures or sound has come, ms; since `PLAY` while none has come at all, and 0 before it.
   * While the receiver takes nothing the camera has to wait, and this is 0 too.
   */
  readonly silentForMs: number;
  /** Resolves with the reason once the camera sends no more. Never by {@link close}. */
  readonly ended: Promise<DiptychError>;
  /** Asks the camera for a keyframe, where it takes such requests; whether one was sent. */
  requestKeyframe(): boolean;
  /** In words why no packet with pictures comes. */
  whySilent(): DiptychError;
  /** Ends the session with the camera and the connection of the receiver; idempotent. */
  close(): Promise<void>;
}
