import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { DiptychError } from '../../shared/domain/errors.js';
import type { FrameHandle } from '../../shared/domain/frame.js';
import type { NativeAddon } from '../native/types.js';
import type { ThreadReply, ThreadRequest, ThreadSetup } from './inference-messages.js';
import { ThreadGate } from './thread-gate.js';
import { builtPath } from '../../shared/package-root.js';

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

/** The process waits this long for inferences before it exits. */
const EXIT_TIMEOUT_MS = 1000;

/** Of all threads of the process, whose exit they have to survive. */
const gates = new Set<ThreadGate>();

function closeGates(): void {
  const untilMs = performance.now() + EXIT_TIMEOUT_MS;
  // Nobody begins anything while others are waited for.
  for (const gate of gates) gate.close(0);
  for (const gate of gates) gate.close(Math.max(0, untilMs - performance.now()));
}

function guardExit(gate: ThreadGate): void {
  if (gates.size === 0) process.on('exit', closeGates);
  gates.add(gate);
}

function unguardExit(gate: ThreadGate): void {
  gates.delete(gate);
  if (gates.size === 0) process.off('exit', closeGates);
}

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
  readonly #worker: Worker;
  readonly #gate: ThreadGate;
  readonly #role: string;
  readonly #model: string;
  readonly #addon: Pick<NativeAddon, 'retain' | 'release'>;
  readonly #pending = new Map<number, PendingCall<Answer>>();
  #nextId = 1;
  #failure: DiptychError | undefined;
  #closed: Promise<void> | undefined;

  private constructor(
    worker: Worker,
    gate: ThreadGate,
    { role, model, addon }: Pick<InferenceThreadOptions<unknown>, 'role' | 'model' | 'addon'>,
  ) {
    this.#worker = worker;
    this.#gate = gate;
    this.#role = role;
    this.#model = model;
    this.#addon = addon;
    worker.on('message', (reply: ThreadReply<Answer>) => this.#onReply(reply));
    worker.on('error', (error: Error) => this.#fail(`the ${role} thread crashed: ${error.message}`, error));
    worker.on('exit', (code) => this.#fail(`the ${role} thread ended (exit ${code})`));
  }

  /**
   * Resolves when the thread is ready to be asked.
   *
   * @throws {@link DiptychError} the thread's own where it could not open what it needs,
   * `DIPTYCH_E_INTERNAL` where it could not be started.
   */
  static async start<Setup, Question, Answer>(
    options: InferenceThreadOptions<Setup>,
  ): Promise<InferenceThread<Question, Answer>> {
    const { role, file, setup, model } = options;
    const gate = new ThreadGate();
    const worker = new Worker(builtPath(file), {
      name: `diptych-${role}`,
      workerData: { gate: gate.memory, setup } satisfies ThreadSetup<Setup>,
      // The parent's import conditions are for its own sources.
      execArgv: [],
    });
    guardExit(gate);
    worker.once('exit', () => unguardExit(gate));
    const [reply] = await Promise.race([
      once(worker, 'message') as Promise<[ThreadReply<Answer>]>,
      once(worker, 'exit').then(([code]): never => {
        throw new DiptychError('DIPTYCH_E_INTERNAL', `the ${role} thread ended before it was ready (exit ${code})`);
      }),
    ]).catch((error: unknown) => {
      if (error instanceof DiptychError) throw error;
      throw new DiptychError('DIPTYCH_E_INTERNAL', `the ${role} thread failed to start: ${String(error)}`, {
        cause: error,
      });
    });
    if (reply.type === 'failed') throw new DiptychError(reply.code, `${model}: ${reply.message}`);
    return new InferenceThread(worker, gate, options);
  }

  /** Sends one request; answers come in the order of the calls. Rejects with the failure of the thread, or `DIPTYCH_E_INTERNAL` after `close`. @param handle - the frame that the question is about; held until the answer has come. */
  ask(handle: FrameHandle, question: Question): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closed !== undefined) {
      return Promise.reject(new DiptychError('DIPTYCH_E_INTERNAL', `the ${this.#role} was asked after it was closed`));
    }
    return new Promise((resolve, reject) => {
      this.#addon.retain(handle);
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
    const exited = once(this.#worker, 'exit');
    this.#post({ type: 'close' });
    const timer = setTimeout(() => {
      this.#gate.close(EXIT_TIMEOUT_MS);
      void this.#worker.terminate();
    }, CLOSE_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  #post(request: ThreadRequest<Question>): void {
    this.#worker.postMessage(request);
  }

  #onReply(reply: ThreadReply<Answer>): void {
    if (reply.type === 'ready' || reply.id === undefined) return;
    const call = this.#take(reply.id);
    if (reply.type === 'failed') call?.reject(new DiptychError(reply.code, `${this.#model}: ${reply.message}`));
    else call?.resolve(reply.answer);
  }

  /** Ends every call that waits and all that come; the first reason is the one that is told. */
  #fail(message: string, cause?: Error): void {
    this.#failure ??= new DiptychError('DIPTYCH_E_INTERNAL', message, cause === undefined ? {} : { cause });
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(this.#failure);
  }

  #take(id: number): PendingCall<Answer> | undefined {
    const call = this.#pending.get(id);
    if (call === undefined) return undefined;
    this.#pending.delete(id);
    this.#addon.release(call.handle);
    return call;
  }
}
