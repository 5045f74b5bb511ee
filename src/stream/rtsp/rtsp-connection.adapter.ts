import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { DiptychError } from '../../shared/domain/errors.js';
import { networkGuard } from '../network/network-guard.adapter.js';
import type { RtspErrors, RtspStep } from './rtsp-error.js';
import {
  headerOf,
  RtspParser,
  RtspSyntaxError,
  serialiseRequest,
  serialiseResponse,
  type InterleavedFrame,
  type RtspHeader,
  type RtspRequest,
  type RtspResponse,
} from './rtsp-message.js';
import { certificateProblem } from './tls-check.js';

/** How a server's certificate is checked. */
export interface TlsPolicy {
  /** False: any certificate is taken. */
  readonly verify: boolean;
  /** SHA-256 of the only certificate that is taken: 64 hexadecimal digits in capitals. */
  readonly fingerprint?: string;
  /** Certificates of authorities, PEM. */
  readonly ca?: string;
}

/** Where a connection goes, and who is told of what comes. */
export interface RtspConnectionOptions {
  /** A name or an address, without brackets. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** Absent: plain TCP. */
  readonly tls?: TlsPolicy;
  /** For each answer, s. */
  readonly timeoutS: number;
  /** Names what fails. */
  readonly errors: RtspErrors;
  /** Aborts the connection. */
  readonly signal: AbortSignal;
  /** A packet has come. */
  readonly onFrame: (frame: InterleavedFrame) => void;
  /** Whether packets are expected on a channel. */
  readonly isChannel: (channel: number) => boolean;
  /** The server asks for something; the answer's status. */
  readonly onRequest: (request: RtspRequest) => number;
}

interface Pending {
  readonly resolve: (response: RtspResponse) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

const REASONS: Readonly<Record<number, string>> = { 200: 'OK', 501: 'Not Implemented' };
const MAX_WAITING_BYTES = 256 * 1024;

/** One connection to an RTSP server: requests with their answers, packets in between. */
export class RtspConnection {
  /** Rejects once the connection is over, by whoever's doing; `undefined` where the server just closed it. */
  readonly ended: Promise<DiptychError | undefined>;

  readonly #socket: Socket;
  readonly #options: RtspConnectionOptions;
  readonly #parser: RtspParser;
  readonly #pending = new Map<number, Pending>();
  #lastCSeq = 0;
  #step: RtspStep = 'OPTIONS';
  #end: (error: DiptychError | undefined) => void = () => undefined;
  #isOver = false;

  private constructor(socket: Socket, options: RtspConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#parser = new RtspParser({ isChannel: options.isChannel });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const abort = (): void => this.close();
    options.signal.addEventListener('abort', abort, { once: true });
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#finish(this.#failureOf(error)));
    socket.on('close', () => {
      options.signal.removeEventListener('abort', abort);
      this.#finish(undefined);
    });
  }

  /**
   * Connects: looks up the name, opens the connection, makes the TLS handshake and checks the certificate.
   *
   * @throws {@link DiptychError} by `errors`
   */
  static async open(options: RtspConnectionOptions): Promise<RtspConnection> {
    const { host, port, tls, signal } = options;
    signal.throwIfAborted();
    const guarded = networkGuard('sources').connection(host, tls ? 'rtsps' : 'rtsp');
    const tcp = connectTcp({ host, port, noDelay: true, keepAlive: true, ...guarded });
    try {
      await settled(tcp, 'connect', options, 'connect');
      const socket = tls ? await secured(tcp, tls, options) : tcp;
      return new RtspConnection(socket, options);
    } catch (error) {
      tcp.destroy();
      throw error;
    }
  }

  /** Our own address on this connection. */
  get localAddress(): string {
    return this.#socket.localAddress ?? '0.0.0.0';
  }

  /** The server's address. */
  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? this.#options.host;
  }

