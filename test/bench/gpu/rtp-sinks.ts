import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { RtpDestination } from '#src/shared/ipc/messages.js';

/** Ports of this process that take what a stream sends, and look at nothing of it. */
export interface RtpSinks {
  readonly video: RtpDestination;
  readonly audio: RtpDestination;
  close(): void;
}

export async function openRtpSinks(): Promise<RtpSinks> {
  const sockets = [await listen(), await listen()] as const;
  const [video, audio] = sockets;
  return {
    video: destinationOf(video, 0),
    audio: destinationOf(audio, 1),
    close: () => {
      for (const socket of sockets) socket.close();
    },
  };
}

async function listen(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', () => undefined);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

function destinationOf(socket: Socket, index: number): RtpDestination {
  const { port } = socket.address();
  return {
    host: '127.0.0.1',
    rtpPort: port,
    rtcpPort: port,
    ssrc: 1000 + index,
    payloadType: 100 + index,
    firstSequence: 0,
  };
}
