import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Passes TCP on to a port of this machine, until it is cut. */
export class TcpRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(targetPort: number): Promise<TcpRelay> {
    const relay: TcpRelay = new TcpRelay(
      createServer((near) => {
        const far = connect(targetPort, '127.0.0.1');
        for (const socket of [near, far]) {
          relay.#sockets.add(socket);
          socket.on('error', () => undefined);
          socket.once('close', () => {
            relay.#sockets.delete(socket);
            near.destroy();
            far.destroy();
          });
        }
        near.pipe(far).pipe(near);
      }),
    );
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection, on both sides. */
  cut(): number {
    const count = this.#sockets.size;
    for (const socket of this.#sockets) socket.destroy();
    return count;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
