import type { Socket } from 'node:net';
import type { types } from 'mediasoup';
import type { RawData, WebSocket } from 'ws';
import type { StreamView } from '../../../shared/domain/stream-status.js';
import type { OverlayFrame, StreamEvent } from '../../../shared/ipc/messages.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import { safeListener } from '../../guard/safe-listener.js';
import { ingressOf } from '../../signaling/shown-stream.js';
import type { MediaServer } from '../../signaling/media-server.adapter.js';
import type { ManagedStream } from '../../streams/managed-stream.adapter.js';
import { connectPipeEnd, describePipeEnd, openPipeEnd, type PipeEndOptions } from './pipe-end.adapter.js';
import { readPullerMessage, type PipeEnd, type SenderMessage } from './pipe-messages.js';

/** What a {@link PipeSender} works with. */
export interface PipeSenderOptions extends PipeEndOptions {
  /** As {@link PipeEndOptions.media}; the pipe ends with its process. */
  readonly media: PipeEndOptions['media'] & Pick<MediaServer, 'on' | 'off'>;
  /** The stream that is sent. */
  readonly stream: ManagedStream;
  /** Its status as the API shows it. */
  readonly viewOf: (stream: ManagedStream) => StreamView;
  /** Name of the host that pulls. */
  readonly host: string;
  /** Told of what fails. */
  readonly logger: Logger;
}

/** Overlays are not sent to a host that has this much waiting to be sent. */
const SLOW_BYTES = 256 * 1024;
/** A host with this much waiting to be sent is cut off. */
const STUCK_BYTES = 4 * 1024 * 1024;
/** The other host is told the status so often where nothing else tells it, ms: it knows that this one is there. */
const BEAT_MS = 1000;

/**
 * One stream on its way to one other host: its media by a pipe, and what viewers are told by the WebSocket by which that
 * host has asked for it. Both end together, with the stream, and with the media process.
 */
export class PipeSender {
  readonly #socket: WebSocket;
  readonly #options: PipeSenderOptions;
  #transport: types.PipeTransport | undefined;
  #viewers = 0;
  #statusAtMs = 0;
  /** Of the media; answers to a former way mean nothing. */
  #way = 0;

  /** Waits for the other host to say where it takes the media. @param place - the connection below `socket` */
  constructor(socket: WebSocket, place: Socket, options: PipeSenderOptions) {
    this.#socket = socket;
    this.#options = options;
    const { stream, media, logger, host } = options;
    const safe = <A extends readonly unknown[]>(listener: (...args: A) => void): ((...args: A) => void) =>
      safeListener(logger, `a pipe to ${host}`, listener, () => socket.terminate());
    const onStatus = safe(() => this.#sendStatus());
    const onOverlay = safe((overlay: OverlayFrame) => this.#send({ type: 'overlay', overlay }));
    const onEvent = safe((event: StreamEvent) => this.#send({ type: 'event', event }));
    const onIngress = safe(() => this.#sendMedia());
    const close = (): void => this.close();
    stream.on('status', onStatus).on('overlay', onOverlay).on('event', onEvent).on('ingress', onIngress);
    stream.once('closed', close);
    media.on('down', close);
    const beat = setInterval(
      safe(() => {
        if (performance.now() - this.#statusAtMs > BEAT_MS) this.#sendStatus();
      }),
      BEAT_MS,
    );
    socket.on(
      'message',
      safe((data: RawData) => {
        const message = readPullerMessage((data as Buffer).toString('utf8'));
        if (message.type === 'viewers') this.#viewers = message.viewers;
        else this.#open(place, message.end);
      }),
    );
    socket.on('error', () => socket.terminate());
    socket.once('close', () => {
      stream.off('status', onStatus).off('overlay', onOverlay).off('event', onEvent).off('ingress', onIngress);
      stream.off('closed', close);
      media.off('down', close);
      clearInterval(beat);
      this.#transport?.close();
    });
  }

  /** Name of the host that pulls. */
  get host(): string {
    return this.#options.host;
  }

  /** The stream that is sent. */
  get stream(): ManagedStream {
    return this.#options.stream;
  }

  /** Viewers that the other host sends it to, as it said last. */
  get viewers(): number {
    return this.#viewers;
  }

  /** Ends both. Idempotent. */
  close(): void {
    this.#socket.close();
    this.#transport?.close();
  }

  #open(place: Socket, end: PipeEnd): void {
    const { logger, host, stream } = this.#options;
    if (this.#transport) throw new Error('it has said twice where it takes the media');
    const open = async (): Promise<void> => {
      const transport = await openPipeEnd(this.#options, place);
      if (this.#socket.readyState !== this.#socket.OPEN || this.#transport) {
        transport.close();
        return;
      }
      this.#transport = transport;
      await connectPipeEnd(this.#options, transport, end);
      this.#send({ type: 'opened', end: describePipeEnd(this.#options, transport) });
      this.#sendStatus();
      this.#sendMedia();
    };
    open().catch((error: unknown) => {
      logger.warn({ err: error, stream: stream.id, host }, 'a pipe to another host cannot be opened');
      this.close();
    });
  }

  /** Sends pictures and sound; where they come another way than before, those before have ended with their producers. */
  #sendMedia(): void {
    const transport = this.#transport;
    const { stream, logger, host } = this.#options;
    const ingress = ingressOf(stream);
    if (!transport || !ingress) return;
    const way = ++this.#way;
    const consume = async (kind: types.MediaKind): Promise<types.RtpParameters> =>
      (await transport.consume({ producerId: ingress.producerId(kind) })).rtpParameters;
    Promise.all([consume('video'), consume('audio')]).then(
      ([video, audio]) => {
        if (way === this.#way) this.#send({ type: 'media', video: { ...video }, audio: { ...audio } });
      },
      (error: unknown) => {
        if (way !== this.#way || transport.closed) return;
        logger.warn({ err: error, stream: stream.id, host }, 'the media of a pipe cannot be sent');
        this.close();
      },
    );
  }

  #sendStatus(): void {
    const { viewOf, stream } = this.#options;
    this.#statusAtMs = performance.now();
    this.#send({ type: 'status', view: viewOf(stream) });
  }

  #send(message: SenderMessage): void {
    const { bufferedAmount, readyState, OPEN } = this.#socket;
    if (readyState !== OPEN) return;
    if (bufferedAmount > STUCK_BYTES) this.#socket.terminate();
    else if (message.type !== 'overlay' || bufferedAmount < SLOW_BYTES) this.#socket.send(JSON.stringify(message));
  }
}
