import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { types } from 'mediasoup';
import { WebSocket, type RawData } from 'ws';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { StreamView } from '../../../shared/domain/stream-status.js';
import type { OverlayFrame, StreamEvent } from '../../../shared/ipc/messages.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import type { ProducerIds } from '../../../shared/signaling/protocol.js';
import { safeListener } from '../../guard/safe-listener.js';
import type { ShownIngress } from '../../signaling/shown-stream.js';
import type { LiveHost } from '../cluster-view.js';
import type { PeerRequests } from '../peer-requests.adapter.js';
import { connectPipeEnd, describePipeEnd, openPipeEnd, type PipeEndOptions } from './pipe-end.adapter.js';
import { readSenderMessage, type PullerMessage, type SenderMessage } from './pipe-messages.js';

/** What a {@link PipePuller} works with. */
export interface PipePullerOptions extends PipeEndOptions {
  /** The host that runs the stream. */
  readonly from: LiveHost;
  /** The stream. */
  readonly streamId: string;
  /** What this host shows. */
  readonly requests: Pick<PeerRequests, 'authorizationFor' | 'noteDate'>;
  /** Told of what fails. */
  readonly logger: Logger;
}

/** What a pipe tells. Listeners must not throw. */
export interface PipePullerEvents {
  /** As the host that runs the stream shows it. */
  view: [StreamView];
  /** With each picture. */
  overlay: [OverlayFrame];
  /** Something happened in the stream. */
  event: [StreamEvent];
  /** The media is here from now on; that before ends with it. */
  media: [ShownIngress];
  /** It has ended, whoever ended it; the last one. */
  end: [];
}

/** A host that takes the connection has answered by then, ms. */
const OPEN_LIMIT_MS = 2000;
/** Between two keyframe requests of one viewer, ms. */
const KEYFRAME_REQUEST_DELAY_MS = 500;
/** Without a message for so long the host is taken to be away, ms: it tells the status each second. */
const SILENCE_MS = 5000;

/** Pulls one stream from the host that runs it. Ends with the WebSocket between both, and with the media process. */
export class PipePuller extends EventEmitter<PipePullerEvents> {
  readonly #options: PipePullerOptions;
  readonly #socket: WebSocket;
  #transport: types.PipeTransport | undefined;
  #media: PulledMedia | undefined;
  #queue = Promise.resolve();
  #silence: NodeJS.Timeout | undefined;
  #told: number | undefined;
  #hasTold = false;
  #isClosed = false;

  /** Connects at once. */
  constructor(options: PipePullerOptions) {
    super();
    this.#options = options;
    const { from, streamId, requests, logger } = options;
    const url = `${from.url.replace(/^http/i, 'ws')}/api/v1/cluster/pipes/${encodeURIComponent(streamId)}`;
    const headers = { authorization: requests.authorizationFor(from) };
    const socket = new WebSocket(url, { headers, handshakeTimeout: OPEN_LIMIT_MS, perMessageDeflate: false });
    this.#socket = socket;
    const safe = <A extends readonly unknown[]>(listener: (...args: A) => void): ((...args: A) => void) =>
      safeListener(logger, `the pipe from ${from.id}`, listener, () => this.close());
    const onAnswer = safe(({ headers: answered }: IncomingMessage) => requests.noteDate(from, answered.date));
    socket.on('upgrade', (answer) => {
      onAnswer(answer);
      // What is sent over it comes in order, and the transport is there before.
      this.#inTurn(async () => this.#open(answer));
    });
    socket.on('unexpected-response', (_request, answer) => {
      onAnswer(answer);
      logger.debug({ stream: streamId, host: from.id, status: answer.statusCode }, 'a pipe was refused');
      this.close();
    });
    socket.on(
      'message',
      safe((data: RawData) => {
        this.#heard();
        this.#take(readSenderMessage((data as Buffer).toString('utf8')));
      }),
    );
    socket.on('error', (error) => {
      logger.debug({ err: error, stream: streamId, host: from.id }, 'a pipe failed');
      this.close();
    });
    socket.once('close', () => this.close());
    this.#heard();
  }

  /** The host that runs the stream. */
  get from(): LiveHost {
    return this.#options.from;
  }

  /** The media; absent while none comes. */
  get media(): ShownIngress | undefined {
    return this.#media;
  }

  /** Whether the host has told of the stream. */
  get hasTold(): boolean {
    return this.#hasTold;
  }

  /** So many viewers there are here. */
  tellViewers(viewers: number): void {
    if (this.#told === viewers || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#told = viewers;
    this.#send({ type: 'viewers', viewers });
  }

  /** Ends it. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#silence);
    this.#socket.terminate();
    this.#transport?.close();
    this.emit('end');
  }

  async #open({ socket }: IncomingMessage): Promise<void> {
    const transport = await openPipeEnd(this.#options, socket);
    this.#transport = transport;
    transport.observer.once('close', () => this.close());
    if (this.#isClosed) transport.close();
    else this.#send({ type: 'open', end: describePipeEnd(this.#options, transport) });
  }

  #take(message: SenderMessage): void {
    switch (message.type) {
      case 'status':
        this.#hasTold = true;
        this.emit('view', message.view);
        break;
      case 'overlay':
        this.emit('overlay', message.overlay);
        break;
      case 'event':
        this.emit('event', message.event);
        break;
      case 'opened':
        this.#inTurn((transport) => connectPipeEnd(this.#options, transport, message.end));
        break;
      case 'media':
        this.#inTurn(async (transport) => {
          const produce = (kind: types.MediaKind): Promise<types.Producer> =>
            transport.produce({
              ...{ kind, rtpParameters: message[kind] as unknown as types.RtpParameters },
              keyFrameRequestDelay: KEYFRAME_REQUEST_DELAY_MS,
            });
          const former = this.#media;
          this.#media = new PulledMedia(await produce('video'), await produce('audio'));
          this.emit('media', this.#media);
          former?.close();
        });
        break;
    }
  }

  #send(message: PullerMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #inTurn(work: (transport: types.PipeTransport) => Promise<void>): void {
    const { logger, streamId, from } = this.#options;
    this.#queue = this.#queue
      .then(() => (this.#isClosed ? undefined : work(this.#transport as types.PipeTransport)))
      .catch((error: unknown) => {
        // The media process is being replaced: it is tried again.
        const isExpected = error instanceof DiptychError && error.code === 'DIPTYCH_E_NOT_READY';
        const level = this.#isClosed || isExpected ? 'debug' : 'warn';
        logger[level]({ err: error, stream: streamId, host: from.id }, 'a pipe cannot be opened');
        this.close();
      });
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.close(), SILENCE_MS);
  }
}

/** Pictures and sound of a pipe. */
class PulledMedia implements ShownIngress {
  readonly #producers: Readonly<Record<types.MediaKind, types.Producer>>;

  constructor(video: types.Producer, audio: types.Producer) {
    this.#producers = { video, audio };
  }

  get producers(): ProducerIds {
    return { video: this.producerId('video'), audio: this.producerId('audio') };
  }

  get isClosed(): boolean {
    return this.#producers.video.closed;
  }

  producerId(kind: types.MediaKind): string {
    return this.#producers[kind].id;
  }

  close(): void {
    for (const producer of Object.values(this.#producers)) producer.close();
  }
}
