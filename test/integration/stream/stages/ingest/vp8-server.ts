import { createServer, type Socket } from 'node:net';

/** An RTSP server with one VP8 stream over TCP, just real enough that a client plays it. */
export async function startVp8Server(): Promise<{ readonly url: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    let sending: NodeJS.Timeout | undefined;
    socket.on('close', () => clearInterval(sending));
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end);
        text = text.slice(end + 4);
        const method = request.split(' ', 1)[0] ?? '';
        const sequence = /CSeq: *(\d+)/i.exec(request)?.[1] ?? '0';
        socket.write(`RTSP/1.0 200 OK\r\nCSeq: ${sequence}\r\n${answer(method)}`);
        if (method === 'PLAY') sending = setInterval(sendPackets(socket), 33);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `rtsp://127.0.0.1:${port ?? 0}/vp8`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function answer(method: string): string {
  switch (method) {
    case 'OPTIONS':
      return 'Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n';
    case 'DESCRIBE': {
      const sdp =
        'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=vp8\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:96 VP8/90000\r\na=control:track0\r\n';
      return `Content-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;
    }
    case 'SETUP':
      return 'Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n';
    default:
      return 'Session: 1\r\n\r\n';
  }
}

function sendPackets(socket: Socket): () => void {
  let sequence = 0;
  return () => {
    const packet = Buffer.alloc(4 + 12 + 20);
    packet.write('$', 0, 'latin1');
    packet.writeUInt16BE(packet.length - 4, 2);
    packet.writeUInt8(0x80, 4);
    packet.writeUInt8(0x80 | 96, 5);
    packet.writeUInt16BE(sequence & 0xffff, 6);
    packet.writeUInt32BE((sequence * 3000) >>> 0, 8);
    packet.writeUInt32BE(1, 12);
    packet.writeUInt8(0x10, 16);
    sequence += 1;
    socket.write(packet);
  };
}
