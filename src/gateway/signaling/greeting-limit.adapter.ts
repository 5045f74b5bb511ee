import type { WebSocket } from 'ws';
import { CLOSE_CODES } from '../../shared/signaling/protocol.js';

/** Closes a WebSocket whose client has not said who it is by then. @param limitS - s */
export function closeUnlessGreeted(socket: WebSocket, limitS: number, hasGreeted: () => boolean): void {
  const timer = setTimeout(() => {
    if (!hasGreeted()) socket.close(CLOSE_CODES.policy, `no "hello" within ${limitS} s`);
  }, limitS * 1000);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}
