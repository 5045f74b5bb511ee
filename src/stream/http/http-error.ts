import { DiptychError, type ErrorCode } from '../../shared/domain/errors.js';
import { RtspErrors } from '../rtsp/rtsp-error.js';

const CONNECTION: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections; check that the camera is on, and the port',
  EHOSTUNREACH: 'cannot be reached: no way to that address; check the address and the network of this machine',
  ENETUNREACH: 'cannot be reached: no way to that network; check the address and the network of this machine',
  ECONNRESET: 'closed the connection; check the port, and whether it expects https:// instead of http://',
  EPIPE: 'closed the connection; check the port, and whether it expects https:// instead of http://',
  ETIMEDOUT: 'does not answer; check the address, and whether a firewall is in between',
};
const NO_TLS = /wrong version number|packet length too long|http request|unknown protocol/i;

/** Errors of a source over HTTP, each with what to do. Their texts are the same at each attempt. */
export class HttpErrors {
  /** What HTTP and RTSP have in common: certificates, and what follows from a 401. */
  readonly #common: RtspErrors;
  readonly #source: string;
  readonly #timeoutS: number;

  /**
   * Words for one source.
   *
   * @param source - its URL with secrets masked
   * @param timeoutS - `source.timeoutS`
   */
  constructor(source: string, timeoutS: number) {
    this.#common = new RtspErrors(source, timeoutS);
    this.#source = source;
    this.#timeoutS = timeoutS;
  }

  /** A request that failed without an answer. */
  connection(error: NodeJS.ErrnoException, host: string): DiptychError {
    const code = error.code ?? '';
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return this.#common.connection(code, host);
    if (code.startsWith('HPE_')) return this.protocol('the port does not speak HTTP');
    if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
      if (NO_TLS.test(error.message)) {
        return this.#error('DIPTYCH_E_SOURCE_TLS', 'the port does not speak TLS; use http:// or another port');
      }
      return this.#error(
        'DIPTYCH_E_SOURCE_TLS',
        `the TLS handshake failed (${code}); check the port, or use http:// if it has no TLS`,
      );
    }
    const kind = code === 'ECONNREFUSED' ? 'DIPTYCH_E_SOURCE_REFUSED' : 'DIPTYCH_E_SOURCE_UNREACHABLE';
    const text = CONNECTION[code] ?? `cannot be reached (${code === '' ? error.message : code}); check the address`;
    return this.#error(kind, text);
  }

  /** No answer in time. */
  silent(): DiptychError {
    return this.#error(
      'DIPTYCH_E_SOURCE_SILENT',
      `no answer for ${this.#timeoutS} s; check the address and whether the camera is busy, or raise source.timeoutS`,
    );
  }

  /** As of `RtspErrors`. */
  certificate(code: string, fingerprint: string): DiptychError {
    return this.#common.certificate(code, fingerprint);
  }

  /** As of `RtspErrors`. */
  fingerprint(fingerprint: string): DiptychError {
    return this.#common.fingerprint(fingerprint);
  }

  /** As of `RtspErrors`. */
  unauthorized(outcome: 'no-credentials' | 'unknown' | 'refused', asked: string): DiptychError {
    return this.#common.unauthorized(outcome, asked);
  }

  /** As of `RtspErrors`. */
  redirect(problem: string): DiptychError {
    return this.#common.redirect(problem);
  }

  /** An answer that is no success. */
  status(status: number): DiptychError {
    if (status === 403) {
      return this.#error(
        'DIPTYCH_E_SOURCE_AUTH',
        'forbids this (403); check the user’s rights, or the token in the URL',
      );
    }
    if (status === 404 || status === 410) {
      return this.#error('DIPTYCH_E_SOURCE_PATH', `has nothing at that path (${status}); check the path in source.url`);
    }
    if (status === 429 || status === 503) {
      return this.#error('DIPTYCH_E_SOURCE_BUSY', `is busy or not ready (${status}); close another viewer, or wait`);
    }
    return this.#error('DIPTYCH_E_SOURCE_PROTOCOL', `answered with ${status}; check source.url and the camera`);
  }

  /** Something else than what a source is to send. */
  protocol(problem: string): DiptychError {
    return this.#error('DIPTYCH_E_SOURCE_PROTOCOL', `${problem}; check source.url`);
  }

  /** Pictures or sound that cannot be played. */
  format(problem: string): DiptychError {
    return this.#error('DIPTYCH_E_SOURCE_FORMAT', problem);
  }

  /** It sends no more. */
  ended(problem: string): DiptychError {
    return this.#error('DIPTYCH_E_SOURCE_UNREACHABLE', problem);
  }

  /** It came to its end. */
  over(problem: string): DiptychError {
    return this.#error('DIPTYCH_E_SOURCE_ENDED', problem);
  }

  #error(code: ErrorCode, text: string): DiptychError {
    return new DiptychError(code, `${this.#source}: ${text}`);
  }
}
