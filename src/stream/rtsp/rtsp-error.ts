import { DiptychError, type ErrorCode } from '../../shared/domain/errors.js';

/** A request that is made on the way to a stream. */
export type RtspStep = 'connect' | 'TLS' | 'OPTIONS' | 'DESCRIBE' | 'SETUP' | 'PLAY';

/** What a certificate is refused for, by the codes of OpenSSL and Node. */
const CERTIFICATE_PROBLEMS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'comes from an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT: 'comes from an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'comes from an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'comes from an authority that this machine does not know',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet; check the clocks of this machine and of the camera',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another host name',
};

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections; check that the camera is on, that RTSP is enabled in it, and the port',
  EHOSTUNREACH: 'cannot be reached: no way to that address; check the address and the network of this machine',
  ENETUNREACH: 'cannot be reached: no way to that network; check the address and the network of this machine',
  ECONNRESET: 'closed the connection; check the port, and whether it expects rtsps:// instead of rtsp://',
  EPIPE: 'closed the connection; check the port, and whether it expects rtsps:// instead of rtsp://',
  ETIMEDOUT: 'does not answer; check the address, and whether a firewall is in between',
};

/** Errors of a camera, each with what to do. Their texts are the same at each attempt. */
export class RtspErrors {
  readonly #source: string;
  readonly #timeoutS: number;

  /**
   * Words for one camera.
   *
   * @param source - its URL with secrets masked
   * @param timeoutS - `source.timeoutS`
   */
  constructor(source: string, timeoutS: number) {
    this.#source = source;
    this.#timeoutS = timeoutS;
  }

