import type { types } from 'mediasoup';
import type { RawData, WebSocket } from 'ws';
import { DiptychError } from '../../shared/domain/errors.js';
import { safeListener } from '../guard/safe-listener.js';
import { explainMediaError } from './media-error.js';
import { closeUnlessGreeted } from './greeting-limit.adapter.js';
import { MovedError } from './moved-error.js';
import { parseRequest } from './parse-request.js';
import type { SessionContext } from './session-context.js';
import type { ShownStream } from './shown-stream.js';
import {
  CLOSE_CODES,
  PROTOCOL_VERSION,
  type Answers,
  type Push,
  type Request,
  type RequestOf,
  type RequestType,
  type ServerMessage,
} from '../../shared/signaling/protocol.js';

type Handlers = { readonly [T in RequestType]: (request: RequestOf<T>) => Promise<Answers[T]> | Answers[T] };

/** Overlays are not sent to a client that has this much waiting to be sent. */
const SLOW_CLIENT_BYTES = 64 * 1024;
/** A client with this much waiting to be sent is cut off, to bound the memory it takes. */
const STUCK_CLIENT_BYTES = 1024 * 1024;
const MAX_BAD_MESSAGES = 20;
const MAX_PENDING_REQUESTS = 32;

/** One open WebSocket: its subscription, its transport, its consumers. */
export class ViewerSession {
  readonly #socket: WebSocket;
  readonly #context: SessionContext;
  readonly #consumers = new Map<string, types.Consumer>();
  #hasGreeted = false;
  #badMessages = 0;
  #pendingRequests = 0;
  #stream: ShownStream | undefined;
  #isSentOn = false;
  #transport: types.WebRtcTransport | undefined;
  /** Whether the client has connected its transport, which can be done once. */
  #isConnected = false;
  /** Answers leave in the order of the requests. */
  #queue: Promise<void> = Promise.resolve();

