import type { MessagePort } from 'node:worker_threads';
import { loadBinding, type SuperficialPipeline } from './binding.adapter.js';

/** A pipeline of gstreamer-superficial. */
export interface BuiltPipeline {
  /** Starts it; what becomes of that the bus says. */
  play(): void;
  /** It is closed, and nothing more is asked of it. */
  forget(): void;
}

/** A thread → the one that builds. */
type BuildRequest =
  | { readonly type: 'build'; readonly number: number; readonly launch: string }
  | { readonly type: 'play' | 'forget'; readonly number: number };

/** `problem`: what gst_parse_launch says; absent where it was built. */
interface BuildAnswer {
  readonly number: number;
  readonly problem?: string;
}

/** Of another thread; absent where this one builds by itself. */
let remote: RemoteBuilder | undefined;

/**
 * Has all pipelines of this thread built by the thread at the other end, which calls {@link serveBuilder}: the package
 * keeps a handle of V8 for the whole process, so that only one of its threads may load it.
 */
export function buildElsewhere(port: MessagePort): void {
  remote = new RemoteBuilder(port);
}

/**
 * Builds a pipeline of a launch string. The addon must be loaded: it registers the elements that the string names.
 *
 * @throws Error with the words of gst_parse_launch, `DIPTYCH_E_NATIVE`
 */
export async function buildPipeline(launch: string): Promise<BuiltPipeline> {
  if (remote) return remote.build(launch);
  const { Pipeline } = loadBinding();
  const pipeline = new Pipeline(launch);
  return { play: () => pipeline.play(), forget: () => undefined };
}

/** Builds for the thread at the other end until it closes its port. */
export function serveBuilder(port: MessagePort): void {
  const pipelines = new Map<number, SuperficialPipeline>();
  port.on('message', (request: BuildRequest) => {
    const { number } = request;
    if (request.type === 'forget') pipelines.delete(number);
    if (request.type === 'play') pipelines.get(number)?.play();
    if (request.type !== 'build') return;
    try {
      const { Pipeline } = loadBinding();
      pipelines.set(number, new Pipeline(request.launch));
      port.postMessage({ number } satisfies BuildAnswer);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      port.postMessage({ number, problem } satisfies BuildAnswer);
    }
  });
}

class RemoteBuilder {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, (answer: BuildAnswer) => void>();
  #count = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (answer: BuildAnswer) => {
      this.#waiting.get(answer.number)?.(answer);
      this.#waiting.delete(answer.number);
    });
  }

  async build(launch: string): Promise<BuiltPipeline> {
    this.#count += 1;
    const number = this.#count;
    const answer = new Promise<BuildAnswer>((resolve) => this.#waiting.set(number, resolve));
    this.#ask({ type: 'build', number, launch });
    const { problem } = await answer;
    if (problem !== undefined) throw new Error(problem);
    return {
      play: () => this.#ask({ type: 'play', number }),
      forget: () => this.#ask({ type: 'forget', number }),
    };
  }

  #ask(request: BuildRequest): void {
    this.#port.postMessage(request);
  }
}
