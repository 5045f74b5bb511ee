import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { OddAuth } from './odd-auth.js';
import type { OddCamera, OddStep } from './odd-camera.js';
import { OddSender } from './odd-sender.js';

/** Payload type of RTCP packets that ask for keyframes, RFC 4585. */
const PAYLOAD_FEEDBACK = 206;

/** A client of an {@link OddCamera}. */
export class OddSession {
  readonly #camera: OddCamera;
  readonly #socket: Socket;
  readonly #auth: OddAuth;
  readonly #sender: OddSender;
  readonly #udp: UdpSocket[] = [];
  readonly #id = Math.random().toString(16).slice(2);
  #rest = Buffer.alloc(0);
  #timeOut: NodeJS.Timeout | undefined;

  constructor(camera: OddCamera, socket: Socket) {
    this.#camera = camera;
    this.#socket = socket;
    this.#auth = new OddAuth(camera.options);
    this.#sender = new OddSender(camera);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  close(): void {
    this.#camera.sessions.delete(this.#id);
    clearTimeout(this.#timeOut);
    this.#sender.close();
    for (const socket of this.#udp.splice(0)) socket.close();
  }

  /** Counts what asks for a keyframe. @param compound - packets behind each other, each with its length */
  #onRtcp(compound: Buffer): void {
    this.#camera.rtcpReceived += 1;
    for (let at = 0; at + 4 <= compound.length; at += 4 * (1 + compound.readUInt16BE(at + 2))) {
      if (compound[at + 1] === PAYLOAD_FEEDBACK) this.#camera.keyframeRequests += 1;
    }
  }

  #read(chunk: Buffer): void {
    if (this.#camera.options.silentAt === 'CONNECT') return;
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      if (this.#rest[0] === 0x24) {
        const end = this.#rest.length < 4 ? Infinity : 4 + this.#rest.readUInt16BE(2);
        if (this.#rest.length < end) return;
        this.#onRtcp(this.#rest.subarray(4, end));
        this.#rest = this.#rest.subarray(end);
        continue;
      }
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [line = '', ...lines] = this.#rest.toString('utf8', 0, end).split('\r\n');
      this.#rest = this.#rest.subarray(end + 4);
      const headers = new Map(
        lines.map((header) => {
          const colon = header.indexOf(':');
          return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()];
        }),
      );
      void this.#answer(line, headers);
    }
  }