  /** The name of the host has no address, or the connection failed by one of Node's codes. */
  connection(code: string, host: string): DiptychError {
    if (code === 'ENOTFOUND') {
      return this.#error(
        'DIPTYCH_E_SOURCE_NAME',
        `the name ${host} is not known; check how it is written, or use the IP address of the camera`,
      );
    }
    if (code === 'EAI_AGAIN') {
      return this.#error(
        'DIPTYCH_E_SOURCE_NAME',
        `the name ${host} could not be looked up, because the name server does not answer; use the address of the camera`,
      );
    }
    const kind = code === 'ECONNREFUSED' ? 'DIPTYCH_E_SOURCE_REFUSED' : 'DIPTYCH_E_SOURCE_UNREACHABLE';
    return this.#error(
      kind,
      UNREACHABLE[code] ?? `cannot be reached (${code}); check the address and the network of this machine`,
    );
  }

  /** Nothing came for `source.timeoutS`. */
  silent(step: RtspStep): DiptychError {
    const s = this.#timeoutS;
    switch (step) {
      case 'connect':
        return this.#error(
          'DIPTYCH_E_SOURCE_UNREACHABLE',
          `no connection within ${s} s; check the address, and whether a firewall is in between`,
        );
      case 'TLS':
        return this.#error(
          'DIPTYCH_E_SOURCE_TLS',
          `the TLS handshake was not answered within ${s} s; check the port, and whether it expects rtsp:// instead of rtsps://`,
        );
      case 'OPTIONS':
        return this.#error(
          'DIPTYCH_E_SOURCE_SILENT',
          `accepts the connection and answers nothing for ${s} s; check the port, or restart the camera`,
        );
      default:
        return this.#error(
          'DIPTYCH_E_SOURCE_SILENT',
          `did not answer ${step} within ${s} s; restart the camera, or raise source.timeoutS if it is slow`,
        );
    }
  }

  /** Everything was agreed, and no packet comes. */
  noPackets(transport: 'tcp' | 'udp'): DiptychError {
    const advice =
      transport === 'udp'
        ? 'a firewall may hold back UDP: set source.transport to tcp'
        : 'restart the camera, or check its stream in another player';
    return this.#error(
      'DIPTYCH_E_SOURCE_SILENT',
      `accepted PLAY and sent no packet for ${this.#timeoutS} s; ${advice}`,
    );
  }

  /** Packets come, and none of them with pictures. */
  noPictures(): DiptychError {
    return this.#error(
      'DIPTYCH_E_SOURCE_SILENT',
      `sends sound, and no packet with pictures for ${this.#timeoutS} s; restart the camera, or check its stream in another player`,
    );
  }

  /** Packets came, and come no more. */
  stopped(): DiptychError {
    return this.#error(
      'DIPTYCH_E_SOURCE_UNREACHABLE',
      `stalled: no packet came for ${this.#timeoutS} s; check that the camera is on, and its network`,
    );
  }

  /** The connection ended while the stream played. */
  ended(): DiptychError {
    return this.#error(
      'DIPTYCH_E_SOURCE_UNREACHABLE',
      'ended the stream; check that the camera is on, and its network',
    );
  }

  /** The connection ended before the answer to a request. */
  closedBefore(step: RtspStep): DiptychError {
    const advice = step === 'OPTIONS' || step === 'TLS' ? UNREACHABLE['ECONNRESET'] : undefined;
    return this.#error(
      'DIPTYCH_E_SOURCE_UNREACHABLE',
      advice ?? `closed the connection instead of answering ${step}; restart the camera, or close other viewers of it`,
    );
  }

  /** What came is not RTSP. */
  notRtsp(begin: string): DiptychError {
    const isHttp = /^HTTP\/|^<(?:!doctype|html)/i.test(begin);
    const what = isHttp ? 'is a web server' : `answers something else (${JSON.stringify(begin)})`;
    return this.#error(
      'DIPTYCH_E_SOURCE_PROTOCOL',
      `the port does not speak RTSP: it ${what}; use the RTSP port of the camera, mostly 554`,
    );
  }

  /**
   * A certificate that is not accepted.
   *
   * @param code - of OpenSSL or Node
   * @param fingerprint - SHA-256 of the certificate, as the option takes it
   */
  certificate(code: string, fingerprint: string): DiptychError {
    const problem = CERTIFICATE_PROBLEMS[code] ?? `is not accepted (${code})`;
    return this.#error(
      'DIPTYCH_E_SOURCE_TLS',
      `its certificate ${problem}; if this is your camera, set source.tls.fingerprint to "sha256 ${fingerprint}"`,
    );
  }

  /** The certificate is not the one that was pinned. */
  fingerprint(fingerprint: string): DiptychError {
    return this.#error(
      'DIPTYCH_E_SOURCE_TLS',
      `its certificate is another one than source.tls.fingerprint says: it has "sha256 ${fingerprint}"; if the camera was reset or replaced, set that`,
    );
  }

  /** The handshake failed for another reason than the certificate. */
  handshake(reason: string): DiptychError {
    return this.#error(
      'DIPTYCH_E_SOURCE_TLS',
      `the TLS handshake failed (${reason}); check the port, or use rtsp:// if the camera has no TLS`,
    );
  }

  /** A 401 that cannot be answered. */
  unauthorized(outcome: 'no-credentials' | 'unknown' | 'refused', asked: string): DiptychError {
    const texts = {
      'no-credentials': 'asks for a user name and password; set source.user and source.password',
      unknown: `asks for ${asked}, which is not known here; choose Digest (MD5 or SHA-256) or Basic in the camera`,
      refused: 'refused the user name or password; check source.user and source.password',
    };
    return this.#error('DIPTYCH_E_SOURCE_AUTH', texts[outcome]);
  }

  /** An answer that is not 200. */
  status(step: RtspStep, status: number, reason: string): DiptychError {
    const [code, text] = statusText(step, status, reason);
    return this.#error(code, text);
  }

  /** The transport that was asked for is refused. */
  transport(asked: 'auto' | 'tcp' | 'udp'): DiptychError {
    const text =
      asked === 'auto'
        ? 'takes neither TCP nor UDP (461); check in the camera how it sends RTP'
        : `does not send over ${asked.toUpperCase()} (461); set source.transport to auto or ${asked === 'tcp' ? 'udp' : 'tcp'}`;
    return this.#error('DIPTYCH_E_SOURCE_TRANSPORT', text);
  }

  /** Redirects in a circle, or to somewhere that is no RTSP. */
  redirect(problem: string): DiptychError {
    return this.#error('DIPTYCH_E_SOURCE_REDIRECT', `${problem}; set source.url to where the stream is`);
  }

  /** No pictures that can be played. */
  noVideo(reason: string, offered: string): DiptychError {
    return this.#error(
      'DIPTYCH_E_SOURCE_FORMAT',
      `sends no video that can be decoded here: ${reason}; set the camera to H.264, H.265 or Motion JPEG${offered === '' ? '' : ` (offered: ${offered})`}`,
    );
  }

  #error(code: ErrorCode, text: string): DiptychError {
    return new DiptychError(code, `${this.#source}: ${text}`);
  }
}

function statusText(step: RtspStep, status: number, reason: string): readonly [ErrorCode, string] {
  switch (status) {
    case 403:
      return ['DIPTYCH_E_SOURCE_AUTH', 'forbids this (403); give the user the right to live video in the camera'];
    case 404:
    case 454:
      return ['DIPTYCH_E_SOURCE_PATH', 'has no stream at that path (404); check the path in source.url'];
    case 453:
      return ['DIPTYCH_E_SOURCE_BUSY', 'has too many viewers (453); close another viewer of the camera'];
    case 503:
      return ['DIPTYCH_E_SOURCE_BUSY', 'is not ready or has too many viewers (503); close another viewer, or wait'];
    default: {
      const said = /^[\x20-\x7e]{1,60}$/.test(reason) ? ` ${reason}` : '';
      return ['DIPTYCH_E_SOURCE_PROTOCOL', `answered ${step} with ${status}${said}; check source.url and the camera`];
    }
  }
}
