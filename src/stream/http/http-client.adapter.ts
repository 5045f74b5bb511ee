import { createHash, randomBytes } from 'node:crypto';
import {
  Agent,
  request as requestHttp,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as SecureAgent, request as requestHttps } from 'node:https';
import { TLSSocket } from 'node:tls';
import { DiptychError } from '../../shared/domain/errors.js';
import { Authenticator, challengeNames, type Credentials } from '../rtsp/rtsp-auth.js';
import type { TlsPolicy } from '../rtsp/rtsp-connection.adapter.js';
import { certificateProblem } from '../rtsp/tls-check.js';
import { networkGuard } from '../network/network-guard.adapter.js';
import type { HttpErrors } from './http-error.js';

/** How a source is asked by HTTP. */
export interface HttpClientOptions {
  /** Absent: none are sent. They are sent to the host of {@link url} only. */
  readonly credentials?: Credentials;
  /** Of the source, without user and password. */
  readonly url: string;
  /** How certificates are checked. */
  readonly tls: TlsPolicy;
  /** For an answer to begin, s. */
  readonly timeoutS: number;
  /** Names what fails. */
  readonly errors: HttpErrors;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** An answer whose body is yet to be read. */
export interface HttpAnswer {
  /** Where it came from, after redirects. */
  readonly url: URL;
  /** 200, or 206 where a range was asked for. */
  readonly status: number;
  /** In lower case, without parameters; empty: not said. */
  readonly contentType: string;
  /** The body. Whoever asked reads it to its end or destroys it. */
  readonly body: IncomingMessage;
}

/** Bytes of a resource. */
export interface ByteRange {
  /** Of the first byte. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

const MAX_REDIRECTS = 5;
const NONCE_BYTES = 16;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const UNAUTHORIZED = 401;
const MAX_HEADER_BYTES = 64 * 1024;

/** The client's side of HTTP/1.1 for sources: redirects, Basic and Digest, pinned certificates, connections kept. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #authenticator: Authenticator;
  readonly #host: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #secureAgent: SecureAgent;

  constructor(options: HttpClientOptions) {
    const { credentials, tls, url } = options;
    this.#options = options;
    this.#host = new URL(url).hostname;
    this.#authenticator = new Authenticator({
      credentials,
      hash: (name, text) => createHash(name).update(text).digest('hex'),
      clientNonce: () => randomBytes(NONCE_BYTES).toString('hex'),
    });
    this.#secureAgent = new SecureAgent({
      keepAlive: true,
      // A resumed session has no certificate to look at.
      maxCachedSessions: 0,
      // The certificate is checked here, so that the error can name its fingerprint.
      rejectUnauthorized: false,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      // What old cameras have is taken where their certificate is not checked either.
      ...(tls.verify ? {} : { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }),
    });
  }

  /**
   * Asks for a resource, and follows where that leads.
   *
   * @param range - the part that is wanted; a server may send all the same
   * @throws {@link DiptychError} with what to do
   */
  async get(url: string | URL, range?: ByteRange): Promise<HttpAnswer> {
    let at = new URL(url);
    let wasAnswered = false;
    for (let redirects = 0; ;) {
      const isOwn = this.#isOwn(at);
      const authorization = isOwn ? this.#authenticator.answer('GET', at.pathname + at.search) : undefined;
      const body = await this.#ask(at, authorization, range);
      const status = body.statusCode ?? 0;
      if (status === 200 || status === 206) return { url: at, status, contentType: contentTypeOf(body), body };
      body.resume();
      if (REDIRECTS.has(status)) {
        redirects += 1;
        at = this.#follow(at, body.headers.location, redirects);
        wasAnswered = false;
      } else if (status === UNAUTHORIZED && isOwn) {
        this.#challenged(body, wasAnswered || authorization !== undefined);
        wasAnswered = true;
      } else {
        throw this.#options.errors.status(status);
      }
    }
  }

