import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { types } from 'mediasoup';
import { DiptychError } from '../../shared/domain/errors.js';
import { bindAddresses } from './listen-addresses.js';

/**
 * A browser from which nothing comes for so long to show that it still wants media (RFC 7675) is gone, s. Browsers show it
 * every 2.5 to 5 s. Higher: viewers who vanished are sent media for longer; lower: a network that is away for a moment
 * ends sessions that could have gone on.
 */
export const CONSENT_S = 15;

/** Where the media of all viewers and publishers goes through. */
export interface WebRtcServerPlace {
  /** An address or host name; `0.0.0.0` and `::` stand for all. */
  readonly listenIp: string;
  /** First port to try. */
  readonly minPort: number;
  /** Last port to try; the same as `minPort` where no other will do. */
  readonly maxPort: number;
}

/** A server that listens. */
export interface OpenedWebRtcServer {
  /** It ends with its worker. */
  readonly server: types.WebRtcServer;
  /** UDP and TCP. */
  readonly port: number;
}

/**
 * Listens for media on one port, UDP and TCP: the first of the range that is free.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` where none is, or the address is not one of this machine
 */
export async function openWebRtcServer(
  worker: types.Worker,
  { listenIp, minPort, maxPort }: WebRtcServerPlace,
): Promise<OpenedWebRtcServer> {
  const addresses = bindAddresses(await numericAddress(listenIp));
  for (let port = minPort; ; port++) {
    try {
      const listenInfos = addresses.flatMap((address) =>
        (['udp', 'tcp'] as const).map((protocol) => ({ ...address, protocol, port })),
      );
      return { server: await worker.createWebRtcServer({ listenInfos }), port };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const isTaken = reason.includes('in use');
      if (worker.closed) throw error;
      if (isTaken && port < maxPort) continue;
      const ports = minPort === maxPort ? `port ${port}` : `each port from ${minPort} to ${maxPort}`;
      const what = isTaken
        ? `${ports} of ${listenIp} is in use, UDP or TCP`
        : `no media on ${listenIp}:${port} (${reason})`;
      const advice = isTaken ? 'choose another with webrtc.port' : 'set webrtc.listenIp to an address of this machine';
      throw new DiptychError('DIPTYCH_E_CONFLICT', `${what}; ${advice}`, { cause: error });
    }
  }
}

/** mediasoup takes no names. */
async function numericAddress(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch (error) {
    const message = `the host name ${host} is not known; set webrtc.listenIp to an address of this machine`;
    throw new DiptychError('DIPTYCH_E_CONFLICT', message, { cause: error });
  }
}
