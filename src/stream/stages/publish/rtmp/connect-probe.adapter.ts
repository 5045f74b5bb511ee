import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { networkGuard } from '../../../network/network-guard.adapter.js';
import { decodeAmf, encodeAmf } from './amf0.js';
import { ChunkReader, MESSAGE_TYPE, writeMessage } from './chunks.js';
import { readConnectAnswer, type ConnectAnswer } from './connect-answer.js';
import { connectUrl, type RtmpLocation } from '../../../../shared/rtmp/location.js';

/** How far a connection came before it failed. */
export type ConnectStage = 'network' | 'tls' | 'handshake' | 'connect';

/** What came of asking a server for its application. */
export type ProbeResult =
  | ConnectAnswer
  /** `reason`: a code of Node's, such as `ENOTFOUND`, or `closed`, `timeout`, `not-rtmp`. */
  | { readonly outcome: 'failed'; readonly stage: ConnectStage; readonly reason: string };

const HANDSHAKE_BYTES = 1536;
const RTMP_VERSION = 3;

/**
 * Connects as a publisher does and asks for the application, to learn why a server refuses; publishes
 * nothing, and never sends the stream key. Never rejects.
 *
 * @param timeoutMs - for all of it
 */
export async function probeConnect(location: RtmpLocation, timeoutMs: number): Promise<ProbeResult> {
  const probe = new Probe(location);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ProbeResult>((resolve) => {
    timer = setTimeout(() => resolve(probe.failedWith('timeout')), timeoutMs);
  });
  try {
    return await Promise.race([probe.run(), late]);
  } finally {
    clearTimeout(timer);
    probe.close();
  }
}

class Probe {
  readonly #location: RtmpLocation;
  readonly #socket: Socket;
  #stage: ConnectStage = 'network';

  constructor(location: RtmpLocation) {
    this.#location = location;
    const { scheme, host, port } = location;
    const tcp = connectTcp({ host, port, ...networkGuard('targets').connection(host, scheme) });
    // An error after the end of the probe is of no interest, and must not be an exception.
    tcp.on('error', () => undefined);
    tcp.once('connect', () => {
      this.#stage = scheme === 'rtmps' ? 'tls' : 'handshake';
    });
    this.#socket = scheme === 'rtmps' ? connectTls({ socket: tcp, host, servername: isName(host) ? host : '' }) : tcp;
    this.#socket.on('error', () => undefined);
  }

  failedWith(reason: string): ProbeResult {
    return { outcome: 'failed', stage: this.#stage, reason };
  }

  close(): void {
    this.#socket.destroy();
  }

  async run(): Promise<ProbeResult> {
    try {
      await once(this.#socket, this.#location.scheme === 'rtmps' ? 'secureConnect' : 'connect');
      this.#stage = 'handshake';
      return await this.#ask();
    } catch (error) {
      return this.failedWith(codeOf(error));
    }
  }

  async #ask(): Promise<ProbeResult> {
    const socket = this.#socket;
    const greeting = Buffer.concat([Buffer.from([RTMP_VERSION]), Buffer.alloc(8), randomBytes(HANDSHAKE_BYTES - 8)]);
    socket.write(greeting);
    let handshake = Buffer.alloc(0);
    const reader = new ChunkReader();
    for await (const bytes of socket as AsyncIterable<Buffer>) {
      let rest = bytes;
      if (this.#stage === 'handshake') {
        handshake = Buffer.concat([handshake, bytes]);
        if (handshake[0] !== RTMP_VERSION) return this.failedWith('not-rtmp');
        if (handshake.length < 1 + 2 * HANDSHAKE_BYTES) continue;
        socket.write(handshake.subarray(1, 1 + HANDSHAKE_BYTES));
        socket.write(this.#connectCommand());
        this.#stage = 'connect';
        rest = handshake.subarray(1 + 2 * HANDSHAKE_BYTES);
      }
      for (const { type, payload } of reader.push(rest)) {
        const answer = type === MESSAGE_TYPE.command ? readConnectAnswer(decodeAmf(payload)) : undefined;
        if (answer) return answer;
      }
    }
    return this.failedWith('closed');
  }

  #connectCommand(): Buffer {
    const command = {
      app: this.#location.application,
      type: 'nonprivate',
      flashVer: 'FMLE/3.0 (compatible; Diptych)',
      tcUrl: connectUrl(this.#location),
    };
    const payload = encodeAmf(['connect', 1, command]);
    return writeMessage({ type: MESSAGE_TYPE.command, streamId: 0, timestampMs: 0, payload });
  }
}

/** TLS names no addresses as the server's name. */
const isName = (host: string): boolean => !host.includes(':') && !/^[\d.]+$/.test(host);

function codeOf(error: unknown): string {
  if (error instanceof RangeError) return 'not-rtmp';
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
