import type { types } from 'mediasoup';
import type { ErrorCode } from '../../shared/domain/errors.js';
import type { StreamView } from '../../shared/domain/stream-status.js';
import type { RequestType, StreamSummary } from '../../shared/signaling/protocol.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { OpenedTransport } from './media-server.adapter.js';
import type { ShownIngress, ShownStream } from './shown-stream.js';

/** What a session needs of the gateway. */
export interface SessionContext {
  /** Told to the client in the answer to `hello`. */
  readonly gatewayVersion: string;
  /** A client that has not sent `hello` by then is closed, s. */
  readonly greetingS: number;
  /** Receives what goes wrong with the client. */
  readonly logger: Logger;
  /** Every stream there is now. */
  streams(): readonly StreamSummary[];
  /**
   * The stream of this name, to be shown from here.
   *
   * @param current - what the session shows now
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` where there is none, `DIPTYCH_E_MOVED` where another host shows it.
   */
  getStream(id: string, current: ShownStream | undefined): Promise<ShownStream>;
  /** The status of a stream as clients see it. */
  view(stream: ShownStream): StreamView;
  /** Where the stream's media comes in; `undefined` while none does. */
  ingressOf(stream: ShownStream): ShownIngress | undefined;
  /**
   * What can be consumed. @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` while the media server is
   * started again.
   */
  routerCapabilities(): types.RtpCapabilities;
  /** Whether a client with these capabilities can play a producer. */
  canConsume(producerId: string, rtpCapabilities: types.RtpCapabilities): boolean;
  /**
   * Whether one more may receive a stream.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_LIMIT_VIEWERS`
   */
  admitViewer(stream: ShownStream | undefined): void;
  /** A new transport, which the session closes. */
  openTransport(): Promise<OpenedTransport>;
  /** Writes down what the client has done. @param code - of the error with which it was refused */
  audit(operation: RequestType, streamId: string | undefined, code: ErrorCode | undefined): void;
}
