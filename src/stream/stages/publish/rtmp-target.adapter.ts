import { maskTarget } from '../../../shared/config/mask-url.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { EncodedTaps } from '../../domain/media-tap.js';
import { fenceConnection, fencedError, isFenced } from '../../fence/output-fence.adapter.js';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { networkGuard } from '../../network/network-guard.adapter.js';
import { sentBytesOf } from './flow-watch.js';
import { publish, type Connection } from './publish-attempt.adapter.js';
import { probeConnect } from './rtmp/connect-probe.adapter.js';
import { parseRtmpLocation, type RtmpLocation } from '../../../shared/rtmp/location.js';
import { redirectedLocation } from './rtmp/redirect.js';
import type { AttemptEnd, Target, TargetOptions, TargetProgress } from './target.js';
import { explainBroken, explainRefusal } from './target-error.js';

/** Redirects that are followed in one attempt. */
const MAX_REDIRECTS = 3;
/** How long finding out why a server refuses may take, ms. */
const PROBE_LIMIT_MS = 5000;

/**
 * Streams to one RTMP(S) target until `signal` aborts; the stream is then ended properly in under two
 * seconds. Where the server sends us to another one, that one is used. One attempt: nothing here tries
 * again.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_TARGET` when it can't be reached, refuses, ends or stalls;
 * `DIPTYCH_E_CONFIG` where the address has no application or key
 */
export async function runRtmpTarget(
  target: Target,
  taps: EncodedTaps,
  signal: AbortSignal,
  onProgress: (progress: TargetProgress) => void,
  { timeoutS = 8 }: TargetOptions = {},
): Promise<void> {
  const name = maskTarget(target);
  let location = parseRtmpLocation(target);
  const isOver = (): boolean => signal.aborted;
  for (let redirects = 0; !isOver(); redirects++) {
    const addresses = await allowedAddresses(location);
    const end = await attempt(location, addresses, taps, signal, onProgress, timeoutS);
    if (end.end === 'stopped' || isOver()) return;
    // Past the deadline not even a question goes to the server: another host may be publishing there.
    if (isFenced()) throw fencedError(`target ${name}`);
    if (end.wasLive) throw fail(name, explainBroken(end, timeoutS));
    const next = await redirectOf(location, end.end === 'failed' ? end.said : '', timeoutS, name);
    if (redirects >= MAX_REDIRECTS) {
      throw fail(
        name,
        `the server redirects more than ${MAX_REDIRECTS} times; use the address that the platform names`,
      );
    }
    // Asking took time.
    if (isFenced()) throw fencedError(`target ${name}`);
    location = next;
  }
}

/**
 * The addresses that a name leads to and that may be reached; none where it is not known, which the attempt tells.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_ADDRESS_NOT_ALLOWED`
 */
async function allowedAddresses({ host, scheme }: RtmpLocation): Promise<readonly string[]> {
  try {
    return await networkGuard('targets').addressesOf(host, scheme);
  } catch (error) {
    if (error instanceof DiptychError) throw error;
    return [];
  }
}

async function attempt(
  location: RtmpLocation,
  addresses: readonly string[],
  taps: EncodedTaps,
  signal: AbortSignal,
  onProgress: (progress: TargetProgress) => void,
  timeoutS: number,
): Promise<AttemptEnd> {
  const { scheme, host, port, application, stream, user, password } = location;
  const graph = await Graph.load('target-rtmp', {
    ...{ scheme, host, port, application, stream },
    timeoutS: Math.max(1, Math.ceil(timeoutS)),
  });
  // The sink looks the name up once more, because it tells the server the name and checks it in the certificate: it finds
  // what was checked, and nothing else.
  const pin = loadAddon().pinHost(host, addresses);
  try {
    if (user !== undefined) graph.setProperty('sink', 'username', user);
    if (password !== undefined) graph.setProperty('sink', 'password', password);
    fenceConnection(graph, 'sink');
    const connection = (): Connection => {
      // The sink counts from the moment on in which the server accepted the stream.
      const sentBytes = sentBytesOf(graph.getProperty('sink', 'stats'));
      return { isOpen: sentBytes > 0, sentBytes, takenBytes: sentBytes, dropped: 0 };
    };
    return await publish({ graph, taps, signal, onProgress, timeoutS, connection });
  } finally {
    await graph.close();
    loadAddon().unpinHost(pin);
  }
}

/**
 * Where a server that refused sends us.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_TARGET` with the reason where it does not
 */
async function redirectOf(location: RtmpLocation, said: string, timeoutS: number, name: string): Promise<RtmpLocation> {
  const probe = await probeConnect(location, Math.min(PROBE_LIMIT_MS, timeoutS * 1000));
  if (probe.outcome !== 'redirected') throw fail(name, explainRefusal(probe, location, said), said);
  return redirectedLocation(probe.url, location);
}

/** What GStreamer said is kept for the log, as the cause. */
const fail = (name: string, reason: string, said?: string): DiptychError =>
  new DiptychError(
    'DIPTYCH_E_TARGET',
    `target ${name}: ${reason}`,
    said === undefined ? {} : { cause: new Error(said) },
  );
