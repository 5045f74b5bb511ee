import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/**
 * UDP ports of an address that nobody has now. Another program may take one before it is used, which
 * is so unlikely that starting anew is answer enough.
 *
 * @throws what the system says where there is none
 */
export async function freeUdpPorts(address: string, count: number): Promise<readonly number[]> {
  const sockets: Socket[] = [];
  try {
    // All are held until the last one is known, so that none is given twice.
    for (let taken = 0; taken < count; taken++) {
      const socket = createSocket('udp4');
      sockets.push(socket);
      socket.bind({ port: 0, address, exclusive: true });
      await once(socket, 'listening');
    }
    return sockets.map((socket) => socket.address().port);
  } finally {
    for (const socket of sockets) socket.close();
  }
}
