import { DiptychError } from '../../../shared/domain/errors.js';
import { Graph } from '../../gst/graph.adapter.js';
import type { HttpAnswer } from '../../http/http-client.adapter.js';
import type { HttpErrors } from '../../http/http-error.js';
import { readTransportStream } from '../../http/transport-stream.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import type { ByteStream } from './streamed-source.adapter.js';

/** What an answer with an MPEG transport stream is opened with. */
export interface TransportStreamSource {
  /** The source in messages, secrets masked. */
  readonly name: string;
  /** Names what fails. */
  readonly errors: HttpErrors;
  /** Nothing for so long ends it, s. */
  readonly timeoutS: number;
  /** It is shown so much later than it came, because it comes unevenly, ms. */
  readonly latencyMs: number;
  /** Asks for a recording once more; absent: it is played once. */
  readonly again?: (url: URL) => Promise<HttpAnswer>;
  /** Ends the reading. */
  readonly signal: AbortSignal;
  /** Closes the connection. */
  readonly close: () => void;
}

/** Element of pipelines/ingest-transport-stream.launch that takes bytes. */
const BYTES_IN = 'bytes-in';

/**
 * An MPEG transport stream that an answer brings.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_ELEMENT_MISSING`, `DIPTYCH_E_GRAPH`
 */
export async function openTransportStream(answer: HttpAnswer, source: TransportStreamSource): Promise<ByteStream> {
  const { name, errors, timeoutS, latencyMs, again, signal, close } = source;
  const graph = await Graph.load('ingest-transport-stream', {});
  const addon = loadAddon();
  let end: (error: DiptychError) => void = () => undefined;
  return {
    ...{ graph, name, waitS: timeoutS, bufferMs: latencyMs },
    info: { transport: 'tcp', transportReason: 'HTTP, MPEG-TS' },
    silence: () =>
      errors.format(`sends no MPEG-TS that can be taken apart for ${timeoutS} s; check what is sent there`),
    explain: ({ text }) => Promise.resolve(errors.format(`sends no MPEG-TS that can be taken apart (${text})`)),
    ended: new Promise((resolve) => (end = resolve)),
    onPlaying: () => {
      const onBytes = (bytes: Buffer): void => {
        const nowMs = addon.nowMs();
        if (graph.isOpen) addon.pushBytes(graph.id, BYTES_IN, bytes, { ptsMs: nowMs, dtsMs: nowMs });
      };
      const options = { errors, timeoutS, nowMs: () => addon.nowMs(), onBytes, signal, ...(again && { again }) };
      readTransportStream(answer, options).catch((error: unknown) => {
        if (!signal.aborted) end(error instanceof DiptychError ? error : errors.ended(String(error)));
      });
    },
    close: () => {
      close();
      return Promise.resolve();
    },
  };
}