  readonly #handlers: Handlers = {
    hello: ({ version }) => this.#hello(version),
    subscribe: ({ streamId }) => this.#subscribe(streamId),
    unsubscribe: () => {
      this.#closeTransport();
      this.#stream = undefined;
      return {};
    },
    'router-capabilities': () => ({ rtpCapabilities: this.#context.routerCapabilities() }),
    'create-transport': () => this.#createTransport(),
    'connect-transport': async ({ dtlsParameters }) => {
      const { role, fingerprints } = dtlsParameters;
      const transport = this.#needTransport();
      if (this.#isConnected) {
        throw new DiptychError('DIPTYCH_E_CONFLICT', 'expected "create-transport" before another connect');
      }
      await transport.connect({ dtlsParameters: { fingerprints, ...(role && { role }) } });
      this.#isConnected = true;
      return {};
    },
    consume: (request) => this.#consume(request),
    resume: ({ consumerId }) => this.#resume(this.#needConsumer(consumerId)),
    pause: async ({ consumerId }) => {
      await this.#needConsumer(consumerId).pause();
      return {};
    },
    'close-consumer': ({ consumerId }) => {
      this.#needConsumer(consumerId).close();
      return {};
    },
    stats: () => this.#stats(),
  };

  constructor(socket: WebSocket, context: SessionContext) {
    this.#socket = socket;
    this.#context = context;
    socket.on(
      'message',
      safeListener(
        context.logger,
        'a message of a viewer',
        (data: RawData, isBinary: boolean) => this.#onMessage(isBinary ? undefined : (data as Buffer).toString('utf8')),
        () => socket.terminate(),
      ),
    );
    socket.on(
      'close',
      safeListener(context.logger, 'the end of a viewer', () => {
        this.#closeTransport();
        this.#stream = undefined;
      }),
    );
    socket.on('error', (error) => context.logger.debug({ err: error }, 'WebSocket failed'));
    closeUnlessGreeted(socket, context.greetingS, () => this.#hasGreeted);
  }

  /** The stream that the client is subscribed to. */
  get stream(): ShownStream | undefined {
    return this.#stream;
  }

  /** Whether the browser receives the stream, or is about to. */
  get isViewer(): boolean {
    return this.#stream !== undefined && this.#transport?.closed === false;
  }

  /** Whether its page stays: it has not been told to go to another host, and the connection does not end. */
  get isStaying(): boolean {
    return this.#stream !== undefined && !this.#isSentOn && this.#socket.readyState === this.#socket.OPEN;
  }

  /** Whether `hello` was answered; before, nothing is pushed. */
  get hasGreeted(): boolean {
    return this.#hasGreeted;
  }

  /** Sends text that was made once for many clients. @param isDroppable - left out for a slow client */
  sendText(text: string, isDroppable = false): void {
    const { bufferedAmount } = this.#socket;
    if (bufferedAmount > STUCK_CLIENT_BYTES) this.#socket.terminate();
    else if (!isDroppable || bufferedAmount < SLOW_CLIENT_BYTES) this.#socket.send(text);
  }

  /** Sends a message that answers no request; cuts the client off where too much waits to be sent. */
  push(message: Push): void {
    if (message.type === 'moved' && message.to) this.#isSentOn = true;
    this.#send(message);
  }

  /** Closes the WebSocket. @param code - one of {@link CLOSE_CODES} */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** The stream of this session was deleted. @param moved - what is told before, where another host is to run it */
  forgetStream(moved?: Extract<Push, { type: 'moved' }>): void {
    const streamId = this.#stream?.id;
    if (streamId === undefined) return;
    this.#stream = undefined;
    this.#closeConsumers();
    if (moved) this.push(moved);
    this.push({ type: 'gone', streamId });
  }

  #send(message: ServerMessage): void {
    this.sendText(JSON.stringify(message));
  }

  #onMessage(text: string | undefined): void {
    const parsed =
      text === undefined
        ? ({ ok: false, message: 'expected a text frame, got a binary one' } as const)
        : parseRequest(text);
    if (parsed.ok && this.#pendingRequests < MAX_PENDING_REQUESTS) {
      this.#pendingRequests++;
      this.#queue = this.#queue
        .then(() => this.#answer(parsed.request))
        .catch((error: unknown) => {
          this.#context.logger.error({ err: error }, 'an answer could not be sent');
        });
      return;
    }
    const message = parsed.ok ? 'too many requests at once; wait for the answers' : parsed.message;
    const id = parsed.ok ? parsed.request.id : parsed.id;
    const error = { code: 'DIPTYCH_E_BAD_INPUT', message } as const;
    this.#send(id === undefined ? { type: 'error', error } : { type: 'response', id, ok: false, error });
    this.#badMessages++;
    if (this.#badMessages > MAX_BAD_MESSAGES) this.close(CLOSE_CODES.policy, 'too many bad messages');
  }

  async #answer(request: Request): Promise<void> {
    const { id, type } = request;
    try {
      if (!this.#hasGreeted && type !== 'hello') throw badInput('expected "hello" as the first message');
      const handle = this.#handlers[type] as (request: Request) => Promise<Answers[RequestType]> | Answers[RequestType];
      this.#send({ type: 'response', id, ok: true, data: await handle(request) });
      if (type === 'subscribe') this.#context.audit(type, request.streamId, undefined);
    } catch (error) {
      if (this.#socket.readyState !== this.#socket.OPEN) return; // Its transport went with the viewer.
      const known = error instanceof DiptychError ? error : explainMediaError(error);
      if (!known) this.#context.logger.warn({ err: error, request: type }, 'request failed');
      const { code, message } = known ?? { code: 'DIPTYCH_E_INTERNAL', message: String(error) };
      const moved = known instanceof MovedError && { moved: known.moved };
      this.#send({ type: 'response', id, ok: false, error: { code, message, ...moved } });
      this.#context.audit(type, 'streamId' in request ? request.streamId : this.#stream?.id, code);
    } finally {
      this.#pendingRequests--;
    }
  }

  #hello(version: number): Answers['hello'] {
    if (version !== PROTOCOL_VERSION) {
      setImmediate(() => {
        this.close(CLOSE_CODES.version, `this gateway uses version ${PROTOCOL_VERSION}`);
      });
      throw badInput(`expected protocol version ${PROTOCOL_VERSION}, got ${version}; load the page again`);
    }
    this.#hasGreeted = true;
    return { version: PROTOCOL_VERSION, gateway: this.#context.gatewayVersion, streams: this.#context.streams() };
  }

  async #subscribe(streamId: string): Promise<Answers['subscribe']> {
    const stream = await this.#context.getStream(streamId, this.#stream);
    if (this.#socket.readyState !== this.#socket.OPEN) throw badInput('the connection has ended');
    if (this.#stream !== stream && this.#transport?.closed === false) this.#context.admitViewer(stream);
    if (this.#stream && this.#stream !== stream) this.#closeConsumers();
    this.#stream = stream;
    this.#isSentOn = false;
    const ingress = this.#context.ingressOf(stream);
    return { status: this.#context.view(stream), ...(ingress && { producers: ingress.producers }) };
  }

  async #createTransport(): Promise<Answers['create-transport']> {
    this.#closeTransport();
    this.#context.admitViewer(this.#stream);
    const { transport, iceCandidates, iceServers } = await this.#context.openTransport();
    if (this.#socket.readyState !== this.#socket.OPEN) transport.close();
    this.#transport = transport;
    this.#isConnected = false;
    const { id, iceParameters, dtlsParameters } = transport;
    return { id, iceParameters, iceCandidates, dtlsParameters, iceServers };
  }

  async #consume({ kind, rtpCapabilities }: RequestOf<'consume'>): Promise<Answers['consume']> {
    const transport = this.#needTransport();
    if (!this.#stream) throw badInput('expected "subscribe" before "consume"');
    const ingress = this.#context.ingressOf(this.#stream);
    if (!ingress) {
      throw new DiptychError('DIPTYCH_E_NOT_READY', `stream "${this.#stream.id}" has no media at the moment`);
    }
    const producerId = ingress.producerId(kind);
    const capabilities = rtpCapabilities as types.RtpCapabilities;
    if (!this.#context.canConsume(producerId, capabilities)) {
      const codec = kind === 'video' ? 'H.264' : 'Opus';
      throw badInput(`this browser does not play ${codec}; use a current Chrome, Edge, Firefox or Safari`);
    }
    // One that plays goes on until the next one does.
    for (const former of this.#consumers.values()) if (former.kind === kind && former.paused) former.close();
    const consumer = await transport.consume({ producerId, rtpCapabilities: capabilities, paused: true });
    this.#consumers.set(consumer.id, consumer);
    consumer.observer.once('close', () => this.#consumers.delete(consumer.id));
    return { id: consumer.id, producerId, kind, rtpParameters: consumer.rtpParameters };
  }

  /** It takes the place of those of its kind. */
  async #resume(consumer: types.Consumer): Promise<Answers['resume']> {
    await consumer.resume();
    const formers = [...this.#consumers.values()].filter(({ kind }) => kind === consumer.kind);
    for (const former of formers) if (former !== consumer) former.close();
    return {};
  }

  async #stats(): Promise<Answers['stats']> {
    return {
      transport: (await this.#transport?.getStats()) ?? [],
      consumers: (await Promise.all([...this.#consumers.values()].map((consumer) => consumer.getStats()))).flat(),
    };
  }

  #needTransport(): types.WebRtcTransport {
    if (!this.#transport || this.#transport.closed) throw badInput('expected "create-transport" first');
    return this.#transport;
  }

  #needConsumer(id: string): types.Consumer {
    const consumer = this.#consumers.get(id);
    if (!consumer) throw new DiptychError('DIPTYCH_E_NOT_FOUND', `there is no consumer "${id}"; consume again`);
    return consumer;
  }

  #closeConsumers(): void {
    for (const consumer of this.#consumers.values()) consumer.close();
  }

  #closeTransport(): void {
    this.#transport?.close();
    this.#transport = undefined;
  }
}

const badInput = (message: string): DiptychError => new DiptychError('DIPTYCH_E_BAD_INPUT', message);
