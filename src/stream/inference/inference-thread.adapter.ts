import { DiptychError } from '../../shared/domain/errors.js';
import type { FrameHandle } from '../../shared/domain/frame.js';
import { startChildThread, type ChildThread } from './child-thread.adapter.js';
import type { NativeAddon } from '../native/types.js';
import { EXIT_TIMEOUT_MS } from './exit-guard.js';
import type { ThreadReply, ThreadRequest } from './inference-messages.js';
import { ThreadGate } from './thread-gate.js';

/** What a thread runs and with what. */
export interface InferenceThreadOptions<Setup> {
  /** What it does, for messages: `the … thread`. */
  readonly role: string;
  /** The file it runs, from the top of dist/; it calls `serveInference`. */
  readonly file: string;
  /** Handed to the function that the file gives to `serveInference`. */
  readonly setup: Setup;
  /** Name of the model, for messages. */
  readonly model: string;
  /** Keeps a frame alive from the request to its answer. */
  readonly addon: Pick<NativeAddon, 'retain' | 'release'>;
}

/** A thread that does not end on its own within this time is ended. */
const CLOSE_TIMEOUT_MS = 2000;

interface PendingCall<Answer> {
  readonly handle: FrameHandle;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: DiptychError) => void;
}

/**
 * The near side of a thread that runs a network on frames. Answers come in the order of the
 * questions; a frame is held from the question to its answer.
 */
export class InferenceThread<Question, Answer> {
  readonly #thread: ChildThread;
  readonly #gate = new ThreadGate();
  readonly #options: Pick<InferenceThreadOptions<unknown>, 'role' | 'addon'>;
  readonly #pending = new Map<number, PendingCall<Answer>>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #failure: DiptychError | undefined;
  #closed: Promise<void> | undefined;

  private constructor(
    { role, file, setup, model, addon }: InferenceThreadOptions<unknown>,
    opened: { readonly resolve: () => void; readonly reject: (reason: DiptychError) => void },
  ) {
    this.#options = { role, addon };
    let onExited: () => void = () => undefined;
    this.#exited = new Promise((resolve) => (onExited = resolve));
    this.#thread = startChildThread(
      { file, name: `diptych-${role}`, data: { gate: this.#gate.memory, setup }, gate: this.#gate.memory },
      {
        onMessage: (message) => {
          const reply = message as ThreadReply<Answer>;
          if (reply.type === 'ready') opened.resolve();
          else if (reply.type === 'answer') this.#take(reply.id)?.resolve(reply.answer);
          else {
            const error = new DiptychError(reply.code, `${model}: ${reply.message}`);
            if (reply.id === undefined) opened.reject(error);
            else this.#take(reply.id)?.reject(error);
          }
        },
        onError: (cause) => opened.reject(this.#fail(`the ${role} thread crashed: ${cause.message}`, cause)),
        onExit: (code) => {
          opened.reject(this.#fail(`the ${role} thread ended (exit ${code})`));
          onExited();
        },
      },
    );
  }

  /**
   * Resolves when the thread is ready to be asked.
   *
   * @throws {@link DiptychError} the thread's own where it could not open what it needs,
   * `DIPTYCH_E_INTERNAL` where it could not be started.
   */
  static start<Setup, Question, Answer>(
    options: InferenceThreadOptions<Setup>,
  ): Promise<InferenceThread<Question, Answer>> {
    return new Promise((resolve, reject) => {
      const thread = new InferenceThread<Question, Answer>(options, { resolve: () => resolve(thread), reject });
    });
  }

  /** Sends one request; answers come in the order of the calls. Rejects with the failure of the thread, or `DIPTYCH_E_INTERNAL` after `close`. @param handle - the frame that the question is about; held until the answer has come. */
  ask(handle: FrameHandle, question: Question): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closed !== undefined) {
      return Promise.reject(
        new DiptychError('DIPTYCH_E_INTERNAL', `the ${this.#options.role} was asked after it was closed`),
      );
    }
    return new Promise((resolve, reject) => {
      this.#options.addon.retain(handle);
      const id = this.#nextId++;
      this.#pending.set(id, { handle, resolve, reject });
      this.#post({ type: 'ask', id, question });
    });
  }

  /** Answers what was asked before, then ends; idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#failure !== undefined) return;
    this.#post({ type: 'close' });
    const timer = setTimeout(() => {
      this.#gate.close(EXIT_TIMEOUT_MS);
      this.#thread.terminate();
    }, CLOSE_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #post(request: ThreadRequest<Question>): void {
    this.#thread.post(request);
  }

  /** Ends every call that waits and all that come; the first reason is the one that is told. */
  #fail(message: string, cause?: Error): DiptychError {
    this.#failure ??= new DiptychError('DIPTYCH_E_INTERNAL', message, cause === undefined ? {} : { cause });
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(this.#failure);
    return this.#failure;
  }

  #take(id: number): PendingCall<Answer> | undefined {
    const call = this.#pending.get(id);
    if (call === undefined) return undefined;
    this.#pending.delete(id);
    this.#options.addon.release(call.handle);
    return call;
  }
}
