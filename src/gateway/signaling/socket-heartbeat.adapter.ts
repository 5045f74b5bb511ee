import type { WebSocket } from 'ws';
import type { Logger } from '../../shared/telemetry/logger.js';
import { safeListener } from '../guard/safe-listener.js';

/** Pings WebSockets, and cuts off those that have not answered the ping before. */
export class SocketHeartbeat {
  readonly #sockets = new Map<WebSocket, { answers: boolean }>();
  readonly #timer: NodeJS.Timeout;

  /** Pings from now on. @param intervalS - from ping to ping, s */
  constructor(intervalS: number, logger: Logger) {
    const check = safeListener(logger, 'the heartbeat of the WebSockets', () => this.#check());
    this.#timer = setInterval(check, intervalS * 1000);
  }

  /** Pings this one, too, until it is closed. */
  add(socket: WebSocket): void {
    const state = { answers: true };
    this.#sockets.set(socket, state);
    socket.on('pong', () => (state.answers = true));
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Pings no more. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    for (const [socket, state] of this.#sockets) {
      if (state.answers) socket.ping();
      else socket.terminate();
      state.answers = false;
    }
  }
}
