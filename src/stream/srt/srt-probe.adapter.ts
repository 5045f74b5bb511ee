import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { conclusionRequest, inductionRequest, parseSrtAnswer, shutdownRequest } from './srt-handshake.js';

/** How a listener takes a call. */
export type SrtProbe =
  /** Nothing takes packets at that port. */
  | { readonly outcome: 'refused' }
  /** No answer. */
  | { readonly outcome: 'silent' }
  /** It takes calls without encryption. */
  | { readonly outcome: 'accepted' }
  /** As in `SrtAnswer`. */
  | { readonly outcome: 'rejected'; readonly reason: number };

const REPEAT_MS = 250;
const MAX_SOCKET_ID = 2 ** 30;

/**
 * Calls a listener without encryption, and hangs up: libsrt knows why a call failed, and GStreamer does not pass it on.
 *
 * @param host - an address
 * @param limitMs - without an answer for so long it is `silent`
 */
export async function probeSrt(
  host: string,
  port: number,
  streamId: string | undefined,
  limitMs: number,
): Promise<SrtProbe> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const socketId = randomInt(1, MAX_SOCKET_ID);
  let request = inductionRequest(socketId);
  let timers: readonly NodeJS.Timeout[] = [];
  try {
    return await new Promise<SrtProbe>((resolve) => {
      socket.on('error', () => resolve({ outcome: 'refused' }));
      socket.on('message', (packet) => {
        const answer = parseSrtAnswer(packet);
        if (answer?.type === 'induction') {
          request = conclusionRequest(socketId, answer.cookie, streamId);
          socket.send(request);
        } else if (answer?.type === 'accepted') {
          socket.send(shutdownRequest(answer.socketId), () => resolve({ outcome: 'accepted' }));
        } else if (answer) {
          resolve({ outcome: 'rejected', reason: answer.reason });
        }
      });
      socket.connect(port, host, () => {
        socket.send(request);
        timers = [
          setInterval(() => socket.send(request), REPEAT_MS),
          setTimeout(() => resolve({ outcome: 'silent' }), limitMs),
        ];
      });
    });
  } finally {
    timers.forEach((timer) => clearTimeout(timer));
    socket.close();
  }
}
