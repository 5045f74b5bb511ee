import type {
  Answers,
  ProtocolError,
  Push,
  RequestOf,
  RequestType,
  ServerMessage,
} from '../shared/signaling/protocol.js';
import { Backoff } from '../shared/retry/backoff.js';
import { CLOSE_CODES, PROTOCOL_VERSION } from '../shared/signaling/protocol-constants.js';

/** Events of a client. */
export interface SignalingHandlers {
  /** Connected and greeted; whatever was set up before is gone. */
  onOpen(): void;
  /** A message that answers no request. */
  onPush(message: Push): void;
  /** The connection is gone; it is tried again in so many milliseconds. */
  onLost(retryMs: number): void;
  /** The gateway uses another version of the protocol; the page has to be loaded again. */
  onRefused(): void;
}

/** Where a connection is made to. */
export interface SignalingAddress {
  /** Of the WebSocket. */
  readonly url: string;
  /** Subprotocols, one of which may be a token. */
  readonly protocols: readonly string[];
}

type Fields<T extends RequestType> = Omit<RequestOf<T>, 'type' | 'id'>;

/** A request that was answered with an error, or whose connection was lost. */
export class RequestError extends Error {
  /** The stable code that the gateway gave. */
  readonly code: ProtocolError['code'];
  /** The host that runs the stream, where another one does. */
  readonly moved: ProtocolError['moved'];

  constructor({ code, message, moved }: ProtocolError) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
    this.moved = moved;
  }
}

interface Pending {
  readonly timer: number;
  readonly resolve: (data: unknown) => void;
  readonly reject: (error: RequestError) => void;
}

/** A gateway that was only restarted is back in a moment, so the first delays are short. */
const RECONNECTING = { baseMs: 250, floorMs: 125, capMs: 8_000, healthyAfterS: 1 } as const;
/** The picture of the host before is seen until that of the next one is there, ms. */
const FORMER_MS = 4_000;
/** The gateway asks all to connect again at once; so many ms, so that not all do in the same moment. */
const RESTART_SPREAD_MS = 100;
/** A request that was not answered by then tells of a connection that carries nothing, ms. */
const ANSWER_TIMEOUT_MS = 6_000;
/** A connection that has not been made by then is given up, milliseconds. */
const OPEN_TIMEOUT_MS = 5_000;

/** The WebSocket to the gateway: requests with answers, pushes, and connecting again by itself. */
export class SignalingClient {
  readonly #address: () => SignalingAddress;
  readonly #handlers: SignalingHandlers;
  readonly #pending = new Map<number, Pending>();
  #socket: WebSocket | undefined;
  #lastId = 0;
  readonly #backoff = new Backoff(RECONNECTING);
  /** When the gateway answered the first request of the connection, time of the page in ms; absent before. */
  #greetedAtMs: number | undefined;
  #retryTimer: number | undefined;

  /** Connects at once. @param address - asked for with each connection */
  constructor(address: () => SignalingAddress, handlers: SignalingHandlers) {
    this.#address = address;
    this.#handlers = handlers;
    // When the network or the tab is back, there is no reason to wait.
    addEventListener('online', () => {
      this.#retryNow();
    });
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#retryNow();
    });
    this.#connect();
  }

  /**
   * Sends a request and resolves with its answer. Rejects when the gateway refuses it, or when the connection
   * ends before; it is ended where no answer comes.
   */
  request<T extends RequestType>(type: T, fields: Fields<T>): Promise<Answers[T]> {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.reject(connectionLost());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.close();
        this.#lose(socket);
      }, ANSWER_TIMEOUT_MS);
      this.#pending.set(id, { timer, resolve: resolve as Pending['resolve'], reject });
      socket.send(JSON.stringify({ type, id, ...fields }));
    });
  }

  /** The connection carries nothing any more, as somebody else has found out. */
  drop(): void {
    const socket = this.#socket;
    socket?.close();
    if (socket) this.#lose(socket);
  }

  /** Connects to where the address is now. The former connection, and the media that came by it, goes on for a moment. */
  move(): void {
    const former = this.#socket;
    clearTimeout(this.#retryTimer);
    this.#abandonRequests();
    this.#greetedAtMs = undefined;
    this.#connect();
    if (former) setTimeout(() => former.close(), FORMER_MS);
  }

  #connect(): void {
    this.#retryTimer = undefined;
    const { url, protocols } = this.#address();
    const socket = new WebSocket(url, [...protocols]);
    this.#socket = socket;
    const timer = setTimeout(() => {
      socket.close();
      this.#lose(socket);
    }, OPEN_TIMEOUT_MS);
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      this.request('hello', { version: PROTOCOL_VERSION }).then(
        () => {
          this.#greetedAtMs = performance.now();
        },
        () => undefined,
      );
      // The gateway answers in order, so nothing needs to wait for its greeting.
      this.#handlers.onOpen();
    });
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#onMessage(JSON.parse(String(data)) as ServerMessage);
    });
    socket.addEventListener('close', ({ code }) => {
      clearTimeout(timer);
      if (code === CLOSE_CODES.version) {
        this.#socket = undefined;
        this.#handlers.onRefused();
        return;
      }
      this.#lose(socket, code === CLOSE_CODES.restart ? Math.random() * RESTART_SPREAD_MS : undefined);
    });
  }

  #onMessage(message: ServerMessage): void {
    if (message.type !== 'response') {
      this.#handlers.onPush(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    clearTimeout(pending?.timer);
    if (message.ok) pending?.resolve(message.data);
    else pending?.reject(new RequestError(message.error));
  }

  /** The connection is gone. @param soonMs - when to connect again; as the back-off says where absent */
  #lose(socket: WebSocket, soonMs?: number): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#abandonRequests();
    const workedMs = this.#greetedAtMs === undefined ? 0 : performance.now() - this.#greetedAtMs;
    this.#greetedAtMs = undefined;
    const retryMs = soonMs ?? this.#backoff.nextDelayMs(workedMs);
    this.#retryTimer = setTimeout(() => {
      this.#connect();
    }, retryMs);
    this.#handlers.onLost(retryMs);
  }

  #abandonRequests(): void {
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(connectionLost());
    }
    this.#pending.clear();
  }

  #retryNow(): void {
    if (this.#retryTimer === undefined) return;
    clearTimeout(this.#retryTimer);
    this.#connect();
  }
}

const connectionLost = (): RequestError =>
  new RequestError({ code: 'DIPTYCH_E_NOT_READY', message: 'the connection to the gateway was lost' });
