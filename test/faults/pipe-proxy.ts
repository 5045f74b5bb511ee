import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { seededRandom } from '#src/shared/random.js';

/** One end of the media of a pipe, as hosts tell each other. */
interface End {
  readonly ip: string;
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';

async function openUdp(): Promise<UdpSocket> {
  const socket = createSocket('udp4').bind(0, LOOPBACK);
  await once(socket, 'listening');
  return socket;
}

/** Stands between a gateway and everybody else, so that packets of its pipes can be lost. */
export class PipeProxy {
  /** To be the `cluster.url` of the gateway. */
  readonly url: string;
  /** Share of the packets to the host that pulls that are lost from now on, in [0, 1]. */
  lossRatio = 0;
  /** Packets to the host that pulls that were lost. */
  lost = 0;
  readonly #port: number;
  readonly #taken = new WebSocketServer({ noServer: true });
  readonly #sockets: UdpSocket[] = [];
  readonly #closers: (() => void)[] = [];
  readonly #random = seededRandom(1);

  private constructor(port: number, url: string) {
    this.#port = port;
    this.url = url;
  }

  /** Opens one for the gateway on a port of this machine. */
  static async open(port: number): Promise<PipeProxy> {
    const server = createServer().listen(0, LOOPBACK);
    await once(server, 'listening');
    const proxy = new PipeProxy(port, `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      const { method, url: path, headers } = request;
      const asked = httpRequest({
        ...{ host: LOOPBACK, port, path, headers },
        ...(method !== undefined && { method }),
      });
      asked.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      asked.on('error', () => response.destroy());
      request.pipe(asked);
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (request.url?.includes('/cluster/pipes/') === true) proxy.#stepBetween(request, socket, head);
      else proxy.#pass(request, socket, head);
    });
    proxy.#closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return proxy;
  }

  /** Ends it. */
  close(): void {
    for (const close of this.#closers) close();
    for (const socket of this.#sockets) socket.close();
    this.#taken.close();
  }

  /** Any other WebSocket, as it is. */
  #pass({ method, url, rawHeaders }: IncomingMessage, socket: Duplex, head: Buffer): void {
    const gateway = connect(this.#port, LOOPBACK);
    const lines = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1] ?? ''}`] : [],
    );
    gateway.write(`${method ?? 'GET'} ${url ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    gateway.write(head);
    gateway.pipe(socket).pipe(gateway);
    gateway.on('error', () => socket.destroy());
    socket.on('error', () => gateway.destroy());
  }

  /** The WebSocket of a pipe: each host is told a port of the proxy in the place of the other one's. */
  #stepBetween(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { authorization = '' } = request.headers;
    const gateway = new WebSocket(`ws://${LOOPBACK}:${this.#port}${request.url ?? ''}`, { headers: { authorization } });
    this.#taken.handleUpgrade(request, socket, head, (puller) => {
      const ports = Promise.all([openUdp(), openUdp()]);
      const opened = once(gateway, 'open');
      let ofGateway: End | undefined;
      let ofPuller: End | undefined;
      const relay = ports.then(([toGateway, toPuller]) => {
        this.#sockets.push(toGateway, toPuller);
        // What the puller sends comes to `toPuller`, and leaves by `toGateway`, and the other way round.
        toPuller.on('message', (packet) => ofGateway && toGateway.send(packet, ofGateway.port, ofGateway.ip));
        toGateway.on('message', (packet) => {
          if (this.#random() < this.lossRatio) this.lost++;
          else if (ofPuller) toPuller.send(packet, ofPuller.port, ofPuller.ip);
        });
        return { forGateway: toGateway.address().port, forPuller: toPuller.address().port };
      });
      const replaced = (text: string, port: number): string =>
        JSON.stringify({ ...(JSON.parse(text) as object), end: { ...endOf(text), ip: LOOPBACK, port } });
      let turn: Promise<unknown> = opened;
      const inTurn = (work: () => Promise<void>): void => void (turn = turn.then(work).catch(() => puller.terminate()));
      puller.on('message', (data) =>
        inTurn(async () => {
          const text = textOf(data);
          ofPuller = endOf(text) ?? ofPuller;
          gateway.send(endOf(text) ? replaced(text, (await relay).forGateway) : text);
        }),
      );
      gateway.on('message', (data) =>
        inTurn(async () => {
          const text = textOf(data);
          ofGateway = endOf(text) ?? ofGateway;
          puller.send(endOf(text) ? replaced(text, (await relay).forPuller) : text);
        }),
      );
      puller.on('close', () => gateway.terminate());
      gateway.on('close', () => puller.terminate());
      gateway.on('error', () => puller.terminate());
    });
  }
}

const textOf = (data: RawData): string => (data as Buffer).toString('utf8');
const endOf = (text: string): End | undefined => (JSON.parse(text) as { readonly end?: End }).end;
