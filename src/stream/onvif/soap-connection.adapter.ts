import { createHash, randomBytes } from 'node:crypto';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { TLSSocket } from 'node:tls';
import { anySignal } from '../../shared/any-signal.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { Authenticator, type Credentials } from '../rtsp/rtsp-auth.js';
import type { TlsPolicy } from '../rtsp/rtsp-connection.adapter.js';
import { networkGuard, type GuardedConnection } from '../network/network-guard.adapter.js';
import { certificateProblem } from '../rtsp/tls-check.js';
import { explainHttpError, OnvifError } from './onvif-error.js';
import { parseSoap, soapRequest, type SoapAnswer, type SoapNode, type SoapRequest } from './soap.js';

/** Whom a {@link SoapConnection} asks, and as whom. */
export interface SoapConnectionOptions {
  /** Absent: without a user. */
  readonly credentials?: Credentials;
  /** How the certificate is checked, for https://. */
  readonly tls: TlsPolicy;
  /** For a request and its answer, ms. */
  readonly timeoutMs: number;
  /** Ends what goes on. */
  readonly signal: AbortSignal;
}

interface HttpAnswer {
  readonly status: number;
  readonly challenges: readonly string[];
  readonly text: string;
}

const MAX_ANSWER_BYTES = 1 << 20;
const NONCE_BYTES = 16;
const UNAUTHORIZED = 401;
const NOT_FOUND = 404;

/**
 * Asks the services of one camera, with a user in the request (WS-Security UsernameToken), and by HTTP's own
 * authentication where the camera asks for that.
 */
export class SoapConnection {
  readonly #options: SoapConnectionOptions;
  readonly #authenticator: Authenticator;
  /** The camera's clock minus ours, ms. */
  #clockOffsetMs = 0;

  constructor(options: SoapConnectionOptions) {
    this.#options = options;
    this.#authenticator = new Authenticator({
      credentials: options.credentials,
      hash: (name, text) => createHash(name).update(text).digest('hex'),
      clientNonce: () => randomBytes(NONCE_BYTES).toString('hex'),
    });
  }

  /** Requests name this time as theirs: cameras do not take those whose time is far from their own. */
  setCameraTime(cameraMs: number): void {
    this.#clockOffsetMs = cameraMs - Date.now();
  }

  /**
   * Asks, and waits for the answer.
   *
   * @throws {@link OnvifError} where there is none, or it refuses
   */
  async ask(url: URL, request: SoapRequest, { isAnonymous = false } = {}): Promise<SoapNode> {
    for (let wasAnswered = false; ; wasAnswered = true) {
      const http = isAnonymous ? undefined : this.#authenticator.answer('POST', url.pathname + url.search);
      // The request is either answered for by HTTP's authentication or carries the user itself.
      const answer = await this.#post(url, this.#write(request, http === undefined && !isAnonymous), http);
      const soap = parseSoap(answer.text);
      if (answer.status === UNAUTHORIZED && answer.challenges.length > 0 && !isAnonymous) {
        const outcome = this.#authenticator.challenged(answer.challenges, http !== undefined);
        if (outcome === 'again' && !wasAnswered) continue;
        throw refused(outcome === 'no-credentials');
      }
      return bodyOf(soap, answer.status, this.#options.credentials === undefined);
    }
  }

  #write(request: SoapRequest, hasUser: boolean): string {
    const { credentials } = this.#options;
    if (!credentials || !hasUser) return soapRequest(request);
    const nonce = randomBytes(NONCE_BYTES);
    const created = new Date(Date.now() + this.#clockOffsetMs).toISOString();
    const digest = createHash('sha1').update(nonce).update(created).update(credentials.password).digest('base64');
    return soapRequest(request, { username: credentials.user, digest, nonce: nonce.toString('base64'), created });
  }

  async #post(url: URL, body: string, authorization: string | undefined): Promise<HttpAnswer> {
    const { tls, timeoutMs, signal } = this.#options;
    const bytes = Buffer.from(body);
    const limit = anySignal([signal, AbortSignal.timeout(timeoutMs)]);
    const isSecure = url.protocol === 'https:';
    const request = (isSecure ? requestHttps : requestHttp)(url, {
      ...guarded(url),
      method: 'POST',
      agent: false,
      signal: limit,
      headers: {
        'content-type': 'application/soap+xml; charset=utf-8',
        'content-length': bytes.length,
        ...(authorization === undefined ? {} : { authorization }),
      },
      ...(isSecure && { rejectUnauthorized: false, ...(tls.ca === undefined ? {} : { ca: tls.ca }) }),
    });
    try {
      return await new Promise((resolve, reject) => {
        request.on('error', reject);
        request.on('response', (response) => void readAnswer(response).then(resolve, reject));
        // Nothing is sent before the certificate is known.
        if (!isSecure) request.end(bytes);
        else
          request.on('socket', (socket) =>
            socket.once('secureConnect', () => {
              const problem = socket instanceof TLSSocket ? certificateOf(socket, tls) : 'no certificate';
              if (problem === undefined) request.end(bytes);
              else request.destroy(new OnvifError(problem));
            }),
          );
      });
    } catch (error) {
      request.destroy();
      if (error instanceof OnvifError) throw error;
      if (error instanceof DiptychError) throw new OnvifError(error.message, { cause: error });
      if (limit.aborted && !signal.aborted) {
        throw new OnvifError(`${url.host} did not answer within ${timeoutMs / 1000} s; check source.onvif.url`);
      }
      const { code, message } = error as NodeJS.ErrnoException;
      throw new OnvifError(explainHttpError(code ?? message, url), { cause: error });
    }
  }
}

/** The services of a camera may be elsewhere: it says so itself. @throws {@link OnvifError} where that is not allowed */
function guarded({ hostname }: URL): GuardedConnection {
  try {
    return networkGuard('sources').connection(hostname);
  } catch (error) {
    throw new OnvifError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new OnvifError('the answer is longer than any that was asked for');
    chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? 0,
    challenges: response.headersDistinct['www-authenticate'] ?? [],
    text: Buffer.concat(chunks).toString('utf8'),
  };
}

function certificateOf(socket: TLSSocket, policy: TlsPolicy): string | undefined {
  const error = socket.authorizationError as Error | string | null | undefined;
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : (error ?? undefined);
  const { fingerprint256 } = socket.getPeerCertificate();
  const problem = certificateProblem(policy, { fingerprint: fingerprint256, code });
  return (
    problem &&
    `the certificate is not taken (${problem.kind === 'invalid' ? problem.code : 'another one than was pinned'}); set source.tls, its fingerprint is sha256 ${fingerprint256}`
  );
}

function bodyOf(soap: SoapAnswer, status: number, isAnonymous: boolean): SoapNode {
  if (soap.type === 'answer') return soap.body;
  if (soap.type === 'fault') {
    if (soap.isRefused) throw refused(isAnonymous);
    throw new OnvifError(`the camera refuses: ${soap.reason}`);
  }
  if (status === UNAUTHORIZED) throw refused(isAnonymous);
  const what = status === NOT_FOUND ? 'there is nothing at this path' : `the answer is not SOAP (HTTP ${status})`;
  throw new OnvifError(`${what}; check source.onvif.url`);
}

const refused = (isAnonymous: boolean): OnvifError =>
  new OnvifError(
    isAnonymous
      ? 'a user is needed; set source.onvif.username and source.onvif.password'
      : "user or password is refused; set those of an ONVIF user of the camera in source.onvif.username and source.onvif.password, and check the camera's clock",
    { isRefused: true },
  );
