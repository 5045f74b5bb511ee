import { setTimeout as delay } from 'node:timers/promises';
import { DiptychError } from '../../shared/domain/errors.js';
import type { HttpAnswer } from './http-client.adapter.js';
import type { HttpErrors } from './http-error.js';
import { TransportPace } from './transport-pace.js';

/** What an MPEG transport stream is read with. */
export interface TransportStreamOptions {
  /** Names what fails. */
  readonly errors: HttpErrors;
  /** Nothing for so long ends it, s. */
  readonly timeoutS: number;
  /** Time of the machine, ms. */
  readonly nowMs: () => number;
  /** Takes what comes. */
  readonly onBytes: (bytes: Buffer) => void;
  /** Asks for a recording once more; absent: it is played once. */
  readonly again?: (url: URL) => Promise<HttpAnswer>;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** So far ahead of its time a recording is passed on, ms: less than makes the demultiplexer take it for a new clock. */
const AHEAD_MS = 300;

/**
 * Reads an MPEG transport stream until it ends, which is always an error. What is live is passed on as it comes; a
 * recording, whose answer says how long it is, at its own speed, and it begins again where it is asked for again.
 *
 * @throws {@link DiptychError} with the reason, or as `signal` aborts
 */
export async function readTransportStream(first: HttpAnswer, options: TransportStreamOptions): Promise<never> {
  const { errors, again, signal } = options;
  for (let answer = first; ;) {
    const isRecording = answer.body.headers['content-length'] !== undefined;
    try {
      await readAnswer(answer, options, isRecording ? new TransportPace() : undefined);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof DiptychError ? error : errors.ended('its connection broke');
    }
    if (!isRecording) throw errors.ended('ended the stream');
    if (!again) throw errors.over('the recording is over');
    answer = await again(answer.url);
  }
}

async function readAnswer(
  { body }: HttpAnswer,
  { errors, timeoutS, nowMs, onBytes, signal }: TransportStreamOptions,
  pace: TransportPace | undefined,
): Promise<void> {
  const watch = (): NodeJS.Timeout =>
    setTimeout(() => body.destroy(errors.ended(`sent nothing for ${timeoutS} s`)), timeoutS * 1000);
  let timer = watch();
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      const aheadMs = (pace?.dueMs(chunk, nowMs()) ?? 0) - nowMs() - AHEAD_MS;
      if (aheadMs > 0) await delay(aheadMs, undefined, { signal });
      onBytes(chunk);
      timer = watch();
    }
  } finally {
    clearTimeout(timer);
  }
}
