import type { types } from 'mediasoup';

/** As `limits.connectS` has it, s. */
const CONNECT_S = 20;

/** Closes a transport whose browser has not connected by then, so that it takes nothing any more. @param limitS - s */
export function closeUnlessConnected(transport: types.WebRtcTransport, limitS = CONNECT_S): void {
  const timer = setTimeout(() => {
    if (transport.dtlsState !== 'connected') transport.close();
  }, limitS * 1000);
  timer.unref();
  transport.observer.once('close', () => clearTimeout(timer));
}
