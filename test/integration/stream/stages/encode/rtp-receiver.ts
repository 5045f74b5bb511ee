import { createSocket, type Socket } from 'node:dgram';
import type { RtpDestination } from '#src/shared/ipc/messages.js';

export interface RtpPacket {
  readonly timestamp: number;
  readonly sequence: number;
  readonly ssrc: number;
  readonly payloadType: number;
  readonly marker: boolean;
  readonly payload: Buffer;
}

export interface SenderReport {
  readonly ssrc: number;
  /** NTP time, seconds. */
  readonly ntpS: number;
  readonly rtpTimestamp: number;
}

const SENDER_REPORT = 200;

/** Takes RTP and RTCP of one medium, as a media server does. */
export class RtpReceiver {
  readonly packets: RtpPacket[] = [];
  readonly reports: SenderReport[] = [];
  readonly destination: RtpDestination;
  readonly #sockets: readonly Socket[];

  private constructor(rtp: Socket, rtcp: Socket, ssrc: number, payloadType: number) {
    this.#sockets = [rtp, rtcp];
    this.destination = {
      host: '127.0.0.1',
      rtpPort: rtp.address().port,
      rtcpPort: rtcp.address().port,
      ssrc,
      payloadType,
      firstSequence: 60_000,
    };
    rtp.on('message', (data) => this.packets.push(readPacket(data)));
    rtcp.on('message', (data) => {
      if (data[1] === SENDER_REPORT) this.reports.push(readReport(data));
    });
  }

  static async open(ssrc: number, payloadType: number): Promise<RtpReceiver> {
    return new RtpReceiver(await bind(), await bind(), ssrc, payloadType);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

async function bind(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

function readPacket(data: Buffer): RtpPacket {
  return {
    marker: ((data[1] ?? 0) & 0x80) !== 0,
    payloadType: (data[1] ?? 0) & 0x7f,
    sequence: data.readUInt16BE(2),
    timestamp: data.readUInt32BE(4),
    ssrc: data.readUInt32BE(8),
    payload: data.subarray(12 + 4 * ((data[0] ?? 0) & 0x0f)),
  };
}

function readReport(data: Buffer): SenderReport {
  return {
    ssrc: data.readUInt32BE(4),
    ntpS: data.readUInt32BE(8) + data.readUInt32BE(12) / 2 ** 32,
    rtpTimestamp: data.readUInt32BE(16),
  };
}
