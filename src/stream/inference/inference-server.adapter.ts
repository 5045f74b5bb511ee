import { parentPort, workerData } from 'node:worker_threads';
import { DiptychError, type ErrorCode } from '../../shared/domain/errors.js';
import type { ThreadReply, ThreadRequest, ThreadSetup } from './inference-messages.js';
import { ThreadGate } from './thread-gate.js';

/** What a thread does, once it is open. */
export interface InferenceService<Question, Answer> {
  /** Answers one request; the frame it names is alive until the promise settles. */
  readonly answer: (question: Question) => Promise<Answer>;
  /** Frees the session; called once, after the last answer. */
  readonly close: () => Promise<void>;
}

/**
 * The far side of an `InferenceThread`: opens the service, then answers one question after the
 * other, because its tensors and its session are one. Every call passes the gate.
 */
export async function serveInference<Question, Answer>(
  /** Takes what the near side was given as `setup`. */
  open: (setup: never) => Promise<InferenceService<Question, Answer>>,
): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this file runs in a worker thread only');
  const { gate: memory, setup } = workerData as ThreadSetup<never>;
  const reply = (message: ThreadReply<Answer>): void => port.postMessage(message);
  const gate = new ThreadGate(memory);
  try {
    const service = await gate.pass(() => open(setup));
    let last = Promise.resolve();
    port.on('message', (request: ThreadRequest<Question>) => {
      last = last.then(async () => {
        if (request.type === 'close') {
          await gate.pass(() => service.close());
          port.close();
          return;
        }
        const { id, question } = request;
        try {
          reply({ type: 'answer', id, answer: await gate.pass(() => service.answer(question)) });
        } catch (error) {
          reply({ type: 'failed', id, ...describe(error) });
        }
      });
    });
    reply({ type: 'ready' });
  } catch (error) {
    reply({ type: 'failed', ...describe(error) });
    port.close();
  }
}

function describe(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof DiptychError) return { code: error.code, message: error.message };
  return { code: 'DIPTYCH_E_INTERNAL', message: error instanceof Error ? error.message : String(error) };
}
