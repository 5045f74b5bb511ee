import type { Observable } from 'rxjs';
import type { Size } from '../../../shared/domain/box.js';
import type { FrameMemory } from '../../../shared/domain/frame.js';
import type { SourceTrackStatus } from '../../../shared/domain/source-track-status.js';
import type { MediaTap } from '../../domain/media-tap.js';
import type { NativeFrame } from '../../native/types.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import type { DecoderChoices, DecoderPreferences } from './decoder-choice.js';
import type { PictureTrouble } from './picture-trouble.js';
import type { Publisher } from './publisher.js';

/** What is known about a source; more becomes known while it runs. */
export interface SourceInfo extends Partial<Size> {
  /** Of the pictures, e.g. `H.264`. */
  readonly codec?: string;
  /** Measured frame rate. */
  readonly fps?: number;
  /** Codec of the sound, or `none`. */
  readonly audio?: string;
  /** Why there is no sound. */
  readonly audioReason?: string | undefined;
  /** How RTP travels. */
  readonly transport?: 'tcp' | 'udp';
  /** Why it travels like this. */
  readonly transportReason?: string;
  /** What a camera offers, in its order. */
  readonly tracks?: readonly SourceTrackStatus[];
  /** GStreamer element that decodes the pictures. */
  readonly decoder?: string;
  /** Why that one; names those that failed on this source. */
  readonly decoderReason?: string;
}

/** The sound of a source. Its graph is another one after a decoder failed; links made before go on. */
export interface SourceSound extends MediaTap {
  /** Known with the first frame; `false` too where the source failed before. */
  readonly exists: Promise<boolean>;
}

/** How a source is played. */
export interface SourceOptions {
  /**
   * `live`: in real time, PTS on the clock of the process, newest frames first. `free`: a file as
   * fast as its frames are released, none left out, once, PTS from its own start.
   */
  readonly pace: 'live' | 'free';
  /** Told which decoder is used, and what fails. */
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /**
   * Where the stream wants its pictures. `cuda`: in GPU memory where a decoder can do that; each frame says where
   * it is. @defaultValue `system`
   */
  readonly memory?: FrameMemory;
  /** The GPU of that memory, from 0. @defaultValue 0 */
  readonly device?: number;
  /** Ends the attempt while it is being opened. @defaultValue never */
  readonly signal?: AbortSignal;
  /** Chooses the decoders. @defaultValue the best that GStreamer has here */
  readonly decoders?: (preferences: DecoderPreferences) => DecoderChoices;
  /** Of a source that is published. @defaultValue nobody ever publishes */
  readonly publisher?: Publisher;
  /** Frames a second of the output: 50 and more show both fields of interlaced pictures. @defaultValue 30 */
  readonly outputFps?: number;
  /** Size of the output, for sources that offer several. @defaultValue 1920×1080 */
  readonly outputSize?: Size;
}

/** One attempt at a source. It is not repeated here; only a decoder in hardware that fails is replaced by another one. */
export interface SourceSession {
  /**
   * For one subscriber, who releases every frame; the source plays from the subscription on. PTS rise.
   * Completes when the source ended or the session is closed.
   */
  readonly frames$: Observable<NativeFrame>;
  /** Sound as S16LE, 48 kHz, stereo, for `NativeAddon.link`; without sound nothing ever comes. */
  readonly audio: SourceSound;
  /** What is known so far, then every change. */
  readonly info$: Observable<SourceInfo>;
  /**
   * Resolves when a file has ended. Rejects with a {@link DiptychError}: `DIPTYCH_E_SOURCE_UNREACHABLE`
   * (also when no frame comes for `timeoutS`), `_AUTH`, `_FORMAT`, `DIPTYCH_E_GRAPH`.
   */
  readonly ended: Promise<'eos'>;
  /** Of a file that is read at free pace, ms; absent where it is not known. */
  readonly durationMs?: number | undefined;
  /** Pictures that were replaced by newer ones before they were taken. */
  readonly dropped: number;
  /** Compressed pictures that were dropped up to a keyframe, because the decoder could not follow. */
  readonly droppedCoded: number;
  /** Packets of a camera that were refused, and pictures that were decoded with errors. */
  readonly damaged: number;
  /** What is the matter with the pictures of a source that is received; absent where nothing is. */
  readonly trouble: PictureTrouble | undefined;
  /** How long the oldest compressed picture has waited for the decoder, ms. */
  readonly lagMs: number;
  /** Stops the source and frees its graph; idempotent. */
  close(): Promise<void>;
}
