import type { Observable } from 'rxjs';
import type { StreamConfig } from '../shared/config/schema.js';
import type { RememberedPeople } from '../shared/domain/remembered-people.js';
import type { MediaOrigins, ProcessGpu, RtpDestination, StreamReport, WantedStream } from '../shared/ipc/messages.js';
import type { Logger } from '../shared/telemetry/logger.js';
import type { drawArtwork } from './backend/artwork.js';
import type { openVisionBackend } from './backend/open-backend.js';
import type { openEncoder } from './stages/encode/encode-session.adapter.js';
import type { openSource } from './stages/ingest/source-session.adapter.js';

/** How a stream acquires what it needs, in this order. */
export interface LiveStreamSteps {
  /** Slates and name plates. */
  readonly drawArtwork: typeof drawArtwork;
  /** Networks and the painter. */
  readonly openBackend: typeof openVisionBackend;
  /** The encoder, which lives as long as the stream. */
  readonly openEncoder: typeof openEncoder;
  /** One attempt at the source; made as often as it takes. */
  readonly openSource: typeof openSource;
}

/** What a stream is run with. */
export interface LiveStreamOptions {
  /** Of the stream, checked. */
  readonly config: StreamConfig;
  /** What is wanted of it now, and each change. @defaultValue the targets of `config` */
  readonly wanted$?: Observable<WantedStream>;
  /** Who was known to the run before. @defaultValue nobody */
  readonly before?: RememberedPeople | undefined;
  /** Of the process. */
  readonly gpu: ProcessGpu;
  /** Where recordings are kept. @defaultValue a folder of the user, which is made */
  readonly recordingsFolder?: string;
  /** Where encoded video goes. */
  readonly video: RtpDestination;
  /** Where encoded sound goes. */
  readonly audio: RtpDestination;
  /** No media is sent before it is told where another run ended. @defaultValue false */
  readonly isHeld?: boolean;
  /** Of the stream. */
  readonly logger: Logger;
  /** Takes reports to the gateway. */
  readonly report: (report: StreamReport) => void;
  /** Told from where the media is sent, before the first packet. @defaultValue nobody */
  readonly onOrigins?: (origins: MediaOrigins) => void;
  /** Those to be made otherwise, e.g. to fail in a test. @defaultValue none */
  readonly steps?: Partial<LiveStreamSteps>;
}