  async #answer(line: string, headers: ReadonlyMap<string, string>): Promise<void> {
    const { options, requests } = this.#camera;
    const [method = '', uri = ''] = line.split(' ');
    requests.push(line);
    this.#restartTimeOut();
    const reply = (status: string, more: readonly string[] = [], body = ''): void => {
      const end = options.lineEnd ?? '\r\n';
      const length = Buffer.byteLength(body) + (method === 'DESCRIBE' ? (options.contentLengthError ?? 0) : 0);
      const head = [
        `RTSP/1.0 ${status}`,
        ...(options.hasNoCSeq === true ? [] : [`CSeq: ${headers.get('cseq') ?? '0'}`]),
        ...more,
        ...(body === '' ? [] : [`Content-Length: ${length}`]),
      ];
      this.#socket.write(head.join(end) + end + end + body);
    };
    if (options.silentAt === method) return;
    const status = options.statusAt?.[method as OddStep];
    if (status !== undefined) return reply(status);
    if (method === 'OPTIONS') return reply('200 OK', [`Public: ${this.#methods()}`]);
    if (method === 'DESCRIBE' && options.redirect !== undefined) {
      return reply('302 Moved Temporarily', [`Location: ${options.redirect}`]);
    }
    if (!this.#auth.accepts(method, headers.get('authorization')))
      return reply('401 Unauthorized', this.#auth.challenges());
    await this.#serve(method, uri, headers, reply);
  }

  async #serve(
    method: string,
    uri: string,
    headers: ReadonlyMap<string, string>,
    reply: (status: string, more?: readonly string[], body?: string) => void,
  ): Promise<void> {
    const { options } = this.#camera;
    const timeout = options.sessionTimeoutS === undefined ? '' : `;timeout=${options.sessionTimeoutS}`;
    const session = `Session: ${this.#id}${timeout}`;
    switch (method) {
      case 'DESCRIBE':
        return reply('200 OK', ['Content-Type: application/sdp', `Content-Base: ${uri}/`], this.#description(uri));
      case 'SETUP': {
        const { sessions } = this.#camera;
        if (!sessions.has(this.#id) && sessions.size >= (options.maxSessions ?? Infinity)) {
          return reply('453 Not Enough Bandwidth');
        }
        sessions.add(this.#id);
        const transport = await this.#setUp(uri, headers.get('transport') ?? '');
        return transport === undefined ? reply('461 Unsupported Transport') : reply('200 OK', [transport, session]);
      }
      case 'PLAY':
        if (options.hasEarlyData === true) {
          this.#sender.start();
          await new Promise((resolve) => setTimeout(resolve, 300));
        }
        reply('200 OK', [session, 'Range: npt=now-']);
        return this.#sender.start();
      case 'GET_PARAMETER': {
        const isRefused = options.hasNoGetParameter === true || options.refusesGetParameter === true;
        return reply(isRefused ? '501 Not Implemented' : '200 OK', [session]);
      }
      case 'TEARDOWN':
        reply('200 OK');
        return this.close();
      default:
        return reply('501 Not Implemented');
    }
  }

  #methods(): string {
    const { hasNoGetParameter = false } = this.#camera.options;
    return `OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN${hasNoGetParameter ? '' : ', GET_PARAMETER'}`;
  }

  #description(uri: string): string {
    const { options, tracks } = this.#camera;
    const end = options.lineEnd ?? '\r\n';
    const before = { relative: '', absolute: `${uri}/`, foreign: 'rtsp://192.168.254.77:554/inner/' }[
      options.control ?? 'relative'
    ];
    const sections = tracks.flatMap(({ media, payloadType, lines }, index) => [
      `m=${media} 0 RTP/AVP ${payloadType}`,
      'c=IN IP4 0.0.0.0',
      ...lines,
      `a=control:${before}track${index}`,
    ]);
    return ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=odd', 't=0 0', 'a=control:*', ...sections, ''].join(end);
  }

  async #setUp(uri: string, asked: string): Promise<string | undefined> {
    const { options, transports } = this.#camera;
    const { transport = 'any', channelOffset = 0 } = options;
    const track = Number(/track(\d+)$/.exec(uri)?.[1] ?? 0);
    transports.push(asked);
    const isTcp = asked.includes('/TCP');
    if ((isTcp && transport === 'udp') || (!isTcp && transport === 'tcp')) return undefined;
    if (isTcp) {
      const channel = Number(/interleaved=(\d+)/.exec(asked)?.[1] ?? 0) + channelOffset;
      this.#sender.add(track, (packet, isRtcp) => this.#sendFrame(channel + (isRtcp ? 1 : 0), packet));
      return `Transport: RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`;
    }
    const port = Number(/client_port=(\d+)/.exec(asked)?.[1] ?? 0);
    const [rtp, rtcp] = await Promise.all([this.#openUdp(false), this.#openUdp(true)]);
    const address = (this.#socket.remoteAddress ?? '').replace('::ffff:', '');
    this.#sender.add(track, (packet, isRtcp) => {
      if (Math.random() < (options.lossRatio ?? 0)) return;
      if (isRtcp) rtcp.send(packet, port + 1, address);
      else rtp.send(packet, port, address);
    });
    return `Transport: RTP/AVP;unicast;client_port=${port}-${port + 1};server_port=${rtp.address().port}-${rtcp.address().port}`;
  }

  #sendFrame(channel: number, packet: Buffer): void {
    const { junk } = this.#camera.options;
    const head = Buffer.from([0x24, channel, packet.length >> 8, packet.length & 0xff]);
    this.#socket.write(Buffer.concat([...(junk ? [junk] : []), head, packet]));
  }

  async #openUdp(isRtcp: boolean): Promise<UdpSocket> {
    const socket = createSocket('udp4');
    this.#udp.push(socket);
    socket.on('error', () => undefined);
    socket.on('message', (packet) => {
      if (isRtcp) this.#onRtcp(packet);
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return socket;
  }

  #restartTimeOut(): void {
    const { sessionTimeoutS } = this.#camera.options;
    if (sessionTimeoutS === undefined) return;
    clearTimeout(this.#timeOut);
    this.#timeOut = setTimeout(() => {
      this.#camera.timeOuts += 1;
      this.#socket.destroy();
    }, sessionTimeoutS * 1000);
  }
}
