import { ServerResponse, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket, WebSocketServer } from 'ws';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { RouteAccess } from '../access/role-hook.adapter.js';
import { RefusedRequest } from '../api/refused-request.js';
import { safeListener } from '../guard/safe-listener.js';

/** A path where a WebSocket can be opened. */
export interface SocketRoute {
  /** As in fastify. */
  readonly path: string;
  /** Who may. */
  readonly access: RouteAccess;
  /** Takes the WebSockets. */
  readonly sockets: WebSocketServer;
  /** Refuses one more. @throws {@link DiptychError} */
  readonly admit: (request: FastifyRequest) => void;
  /** One was opened. @param place - the connection below it */
  readonly open: (socket: WebSocket, request: FastifyRequest, place: Socket) => void;
}

/**
 * WebSocket requests of an HTTP server. They go through its hooks as every request does, so that they are let in or
 * refused as every request is.
 */
export class SocketRoutes {
  readonly #server: FastifyInstance;
  readonly #upgrades = new WeakMap<IncomingMessage, { readonly socket: Socket; readonly head: Buffer }>();

  constructor(server: FastifyInstance, logger: Logger) {
    this.#server = server;
    server.server.on(
      'upgrade',
      safeListener(
        logger,
        'a WebSocket request',
        (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head),
        (_request, socket) => socket.destroy(),
      ),
    );
  }

  /** Takes them at one more path. */
  add({ path, access, sockets, admit, open }: SocketRoute): void {
    this.#server.get(path, { config: { access } }, (request, reply) => {
      const upgrade = this.#upgrades.get(request.raw);
      if (!upgrade) {
        throw new RefusedRequest('here is a WebSocket; ask for it with Upgrade: websocket', {
          status: 426,
          headers: { upgrade: 'websocket' },
        });
      }
      admit(request);
      reply.hijack();
      reply.raw.detachSocket(upgrade.socket);
      sockets.handleUpgrade(request.raw, upgrade.socket, upgrade.head, (webSocket) => {
        open(webSocket, request, upgrade.socket);
      });
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    // What follows the request is no body any more: only what needs none can be answered.
    if (request.method !== 'GET' || !(socket instanceof Socket)) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.#upgrades.set(request, { socket, head });
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on('finish', () => socket.end());
    this.#server.routing(request, response);
  }
}
