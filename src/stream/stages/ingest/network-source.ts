import type { DiptychError } from '../../../shared/domain/errors.js';
import type { BusMessage } from '../../native/types.js';
import type { SourceInfo } from './source-session.js';

/** A source whose RTP comes over a network. It was set up, and sends once its graph plays. */
export interface NetworkSource {
  /** What is known of it before its first packet. */
  readonly info: SourceInfo;
  /** Resolves with the reason once it sends no more. Never by {@link close}. */
  readonly ended: Promise<DiptychError>;
  /** Asks it for a keyframe, where it takes such requests; whether one was sent. */
  requestKeyframe(): boolean;
  /** Its graph plays. */
  onPlaying(): void;
  /** What an error of its graph means. @defaultValue as that of a camera */
  explain?(error: Extract<BusMessage, { type: 'error' | 'warning' }>): Promise<DiptychError>;
  /** Why no picture comes, of a source that sends none. @defaultValue that none comes */
  readonly whySilent?: () => DiptychError;
  /** Ends it; idempotent. */
  close(): Promise<void>;
}
