import type { Observable } from 'rxjs';
import type { FrameHandle, FrameMemory } from '../../../shared/domain/frame.js';
import type { MediaOrigins, MediaPosition, RtpDestination } from '../../../shared/ipc/messages.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import type { EncodedTaps, MediaTap } from '../../domain/media-tap.js';
import type { VideoEncoder } from './video-encoder.adapter.js';

/** How a stream is encoded, and where to. */
export interface EncodeOptions {
  /** Where RTP of the video goes; without both destinations there is no RTP. */
  readonly video?: RtpDestination;
  /** Where RTP of the sound goes. */
  readonly audio?: RtpDestination;
  /** Told from where RTP is sent, before the first packet. @defaultValue nobody */
  readonly onOrigins?: (origins: MediaOrigins) => void;
  /** RTP is not sent before {@link MediaSender.send}. @defaultValue false */
  readonly isHeld?: boolean;
  /** Told which encoder is used, and what fails. */
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Where the pictures of the stream are, from which the best encoder takes them. @defaultValue `system` */
  readonly memory?: FrameMemory;
  /** The GPU of that memory, from 0. @defaultValue 0 */
  readonly device?: number;
  /** Encoders, best first; the next one takes over when one fails. @defaultValue those that work here */
  readonly encoders?: readonly VideoEncoder[];
}

/** RTP of a stream, which one run of it sends at a time. */
export interface MediaSender {
  /** Where it is now; `undefined` where it sends nothing. */
  readonly position: MediaPosition | undefined;
  /**
   * Begins what is held: with the next picture that is later than where another run ended, as a keyframe.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_GRAPH` once the session is closed
   */
  send(position: MediaPosition): void;
  /** Sends nothing more; resolves with where it ended. Rejects as `send` throws. */
  release(): Promise<MediaPosition>;
}

/** The encoder in use. */
export interface EncoderInfo {
  /** GStreamer element that encodes. */
  readonly encoder: string;
  /** Why this one; names the one that failed before. */
  readonly reason: string;
  /** Where pushed pictures must be: NV12 in `cuda`, I420 in `system` memory. */
  readonly inputMemory: FrameMemory;
}

/** What was measured of encoding. */
export interface EncodeStats {
  /** From `push` to the encoded picture, milliseconds, of the latest one; 0 before the first. */
  readonly encodeMs: number;
  /** How long the oldest picture that was pushed waits to be encoded, ms; 0 where none does. */
  readonly waitedMs: number;
  /** Pictures that the encoder did not take in time. */
  readonly dropped: number;
  /** Encoded video so far. */
  readonly bytes: number;
}

/**
 * The encoder of a stream: one for its whole life, whatever the source does. Where its graph fails another
 * encoder goes on: RTP, targets and time stamps as before, beginning with a keyframe.
 */
export interface EncodeSession extends EncoderInfo {
  /** The encoder in use, then every change. */
  readonly info$: Observable<EncoderInfo>;
  /** The sound of a source is linked to this: S16LE, 48 kHz, stereo. Without sound it gives silence. */
  readonly audioInput: MediaTap;
  /** The encoded output. Another encoder has another video tap; links made before go on with it. */
  readonly taps: EncodedTaps;
  /** Sends both as RTP; absent where they are sent nowhere. */
  readonly media: MediaSender | undefined;
  /** Measured so far. */
  readonly stats: EncodeStats;
  /** Rejects with a {@link DiptychError} when RTP or the last encoder fails; never resolves. */
  readonly failed: Promise<never>;
  /**
   * Encodes a picture of the output size in `inputMemory`; takes a reference of its own. A picture in other
   * memory is dropped.
   *
   * @param ptsMs - milliseconds, rising by whole frame periods
   */
  push(picture: FrameHandle, ptsMs: number): void;
  /** From the next pictures on, kbit/s; also of an encoder that takes over later. */
  setBitrate(bitrateKbps: number): void;
  /** A viewer needs a keyframe: it comes as soon as the last one is so far back, ms of PTS. */
  requestKeyframe(minDistanceMs: number): void;
  /** Finishes the pictures that are being encoded, then frees the graphs; under a second. Idempotent. */
  close(): Promise<void>;
}
