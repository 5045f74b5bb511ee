import type { GatewayConfig } from '../../shared/config/schema.js';
import type { RetryPolicy } from '../../shared/retry/backoff.js';
import type { Logger } from '../../shared/telemetry/logger.js';

/** What the media server needs of the gateway. */
export interface MediaServerOptions {
  /** Addresses and ports of media, as in the configuration. */
  readonly webrtc: GatewayConfig['webrtc'];
  /** Address that media listens on where the configuration names none. */
  readonly host: string;
  /** How long to wait before a media process that died is replaced. */
  readonly backoff: RetryPolicy;
  /** Every death of the media process is an error in the log. */
  readonly logger: Logger;
  /**
   * After so long without an answer the media process is told as stalled, s. Higher: short pauses are
   * not shown. Lower: a hang is shown sooner. @defaultValue 1.5
   */
  readonly stalledAfterS?: number;
  /**
   * After so long without an answer it is replaced, s. Higher: longer pauses pass. Lower: viewers of one
   * that hangs have their picture back sooner. @defaultValue 4
   */
  readonly silenceTimeoutS?: number;
  /**
   * A viewer or publisher that has not connected by then is given up, s. Higher: slow networks have more time. Lower:
   * what never comes is freed sooner. @defaultValue 20
   */
  readonly connectS?: number;
}
