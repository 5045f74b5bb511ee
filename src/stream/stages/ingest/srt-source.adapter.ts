import type { SourceConfig } from '../../../shared/config/schema.js';
import { maskUrl } from '../../../shared/config/mask-url.js';
import { DiptychError, type ErrorCode } from '../../../shared/domain/errors.js';
import { srtAddress, type SrtLocation } from '../../../shared/srt/location.js';
import { Graph } from '../../gst/graph.adapter.js';
import { addressOf, setSrtSecrets, srtUri } from '../../srt/srt-address.adapter.js';
import { probeSrt } from '../../srt/srt-probe.adapter.js';
import { explainSrtRefusal, type SrtRefusal } from '../../srt/srt-refusal.js';
import type { BusError, ByteStream } from './streamed-source.adapter.js';

const CODES: Readonly<Record<SrtRefusal['kind'], ErrorCode>> = {
  refused: 'DIPTYCH_E_SOURCE_REFUSED',
  silent: 'DIPTYCH_E_SOURCE_SILENT',
  passphrase: 'DIPTYCH_E_SOURCE_AUTH',
  'stream-id': 'DIPTYCH_E_SOURCE_PATH',
  busy: 'DIPTYCH_E_SOURCE_BUSY',
  protocol: 'DIPTYCH_E_SOURCE_PROTOCOL',
  lost: 'DIPTYCH_E_SOURCE_UNREACHABLE',
};
const PROBE_MS = 1500;

/**
 * A source over SRT: as a caller, or as a listener that is called.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_SOURCE_NAME`, `DIPTYCH_E_ELEMENT_MISSING`, `DIPTYCH_E_GRAPH`
 */
export async function openSrt(location: SrtLocation, config: SourceConfig): Promise<ByteStream> {
  const name = maskUrl(config.url);
  const address = await addressOf(location, 'sources').catch((cause: unknown) => {
    if (cause instanceof DiptychError) throw cause;
    throw new DiptychError(
      'DIPTYCH_E_SOURCE_NAME',
      `${name}: the name ${location.host} is not known; check how it is written, and DNS`,
      { cause },
    );
  });
  const graph = await Graph.load('ingest-srt', {
    uri: srtUri(address, location),
    latencyMs: location.latencyMs ?? config.latencyMs,
  });
  setSrtSecrets(graph, 'receive', location);
  const isListener = location.mode === 'listener';
  const how = isListener ? `SRT, called at ${srtAddress(location)}` : `SRT, calls ${srtAddress(location)}`;
  return {
    ...{ graph, name, waitS: config.timeoutS },
    info: { transport: 'udp', transportReason: `${how}${location.passphrase === undefined ? '' : ', encrypted'}` },
    silence: () => silenceOf(name, location, config.timeoutS),
    explain: (error, hasStreams) => explain(error, hasStreams, { name, address, location }),
    ended: new Promise(() => undefined),
    onPlaying: () => undefined,
    close: () => Promise.resolve(),
  };
}

function silenceOf(name: string, location: SrtLocation, timeoutS: number): DiptychError {
  if (location.mode === 'caller') {
    return new DiptychError(
      'DIPTYCH_E_SOURCE_SILENT',
      `${name} takes the call and sent no stream for ${timeoutS} s; check that the sender runs, and sends MPEG-TS`,
    );
  }
  const passphrase = location.passphrase === undefined ? 'without a passphrase' : 'with the same passphrase';
  return new DiptychError(
    'DIPTYCH_E_SOURCE_UNPUBLISHED',
    `nobody sends to ${name}; let the sender call UDP port ${location.port} of this machine, ${passphrase}, and send MPEG-TS`,
  );
}

interface Opened {
  readonly name: string;
  readonly address: string;
  readonly location: SrtLocation;
}

async function explain(
  { domain, text, debug }: BusError,
  hasStreams: boolean,
  { name, address, location }: Opened,
): Promise<DiptychError> {
  if (domain !== 'gst-resource-error-quark' && !debug.includes('streaming stopped')) {
    return new DiptychError('DIPTYCH_E_SOURCE_FORMAT', `${name} sends no MPEG-TS that can be taken apart (${text})`);
  }
  if (hasStreams) {
    return new DiptychError('DIPTYCH_E_SOURCE_UNREACHABLE', `${name} ended the stream, or its connection broke`);
  }
  if (location.mode === 'listener') return explainListening(name, location, debug);
  const probe = await probeSrt(address, location.port, location.streamId, PROBE_MS);
  const { kind, text: reason } = explainSrtRefusal(probe, {
    hasPassphrase: location.passphrase !== undefined,
    hasStreamId: location.streamId !== undefined,
  });
  return new DiptychError(CODES[kind], `${name}: ${reason}`);
}

function explainListening(name: string, { port }: SrtLocation, debug: string): DiptychError {
  if (/in use|bind|address/i.test(debug)) {
    return new DiptychError(
      'DIPTYCH_E_CONFLICT',
      `${name}: UDP port ${port} cannot be listened on; use a port that is free, above 1023, and an address of this machine`,
    );
  }
  return new DiptychError('DIPTYCH_E_SOURCE_UNREACHABLE', `${name}: the sender ended the call before a stream came`);
}
