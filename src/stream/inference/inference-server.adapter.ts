import { constants, getPriority, setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { DiptychError, type ErrorCode } from '../../shared/domain/errors.js';
import type { ChildThreadData } from './child-thread.adapter.js';
import type { ThreadReply, ThreadRequest, ThreadSetup } from './inference-messages.js';
import { ThreadGate } from './thread-gate.js';

/** What a thread does, once it is open. */
export interface InferenceService<Question, Answer> {
  /** Answers one request; the frame it names is alive until the promise settles. */
  readonly answer: (question: Question) => Promise<Answer>;
  /** Frees the session; called once, after the last answer. */
  readonly close: () => Promise<void>;
}

/** Steps of priority: a tenth of the time of a thread that is not lowered, where there is not enough for both. */
const LESS = 10;

/**
 * The far side of an `InferenceThread`: opens the service, then answers one question after the
 * other, because its tensors and its session are one. Every call passes the gate.
 */
export async function serveInference<Question, Answer>(
  /** Takes what the near side was given as `setup`. */
  open: (setup: never) => Promise<InferenceService<Question, Answer>>,
): Promise<void> {
  const { port, gate: memory, setup } = workerData as ThreadSetup<never> & ChildThreadData;
  const reply = (message: ThreadReply<Answer>): void => port.postMessage(message);
  const gate = new ThreadGate(memory);
  giveWay();
  try {
    const service = await gate.pass(() => open(setup));
    let last = Promise.resolve();
    // Also where the thread that asks has gone.
    port.once('close', () => {
      last = last.then(() => gate.pass(() => service.close()));
    });
    port.on('message', (request: ThreadRequest<Question>) => {
      last = last.then(async () => {
        if (request.type === 'close') {
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

/**
 * Gives this thread, and those that it starts, a lower priority than the rest of the process: where there is not
 * enough processor time, people are searched for less often, and pictures keep their time. Linux has a priority of
 * each thread; elsewhere the one of the whole process would change.
 */
function giveWay(): void {
  if (process.platform === 'linux') setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + LESS));
}

function describe(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof DiptychError) return { code: error.code, message: error.message };
  return { code: 'DIPTYCH_E_INTERNAL', message: error instanceof Error ? error.message : String(error) };
}
