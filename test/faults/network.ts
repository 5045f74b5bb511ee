import { createSocket, type Socket as UdpSocket } from 'node:dgram';
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

/**
 * The UDP ports of a range on another loopback address, passed on to the same ports of 127.0.0.1 and
 * back, for as long as it is not blocked.
 */
export class UdpRelay {
  static readonly ADDRESS = '127.0.0.2';
  isBlocked = false;
  /** Packets that were not passed on. */
  dropped = 0;
  readonly #sockets: UdpSocket[] = [];

  static async open(minPort: number, maxPort: number): Promise<UdpRelay> {
    const relay = new UdpRelay();
    for (let port = minPort; port <= maxPort; port++) await relay.#listen(port);
    return relay;
  }

  close(): void {
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  async #listen(port: number): Promise<void> {
    const near = await this.#bind(UdpRelay.ADDRESS, port);
    const far = new Map<string, Promise<UdpSocket>>();
    near.on('message', (packet, { address, port: clientPort }) => {
      const key = `${address}:${clientPort}`;
      let socket = far.get(key);
      if (!socket) {
        socket = this.#bind('127.0.0.1', 0);
        void socket.then((opened) =>
          opened.on('message', (answer) => this.#pass(() => near.send(answer, clientPort, address))),
        );
        far.set(key, socket);
      }
      void socket.then((opened) => this.#pass(() => opened.send(packet, port, '127.0.0.1')));
    });
  }

  #pass(send: () => void): void {
    if (this.isBlocked) this.dropped++;
    else if (this.#sockets.length > 0) send();
  }

  async #bind(address: string, port: number): Promise<UdpSocket> {
    const socket = createSocket('udp4');
    this.#sockets.push(socket);
    socket.on('error', () => undefined);
    socket.bind(port, address);
    await once(socket, 'listening');
    return socket;
  }
}
