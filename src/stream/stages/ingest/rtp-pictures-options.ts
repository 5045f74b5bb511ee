import type { Logger } from '../../../shared/telemetry/logger.js';
import type { NativeAddon } from '../../native/types.js';
import type { DecoderChoice, VideoCodec } from './decoder-choice.js';

/** What an `RtpPictures` works with, and whom it tells. */
export interface RtpPicturesOptions {
  /** Of the process. */
  readonly addon: Pick<
    NativeAddon,
    | 'damagedPictures'
    | 'keyframeRequests'
    | 'link'
    | 'nowMs'
    | 'release'
    | 'sinkStats'
    | 'sourceStats'
    | 'cutPackets'
    | 'tagOrientation'
  >;
  /** Of the pictures. */
  readonly codec: VideoCodec;
  /** From RTP to whole compressed pictures. */
  readonly depayloader: string;
  /** Decodes them. */
  readonly decoder: DecoderChoice;
  /** What decoded pictures pass, from `shapeLaunch`. */
  readonly shape: string;
  /** Whether pictures are turned as they say themselves. */
  readonly isTurnedBySource: boolean;
  /** The source in messages, secrets masked. */
  readonly source: string;
  /** As in `LinkOptions`. @defaultValue 0 */
  readonly advanceMs?: number;
  /** Whether pictures come ahead of their time; the depayloader makes them wait. @defaultValue false */
  readonly isPaced?: boolean;
  /** Told what gave up. */
  readonly logger: Pick<Logger, 'debug'>;
}