  /**
   * Asks, and waits for the answer.
   *
   * @throws {@link DiptychError} where no answer comes within `timeoutS`, or the connection ends
   */
  request(step: RtspStep, method: string, uri: string, headers: readonly RtspHeader[]): Promise<RtspResponse> {
    const { errors, timeoutS } = this.#options;
    this.#step = step;
    const cseq = ++this.#lastCSeq;
    return new Promise((resolve, reject) => {
      if (this.#isOver) {
        reject(errors.closedBefore(step));
        return;
      }
      const timer = setTimeout(() => {
        // A server may have named more bytes than it sent.
        const cut = this.#parser.takeUnfinished();
        if (cut?.type === 'response') this.#onResponse(cut);
        if (this.#pending.delete(cseq)) reject(errors.silent(step));
      }, timeoutS * 1000);
      this.#pending.set(cseq, { resolve, reject, timer });
      this.#socket.write(serialiseRequest(method, uri, [['CSeq', String(cseq)], ...headers]));
    });
  }

  /** Sends a packet that need not arrive; it is left out while the server takes nothing. */
  sendFrame(frame: Uint8Array): void {
    if (!this.#isOver && this.#socket.writableLength < MAX_WAITING_BYTES) this.#socket.write(frame);
  }

  /** Reads no further until {@link resume}, so that the server has to wait. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Ends the connection at once; idempotent. */
  close(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    try {
      for (const item of this.#parser.push(chunk)) {
        if (item.type === 'frame') this.#options.onFrame(item);
        else if (item.type === 'response') this.#onResponse(item);
        else this.#onRequest(item);
      }
    } catch (error) {
      if (!(error instanceof RtspSyntaxError)) throw error;
      this.#finish(this.#options.errors.notRtsp(error.begin));
      this.close();
    }
  }

  #onResponse(response: RtspResponse): void {
    // Servers that leave the number out, or mistake it, answer in order all the same.
    const cseq = Number(headerOf(response, 'cseq'));
    const key = this.#pending.has(cseq) ? cseq : Number.isNaN(cseq) ? [...this.#pending.keys()][0] : undefined;
    const pending = key === undefined ? undefined : this.#pending.get(key);
    if (key === undefined || !pending || response.status < 200) return;
    this.#pending.delete(key);
    clearTimeout(pending.timer);
    pending.resolve(response);
  }

  #onRequest(request: RtspRequest): void {
    const status = this.#options.onRequest(request);
    const headers = ['cseq', 'session'].flatMap((name): RtspHeader[] => {
      const value = headerOf(request, name);
      return value === undefined ? [] : [[name === 'cseq' ? 'CSeq' : 'Session', value]];
    });
    if (!this.#isOver) this.#socket.write(serialiseResponse(status, REASONS[status] ?? 'OK', headers));
  }

  #failureOf(error: NodeJS.ErrnoException): DiptychError {
    return this.#pending.size > 0
      ? this.#options.errors.closedBefore(this.#step)
      : this.#options.errors.connection(error.code ?? error.message, this.#options.host);
  }

  #finish(error: DiptychError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error ?? this.#options.errors.closedBefore(this.#step));
    }
    this.#pending.clear();
    this.#end(error);
  }
}

/** Waits for an event of a socket, within the time of a step. */
function settled(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  { errors, host, timeoutS, signal }: RtspConnectionOptions,
  step: RtspStep,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => done(errors.silent(step)), timeoutS * 1000);
    const onError = (error: NodeJS.ErrnoException): void => {
      if (error instanceof DiptychError) {
        done(error);
        return;
      }
      const code = error.code ?? error.message;
      done(step === 'TLS' ? handshakeError(error, errors) : errors.connection(code, host));
    };
    const onClose = (): void => done(errors.closedBefore(step));
    const onAbort = (): void => done(signal.reason as Error);
    const done = (error?: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('close', onClose);
      // A socket whose last listener is gone would throw what comes later.
      if (error) socket.on('error', () => undefined);
      if (error) reject(error);
      else resolve();
    };
    socket.once(event, () => done());
    socket.on('error', onError).on('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function handshakeError(error: NodeJS.ErrnoException, errors: RtspErrors): DiptychError {
  if (error.code === 'ECONNRESET') return errors.closedBefore('TLS');
  const reason = /(?:reason|SSL routines)[^:]*:?([a-z0-9 ]+)/i.exec(error.message)?.[1]?.trim();
  return errors.handshake(reason ?? error.code ?? 'no reason given');
}

async function secured(tcp: Socket, policy: TlsPolicy, options: RtspConnectionOptions): Promise<TLSSocket> {
  const { host, errors } = options;
  const isChecked = policy.verify;
  const socket = connectTls({
    socket: tcp,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    host,
    ...(policy.ca === undefined ? {} : { ca: policy.ca }),
    // The certificate is checked below, so that the error can name its fingerprint.
    rejectUnauthorized: false,
    // What old cameras have is taken where their certificate is not checked either.
    ...(isChecked ? {} : { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }),
  });
  await settled(socket, 'secureConnect', options, 'TLS');
  const problem = certificateProblem(policy, {
    fingerprint: socket.getPeerCertificate().fingerprint256,
    code: socket.authorized ? undefined : String(socket.authorizationError),
  });
  if (problem === undefined) return socket;
  socket.destroy();
  throw problem.kind === 'other'
    ? errors.fingerprint(problem.fingerprint)
    : errors.certificate(problem.code, problem.fingerprint);
}
