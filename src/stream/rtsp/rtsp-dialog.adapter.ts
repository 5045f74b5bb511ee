import { createHash, randomBytes } from 'node:crypto';
import { Authenticator, challengeNames, type Credentials } from './rtsp-auth.js';
import { RtspConnection, type RtspConnectionOptions } from './rtsp-connection.adapter.js';
import type { RtspStep } from './rtsp-error.js';
import type { SessionHeader } from './rtsp-headers.js';
import { headersOf, type RtspHeader, type RtspResponse } from './rtsp-message.js';
import type { RtspUrl } from './rtsp-url.js';

/** With whom one talks, and as whom. */
export interface RtspDialogOptions extends Omit<RtspConnectionOptions, 'host' | 'port' | 'tls'> {
  /** Absent: none are sent. */
  readonly credentials?: Credentials;
  /** How certificates are checked, where the URL asks for TLS. */
  readonly tls: NonNullable<RtspConnectionOptions['tls']>;
}

const MAX_CHALLENGES = 3;
const USER_AGENT = 'Diptych';

/** Requests to a server with what each of them needs: the connection, the session, answers to challenges. */
export class RtspDialog {
  /** Sent with each request, once the server has given one. */
  session: SessionHeader | undefined;

  readonly #options: RtspDialogOptions;
  readonly #authenticator: Authenticator;
  #connection: RtspConnection | undefined;
  /** The request under way answers a challenge. */
  #wasAnswered = false;

  constructor(options: RtspDialogOptions) {
    this.#options = options;
    this.#authenticator = new Authenticator({
      credentials: options.credentials,
      hash: (name, text) => createHash(name).update(text).digest('hex'),
      clientNonce: () => randomBytes(8).toString('hex'),
    });
  }

  /** The connection now; `undefined` before the first. */
  get connection(): RtspConnection | undefined {
    return this.#connection;
  }

  /**
   * Connects, in place of an earlier connection.
   *
   * @throws {@link DiptychError} with what to do
   */
  async connect({ host, port, isTls }: RtspUrl): Promise<RtspConnection> {
    const { tls, ...options } = this.#options;
    const earlier = this.#connection;
    // Its end is not that of the session.
    this.#connection = undefined;
    earlier?.close();
    this.#connection = await RtspConnection.open({ ...options, host, port, ...(isTls ? { tls } : {}) });
    return this.#connection;
  }

  /**
   * One request, again with what the server asks for.
   *
   * @throws {@link DiptychError} where there is no answer, or the server refuses who asks
   */
  async ask(step: RtspStep, method: string, uri: string, headers: readonly RtspHeader[] = []): Promise<RtspResponse> {
    const { errors } = this.#options;
    let response = await this.send(step, method, uri, headers);
    for (let challenges = 0; response.status === 401 && challenges < MAX_CHALLENGES; challenges++) {
      const asked = headersOf(response, 'www-authenticate');
      const outcome = this.#authenticator.challenged(asked, this.#wasAnswered);
      // OPTIONS need not be allowed; the next request tells.
      if (outcome !== 'again' && step === 'OPTIONS') return response;
      if (outcome !== 'again') throw errors.unauthorized(outcome, challengeNames(asked));
      response = await this.send(step, method, uri, headers);
    }
    if (response.status === 401 && step !== 'OPTIONS') throw errors.unauthorized('refused', '');
    return response;
  }

  /**
   * One request, whatever its answer is.
   *
   * @throws {@link DiptychError} where there is no answer
   */
  send(step: RtspStep, method: string, uri: string, headers: readonly RtspHeader[] = []): Promise<RtspResponse> {
    if (!this.#connection) return Promise.reject<RtspResponse>(this.#options.errors.closedBefore(step));
    const answer = this.#authenticator.answer(method, uri);
    this.#wasAnswered = answer !== undefined;
    return this.#connection.request(step, method, uri, [
      ['User-Agent', USER_AGENT],
      ...(this.session ? [['Session', this.session.id] as const] : []),
      ...(answer === undefined ? [] : [['Authorization', answer] as const]),
      ...headers,
    ]);
  }
}
