import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { OddClockOptions } from './odd-clock.js';
import { OddSession } from './odd-session.js';
import { makeTrack, type OddTrack, type OddTrackOptions } from './odd-tracks.js';

/** A step of the way to a stream. */
export type OddStep = 'CONNECT' | 'OPTIONS' | 'DESCRIBE' | 'SETUP' | 'PLAY' | 'GET_PARAMETER' | 'TEARDOWN';

/** How a camera behaves; what is absent is as it should be. Everything may be changed while it runs. */
export interface OddCameraOptions {
  /** In the order of its SDP. */
  readonly tracks: readonly OddTrackOptions[];
  /** Asked for by these schemes, in this order. */
  auth?: {
    readonly user: string;
    readonly password: string;
    readonly schemes: readonly ('basic' | 'md5' | 'sha256' | 'sha512' | 'md5-sess')[];
    /** Another nonce for each so many requests. */
    readonly requestsPerNonce?: number;
    readonly hasQop?: boolean;
  };
  /** PEM. */
  tls?: { readonly key: string; readonly cert: string };
  /** Requests of this kind get no answer. */
  silentAt?: OddStep;
  /** Requests of this kind get this answer, such as `453 Not Enough Bandwidth`. */
  statusAt?: Partial<Record<OddStep, string>>;
  /** So many sessions at once are set up; a further one is answered with 453. */
  maxSessions?: number;
  /** DESCRIBE is answered with 302 to here. */
  redirect?: string;
  /** Without a request for so long the session ends, s. */
  sessionTimeoutS?: number;
  /** Neither named in `Public` nor answered. */
  hasNoGetParameter?: boolean;
  /** Named in `Public`, and answered with 501. */
  refusesGetParameter?: boolean;
  /** What it sends over; `interleaved-only` answers SETUP with TCP whatever was asked. */
  transport?: 'any' | 'tcp' | 'udp';
  /** How it names its tracks. */
  control?: 'relative' | 'absolute' | 'foreign';
  /** Added to the channels that were asked for. */
  channelOffset?: number;
  /** Packets are sent before PLAY is answered. */
  hasEarlyData?: boolean;
  /** Answers have no CSeq. */
  hasNoCSeq?: boolean;
  /** Of answers. */
  lineEnd?: '\r\n' | '\n';
  /** Added to the length that DESCRIBE names. */
  contentLengthError?: number;
  /** Sent between packets. */
  junk?: Buffer;
  /** A clip is this far on when the camera starts, s. */
  phaseS?: number;
  /** The clock in sender reports, ms since 1970, by track and seconds of playing; absent: no reports. */
  senderClock?: (track: number, playedS: number) => number | undefined;
  /** What its time stamps come from. */
  clock?: OddClockOptions;
  /** What it has to send of its sound in the first so many seconds comes at once, at their end. */
  lateSoundS?: number;
  /** No packets are sent; `video`: none with pictures. */
  isPaused?: boolean | 'video';
  /** Share of the packets that are lost over UDP, from 0 to 1. */
  lossRatio?: number;
}

/** An RTSP server in this process that is as odd as its options say. */
export class OddCamera {
  /** First lines of every request so far, in order. */
  readonly requests: string[] = [];
  /** Of `Transport` in SETUP, in order. */
  readonly transports: string[] = [];
  /** Packets of RTCP that came from clients. */
  rtcpReceived = 0;
  /** Packets with requests for a keyframe among them. */
  keyframeRequests = 0;
  /** Raised by one, its pictures begin anew with the first of their clip, which is a keyframe. */
  forcedKeyframes = 0;
  /** Sessions that are set up. */
  readonly sessions = new Set<string>();
  /** Sessions that the camera ended because no request came. */
  timeOuts = 0;

  readonly options: OddCameraOptions;
  readonly tracks: readonly OddTrack[];
  /** When its clips began, ms of `performance.now`. */
  readonly epochMs: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, tracks: readonly OddTrack[], options: OddCameraOptions) {
    this.#server = server;
    this.tracks = tracks;
    this.options = options;
    this.epochMs = performance.now() - (options.phaseS ?? 0) * 1000;
    server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => this.#accept(socket));
  }

  /** @param port - 0: a free one */
  static async start(options: OddCameraOptions, port = 0): Promise<OddCamera> {
    const tracks = await Promise.all(options.tracks.map(makeTrack));
    const server = options.tls ? createTlsServer(options.tls) : createTcpServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port }, resolve);
    });
    return new OddCamera(server, tracks, options);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.options.tls ? 'rtsps' : 'rtsp'}://127.0.0.1:${this.port}/cam`;
  }

  /** Clients that are connected. */
  get clients(): number {
    return this.#sockets.size;
  }

  /** Methods that were asked for, in order. */
  get methods(): string[] {
    return this.requests.map((line) => line.split(' ', 1)[0] ?? '');
  }

  /** Ends every connection, as a camera does that is switched off for a moment. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.hangUp();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const session = new OddSession(this, socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      session.close();
    });
  }
}