  /** Ends all connections; idempotent. */
  close(): void {
    this.#agent.destroy();
    this.#secureAgent.destroy();
  }

  /** Whether user and password may be sent there: to the host of the source, and not in the clear where it is not. */
  #isOwn(at: URL): boolean {
    return at.hostname === this.#host && (at.protocol === 'https:' || new URL(this.#options.url).protocol === 'http:');
  }

  #follow(from: URL, location: string | undefined, count: number): URL {
    const { errors } = this.#options;
    if (count > MAX_REDIRECTS) throw errors.redirect('sends on in a circle');
    const to = location === undefined || !URL.canParse(location, from.href) ? undefined : new URL(location, from);
    if (to?.protocol !== 'http:' && to?.protocol !== 'https:') throw errors.redirect('sends on to something else');
    return to;
  }

  #challenged(answer: IncomingMessage, wasAnswered: boolean): void {
    const challenges = answer.headersDistinct['www-authenticate'] ?? [];
    const outcome = this.#authenticator.challenged(challenges, wasAnswered);
    if (outcome !== 'again') throw this.#options.errors.unauthorized(outcome, challengeNames(challenges));
  }

  async #ask(url: URL, authorization: string | undefined, range: ByteRange | undefined): Promise<IncomingMessage> {
    const { errors, timeoutS, signal } = this.#options;
    const isSecure = url.protocol === 'https:';
    const options: RequestOptions = {
      ...networkGuard('sources').connection(url.hostname, isSecure ? 'https' : 'http'),
      signal,
      agent: isSecure ? this.#secureAgent : this.#agent,
      // Cameras write headers that are no HTTP.
      insecureHTTPParser: true,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: {
        accept: '*/*',
        'accept-encoding': 'identity',
        'user-agent': 'Diptych',
        ...(authorization === undefined ? {} : { authorization }),
        ...(range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` }),
      },
    };
    const request = (isSecure ? requestHttps : requestHttp)(url, options);
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => request.destroy(errors.silent()), timeoutS * 1000);
      request.on('response', (response) => {
        clearTimeout(timer);
        // Whoever reads the body is told of its errors; nobody may be there yet.
        response.on('error', () => undefined);
        resolve(response);
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        reject(error instanceof DiptychError || signal.aborted ? error : errors.connection(error, url.hostname));
      });
      if (isSecure) this.#endWhenTrusted(request);
      else request.end();
    });
  }

  /** Nothing is sent before the certificate is known. */
  #endWhenTrusted(request: ClientRequest): void {
    request.on('socket', (socket) => {
      if (request.reusedSocket || !(socket instanceof TLSSocket)) {
        request.end();
        return;
      }
      socket.once('secureConnect', () => {
        const problem = this.#problemOf(socket);
        if (problem) request.destroy(problem);
        else request.end();
      });
    });
  }

  #problemOf(socket: TLSSocket): DiptychError | undefined {
    const { tls, errors } = this.#options;
    const problem = certificateProblem(tls, {
      fingerprint: socket.getPeerCertificate().fingerprint256,
      code: socket.authorized ? undefined : String(socket.authorizationError),
    });
    if (problem === undefined) return undefined;
    return problem.kind === 'other'
      ? errors.fingerprint(problem.fingerprint)
      : errors.certificate(problem.code, problem.fingerprint);
  }
}

/** All of a body, which is cut off where it is too large or stands still; rejects then. */
export async function readBody(
  { body }: Pick<HttpAnswer, 'body'>,
  { maxBytes, timeoutS, errors }: { readonly maxBytes: number; readonly timeoutS: number; readonly errors: HttpErrors },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => body.destroy(errors.silent()), timeoutS * 1000);
  };
  watch();
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      watch();
      bytes += chunk.length;
      if (bytes > maxBytes) throw errors.protocol(`answers with more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    body.destroy();
    if (error instanceof DiptychError) throw error;
    throw errors.ended('its connection broke');
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}

const contentTypeOf = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
