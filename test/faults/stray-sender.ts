import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { RtpDestination } from '#src/shared/ipc/messages.js';

const INTERVAL_MS = 5;
const NAL_IDR = 0x65;
const RTCP_SENDER_REPORT = 200;
const RTCP_BYE = 203;

/** Sends what could be media of a stream from a port that is not its own, until it is closed. */
export class StraySender {
  /** Packets so far. */
  sent = 0;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(): Promise<StraySender> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new StraySender(socket);
  }

  /** The same SSRC and payload type as the real media, at its ports for RTP and RTCP. */
  sendTo(destinations: readonly RtpDestination[]): void {
    clearInterval(this.#timer);
    const send = (): void => {
      for (const { host, rtpPort, rtcpPort, ssrc, payloadType } of destinations) {
        this.#socket.send(rtp(ssrc, payloadType, ++this.#sequence), rtpPort, host);
        this.#socket.send(rtcp(RTCP_SENDER_REPORT, ssrc), rtcpPort, host);
        this.#socket.send(rtcp(RTCP_BYE, ssrc), rtcpPort, host);
        this.sent += 3;
      }
    };
    send();
    this.#timer = setInterval(send, INTERVAL_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }
}

function rtp(ssrc: number, payloadType: number, sequence: number): Buffer {
  const packet = Buffer.alloc(12 + 600, 0x55);
  packet[0] = 0x80;
  packet[1] = 0x80 | payloadType;
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE((sequence * 3000) >>> 0, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet[12] = NAL_IDR;
  return packet;
}

/** A sender report, or a goodbye, of the SSRC. */
function rtcp(type: number, ssrc: number): Buffer {
  const packet = Buffer.alloc(type === RTCP_BYE ? 8 : 28);
  packet[0] = type === RTCP_BYE ? 0x81 : 0x80;
  packet[1] = type;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
  return packet;
}
