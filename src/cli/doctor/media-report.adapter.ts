import { access, constants } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { createWorker, type types } from 'mediasoup';
import { maskUrlsIn } from '../../shared/config/mask-url.js';
import type { GatewayConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { iceServersFor } from '../../gateway/signaling/ice-servers.js';
import { announceCandidates, reachableAddresses } from '../../gateway/signaling/listen-addresses.js';
import { openWebRtcServer } from '../../gateway/signaling/webrtc-server.adapter.js';
import type { Finding } from './finding.js';
import { checkCandidate, tryIceServer } from './stun-client.adapter.js';

/** Tries how browsers reach the media: the worker, its port on each address, and each TURN server. */
export async function examineMedia({ http, webrtc }: GatewayConfig): Promise<readonly Finding[]> {
  const { workerBin } = await import('mediasoup');
  const isThere = await access(workerBin, constants.X_OK).then(
    () => true,
    () => false,
  );
  const area = 'media server';
  if (!isThere) return [{ area, verdict: 'broken', text: `${workerBin} is not there`, advice: 'run npm run build' }];
  const worker = await createWorker({ logLevel: 'none' });
  try {
    return [
      { area, verdict: 'good', text: `mediasoup worker ${workerBin}` },
      ...(await examinePort(worker, webrtc, webrtc.listenIp ?? http.host)),
      ...(await examineIceServers(webrtc)),
    ];
  } finally {
    worker.close();
  }
}

async function examinePort(
  worker: types.Worker,
  webrtc: GatewayConfig['webrtc'],
  listenIp: string,
): Promise<Finding[]> {
  const area = 'ice address';
  try {
    const { minPort, maxPort, port } = webrtc;
    const range = { minPort: port ?? minPort, maxPort: port ?? maxPort };
    const opened = await openWebRtcServer(worker, { listenIp, ...range });
    const router = await worker.createRouter({ mediaCodecs: [] });
    const transport = await router.createWebRtcTransport({ webRtcServer: opened.server, enableTcp: true });
    const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const addresses = reachableAddresses({ ...webrtc, listenIp }, interfaces);
    const { usernameFragment, password } = transport.iceParameters;
    const tried = await Promise.all(
      announceCandidates(transport.iceCandidates, addresses).map(async ({ address, port: place, protocol }) => {
        const where = `${address} ${protocol.toUpperCase()}`;
        const reason = await reasonOf(
          checkCandidate(
            { host: address, port: place, transport: protocol === 'tcp' ? 'ice-tcp' : 'udp' },
            usernameFragment,
            password,
          ),
        );
        return reason === undefined ? undefined : `${where} (${reason})`;
      }),
    );
    const silent = tried.filter((one) => one !== undefined);
    const isLocal = addresses.every((address) => address.startsWith('127.'));
    const advice =
      silent.length > 0
        ? `no answer from here at ${silent.join(', ')}: a firewall, or an address of a router that does not send back what comes from inside; try from another network`
        : 'only browsers on this machine reach it; for others start with --host 0.0.0.0 and, behind NAT, webrtc.announcedAddress';
    return [
      {
        area,
        verdict: silent.length === 0 ? 'good' : 'limited',
        text: `browsers connect to ${addresses.join(', ')}, port ${opened.port}, UDP and TCP; ${tried.length - silent.length} of ${tried.length} tried ways answer`,
        ...((silent.length > 0 || isLocal) && { advice }),
      },
    ];
  } catch (error) {
    return [{ area, verdict: 'broken', text: messageOf(error) }];
  }
}

function examineIceServers({ iceServers }: GatewayConfig['webrtc']): Promise<Finding[]> {
  const servers = iceServersFor(iceServers, { nowS: Date.now() / 1000, name: 'doctor' });
  const places = servers.flatMap((server) => server.urls.map((url) => ({ url, server })));
  return Promise.all(
    places.map(async ({ url, server }): Promise<Finding> => {
      const area = 'ice server';
      const reason = await reasonOf(tryIceServer(url, server));
      if (reason === undefined) return { area, verdict: 'good', text: `${url} answers` };
      const advice = 'viewers who need it get no picture; see that it runs, and that webrtc.iceServers has its secret';
      return { area, verdict: 'limited', text: `${url}: ${reason}`, advice };
    }),
  );
}

/** Why it failed; `undefined` where it did not. */
const reasonOf = (work: Promise<void>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

const messageOf = (error: unknown): string =>
  maskUrlsIn(error instanceof DiptychError ? `${error.code}: ${error.message}` : String(error));
