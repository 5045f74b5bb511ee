import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { seededRandom } from '../shared/random.js';

/** Another loopback address, on which media ports are free. */
const ADDRESS = '127.0.0.2';

/**
 * One UDP port of 127.0.0.1 on another loopback address, to and fro. A share of the packets is lost, chosen by a fixed
 * series of random numbers, so that a run can be repeated.
 */
export class LossyRelay {
  /** What to announce in the place of 127.0.0.1. */
  static readonly ADDRESS = ADDRESS;

  /** Share of the packets to the port that are lost from now on, in [0, 1]. */
  lossRatio = 0;
  /** The same of what comes back from it. */
  answerLossRatio = 0;
  /** Those whose packets may be lost, as {@link clients} names them. @defaultValue all */
  lossyClients: ReadonlySet<string> | undefined;
  /** Packets that were lost, to and fro. */
  lost = 0;
  /** Whether nothing gets through, to and fro. */
  isBlocked = false;
  /** Packets that were not passed on because the way was blocked. */
  blocked = 0;

  readonly #port: number;
  readonly #random: () => number;
  readonly #sockets: Socket[] = [];
  readonly #clients = new Map<string, Promise<Socket>>();

  private constructor(port: number, seed: number) {
    this.#port = port;
    this.#random = seededRandom(seed);
  }

  /** Passes on what comes to this port. */
  static async open(port: number, seed = 1): Promise<LossyRelay> {
    const relay = new LossyRelay(port, seed);
    const near = await relay.#bind(ADDRESS, port);
    near.on('message', (packet, { address, port: from }) => {
      if (!relay.#isLost(relay.lossRatio, `${address}:${from}`))
        void relay.#send(near, packet, { address, port: from });
    });
    return relay;
  }

  /** From where packets came so far: `ADDRESS:PORT` each. */
  get clients(): readonly string[] {
    return [...this.#clients.keys()];
  }

  /** Ends it. Idempotent. */
  close(): void {
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  async #send(
    near: Socket,
    packet: Buffer,
    client: { readonly address: string; readonly port: number },
  ): Promise<void> {
    const key = `${client.address}:${client.port}`;
    let far = this.#clients.get(key);
    if (!far) {
      far = this.#bind('127.0.0.1', 0);
      this.#clients.set(key, far);
      (await far).on('message', (answer) => {
        if (this.#isLost(this.answerLossRatio, key)) return;
        this.#pass(() => near.send(answer, client.port, client.address));
      });
    }
    const socket = await far;
    this.#pass(() => socket.send(packet, this.#port, '127.0.0.1'));
  }

  #isLost(ratio: number, client: string): boolean {
    if (this.lossyClients?.has(client) === false || this.#random() >= ratio) return false;
    this.lost++;
    return true;
  }

  #pass(send: () => void): void {
    if (this.isBlocked) this.blocked++;
    else if (this.#sockets.length > 0) send();
  }

  async #bind(address: string, port: number): Promise<Socket> {
    const socket = createSocket('udp4');
    this.#sockets.push(socket);
    socket.on('error', () => undefined);
    socket.bind(port, address);
    await once(socket, 'listening');
    return socket;
  }
}
