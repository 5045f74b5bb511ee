import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  FRAME_HEADER_BYTES,
  headerOf,
  RtspParser,
  RtspSyntaxError,
  serialiseResponse,
  type InterleavedFrame,
  type RtspHeader,
  type RtspRequest,
} from './rtsp-message.js';

/** What a relay serves, and whom it tells. */
export interface RtspRelayOptions {
  /** The tracks of the receiver, with `a=control` as {@link relayControl} has it. */
  readonly description: string;
  /** The receiver plays: packets are taken from now on. */
  readonly onPlay: () => void;
  /** The receiver's RTCP for one track. */
  readonly onRtcp: (slot: number, packet: Buffer) => void;
  /** The receiver takes no more (`true`), or takes again. */
  readonly onFull: (isFull: boolean) => void;
}

/** `a=control` of the track with this index in the relay's description. */
export const relayControl = (slot: number): string => `track${slot}`;

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN';
const TOKEN_BYTES = 16;
/** Connections that have not shown the token yet. */
const MAX_UNKNOWN = 4;
const UNKNOWN_MS = 5000;
const SESSION = 'relay;timeout=600';

/**
 * An RTSP server for one receiver in this process: it listens on loopback, its URL cannot be guessed, and the second
 * client is refused. The stream's packets are passed on as they come, over TCP.
 */
export class RtspRelay {
  /** For the receiver. */
  readonly url: string;

  readonly #server: Server;
  readonly #options: RtspRelayOptions;
  readonly #token: string;
  readonly #unknown = new Set<Socket>();
  /** What is sent with the next flush. */
  readonly #waiting: Buffer[] = [];
  #client: Socket | undefined;
  #isPlaying = false;
  #isFull = false;

  private constructor(server: Server, token: string, options: RtspRelayOptions) {
    this.#server = server;
    this.#token = token;
    this.#options = options;
    const { port } = server.address() as AddressInfo;
    this.url = `rtsp://127.0.0.1:${port}/${token}`;
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** Listens on a free port. */
  static async open(options: RtspRelayOptions): Promise<RtspRelay> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: 0 }, resolve);
    });
    return new RtspRelay(server, randomBytes(TOKEN_BYTES).toString('hex'), options);
  }

  /**
   * Passes a packet on with the next {@link flush}; before the receiver plays it is dropped. The frame is the relay's
   * from now on.
   */
  send(slot: number, isRtcp: boolean, frame: Buffer): void {
    if (!this.#client || !this.#isPlaying) return;
    frame[1] = 2 * slot + (isRtcp ? 1 : 0);
    const last = this.#waiting.at(-1);
    // Frames that were read in one piece are written in one piece.
    if (last && last.buffer === frame.buffer && last.byteOffset + last.length === frame.byteOffset) {
      this.#waiting[this.#waiting.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + frame.length);
    } else {
      this.#waiting.push(frame);
    }
  }

  /** Sends what was passed since the last time. */
  flush(): void {
    const waiting = this.#waiting.splice(0);
    if (!this.#client || waiting.length === 0) return;
    this.#client.cork();
    for (const bytes of waiting) this.#client.write(bytes);
    this.#client.uncork();
    if (this.#client.writableNeedDrain) this.#setFull(true);
  }

  /** Ends every connection and listens no more; idempotent. */
  close(): void {
    this.#server.close();
    for (const socket of this.#unknown) socket.destroy();
    this.#client?.destroy();
  }

  #accept(socket: Socket): void {
    socket.on('error', () => undefined);
    if (this.#client || this.#unknown.size >= MAX_UNKNOWN) {
      socket.destroy();
      return;
    }
    const parser = new RtspParser();
    this.#unknown.add(socket);
    const timer = setTimeout(() => socket !== this.#client && socket.destroy(), UNKNOWN_MS);
    socket.on('close', () => {
      clearTimeout(timer);
      this.#unknown.delete(socket);
      if (socket === this.#client) this.#setFull(false);
    });
    socket.on('drain', () => this.#setFull(false));
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const item of parser.push(chunk)) {
          if (item.type === 'request') this.#answer(socket, item);
          else if (item.type === 'frame') this.#onFrame(socket, item);
        }
      } catch (error) {
        if (!(error instanceof RtspSyntaxError)) throw error;
        socket.destroy();
      }
    });
  }

  #answer(socket: Socket, request: RtspRequest): void {
    const cseq: RtspHeader = ['CSeq', headerOf(request, 'cseq') ?? '0'];
    if (!this.#isKnown(socket, request.uri)) {
      socket.end(serialiseResponse(404, 'Not Found', [cseq]));
      return;
    }
    const reply = (headers: readonly RtspHeader[] = [], body?: string): void => {
      socket.write(serialiseResponse(200, 'OK', [cseq, ...headers], body));
    };
    switch (request.method) {
      case 'OPTIONS':
        reply([['Public', METHODS]]);
        break;
      case 'DESCRIBE':
        reply(
          [
            ['Content-Type', 'application/sdp'],
            ['Content-Base', `${this.url}/`],
          ],
          this.#options.description,
        );
        break;
      case 'SETUP': {
        const slot = Number(/track(\d+)$/.exec(request.uri)?.[1] ?? 0);
        reply([
          ['Transport', `RTP/AVP/TCP;unicast;interleaved=${2 * slot}-${2 * slot + 1}`],
          ['Session', SESSION],
        ]);
        break;
      }
      case 'PLAY':
        reply([
          ['Session', SESSION],
          ['Range', 'npt=now-'],
        ]);
        this.#play();
        break;
      default:
        reply([['Session', SESSION]]);
    }
  }

  /** The first who knows the URL is the client, and nobody else after that. */
  #isKnown(socket: Socket, uri: string): boolean {
    if (socket === this.#client) return true;
    const isRight = uri.split('/')[3]?.split('?')[0] === this.#token;
    if (!isRight || this.#client) return false;
    this.#client = socket;
    this.#unknown.delete(socket);
    for (const other of this.#unknown) other.destroy();
    return true;
  }

  #play(): void {
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    this.#options.onPlay();
  }

  #onFrame(socket: Socket, { channel, bytes }: InterleavedFrame): void {
    if (socket === this.#client && channel % 2 === 1) {
      this.#options.onRtcp(channel >> 1, bytes.subarray(FRAME_HEADER_BYTES));
    }
  }

  #setFull(isFull: boolean): void {
    if (this.#isFull === isFull) return;
    this.#isFull = isFull;
    this.#options.onFull(isFull);
  }
}
