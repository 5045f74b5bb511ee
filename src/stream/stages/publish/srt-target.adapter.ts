import { maskTarget } from '../../../shared/config/mask-url.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { Problem } from '../../../shared/domain/status-error.js';
import { explainSrtUrl, parseSrtLocation, type SrtLocation } from '../../../shared/srt/location.js';
import type { EncodedTaps } from '../../domain/media-tap.js';
import { fenceConnection } from '../../fence/output-fence.adapter.js';
import { Graph } from '../../gst/graph.adapter.js';
import { addressOf, setSrtSecrets, srtUri } from '../../srt/srt-address.adapter.js';
import { probeSrt } from '../../srt/srt-probe.adapter.js';
import { explainSrtRefusal } from '../../srt/srt-refusal.js';
import { publish, type PublishOptions } from './publish-attempt.adapter.js';
import { SrtConnection } from './srt-connection.js';
import type { AttemptEnd, Target, TargetOptions, TargetProgress } from './target.js';

/** SRT's own limit of a call is 3 s. */
const CALL_S = 3.5;
const PROBE_MS = 1500;
/** What SRT has where nobody says anything else. */
const DEFAULT_LATENCY_MS = 120;

/**
 * Streams to one SRT target until `signal` aborts: calls the receiver, or waits to be called and sends to all who do.
 * MPEG-TS with H.264 and AAC, from a keyframe on. One attempt: nothing here tries again.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_TARGET` when it cannot be reached, refuses or ends; `DIPTYCH_E_CONFIG` where
 * the address is wrong
 */
export async function runSrtTarget(
  target: Target,
  taps: EncodedTaps,
  signal: AbortSignal,
  onProgress: (progress: TargetProgress) => void,
  { timeoutS = 8 }: TargetOptions = {},
): Promise<void> {
  const name = maskTarget(target);
  const location = locationOf(target, name);
  const address = await addressOf(location, 'targets').catch((cause: unknown) => {
    if (cause instanceof DiptychError) throw cause;
    throw fail(name, `the name ${location.host} is not found; check the host of the URL, and DNS`, cause);
  });
  const isOver = (): boolean => signal.aborted;
  if (isOver()) return;
  const opened = { name, address, location };
  let earlier: Counted = { bytes: 0, dropped: 0 };
  for (;;) {
    const { end, counted } = await attempt(opened, { taps, signal, onProgress, timeoutS }, earlier);
    if (end.end === 'stopped' || isOver()) return;
    // Whoever calls next begins with a keyframe, too, and with nothing that was left over.
    if (end.end !== 'left') throw await explain(end, opened);
    earlier = counted;
  }
}

type Counted = Pick<TargetProgress, 'bytes' | 'dropped'>;

async function attempt(
  { name, address, location }: Opened,
  { onProgress, ...options }: Pick<PublishOptions, 'taps' | 'signal' | 'onProgress' | 'timeoutS'>,
  earlier: Counted,
): Promise<{ readonly end: AttemptEnd; readonly counted: Counted }> {
  const graph = await Graph.load('target-srt', {
    uri: srtUri(address, location),
    latencyMs: location.latencyMs ?? DEFAULT_LATENCY_MS,
  });
  let counted = earlier;
  try {
    setSrtSecrets(graph, 'sink', location);
    fenceConnection(graph, 'sink');
    const connection = new SrtConnection();
    const end = await publish({
      ...{ ...options, graph, isSoundWaiting: true },
      connection: () => connection.update(graph.getProperty('sink', 'stats')),
      onProgress: (progress) => {
        counted = { bytes: earlier.bytes + progress.bytes, dropped: earlier.dropped + progress.dropped };
        onProgress({ ...progress, ...counted });
      },
      ...(location.mode === 'caller' ? { connectS: CALL_S } : { waitsFor: waitsFor(name, location) }),
    });
    return { end, counted };
  } finally {
    await graph.close();
  }
}

function locationOf({ url, key }: Target, name: string): SrtLocation {
  const location = parseSrtLocation(url);
  if (!location) throw new DiptychError('DIPTYCH_E_CONFIG', `target ${name}: ${explainSrtUrl(url) ?? ''}`);
  return key === undefined ? location : { ...location, passphrase: key };
}

/** What a target that is called has to wait for. */
function waitsFor(name: string, { port, passphrase }: SrtLocation): Problem {
  const how = passphrase === undefined ? 'without a passphrase' : 'with the same passphrase';
  return {
    code: 'DIPTYCH_E_TARGET',
    message: `target ${name}: nobody takes the stream yet; let the receiver call UDP port ${port} of this machine, ${how}`,
  };
}

interface Opened {
  readonly name: string;
  readonly address: string;
  readonly location: SrtLocation;
}

async function explain(
  end: Exclude<AttemptEnd, { end: 'stopped' }>,
  { name, address, location }: Opened,
): Promise<DiptychError> {
  const said = end.end === 'failed' ? new Error(end.said) : undefined;
  if (end.wasLive) return fail(name, 'the receiver or the network ended the connection; it is called again', said);
  const { mode, port, streamId, passphrase } = location;
  if (mode === 'listener') {
    const text = `UDP port ${port} cannot be listened on; use a port that is free, above 1023, and an address of this machine`;
    return fail(name, text, said);
  }
  const probe = await probeSrt(address, port, streamId, PROBE_MS);
  const { text } = explainSrtRefusal(probe, {
    hasPassphrase: passphrase !== undefined,
    hasStreamId: streamId !== undefined,
  });
  return fail(name, text, said);
}

/** What GStreamer said is kept for the log, as the cause. */
const fail = (name: string, reason: string, cause?: unknown): DiptychError =>
  new DiptychError('DIPTYCH_E_TARGET', `target ${name}: ${reason}`, cause === undefined ? {} : { cause });
