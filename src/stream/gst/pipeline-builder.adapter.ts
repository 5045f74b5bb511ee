import type { MessagePort } from 'node:worker_threads';
import type { NativeAddon } from '../native/types.js';
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
  | { readonly type: 'build'; readonly number: number; readonly launch: string; readonly graphId: string }
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
 * @param graphId - of the addon; the string holds it too
 * @throws Error with the words of gst_parse_launch, `DIPTYCH_E_NATIVE`
 */
export async function buildPipeline(launch: string, graphId: string): Promise<BuiltPipeline> {
  if (remote) return remote.build(launch, graphId);
  const { Pipeline } = loadBinding();
  const pipeline = new Pipeline(launch);
  return { play: () => pipeline.play(), forget: () => undefined };
}

/** What builds for another thread. */
export interface ServedBuilder {
  /** That thread has gone: closes what it has built and not closed; resolves when nothing of it is left. */
  closeAll(): Promise<void>;
}

/**
 * Builds for the thread at the other end.
 * @param addon - closes what is left
 */
export function serveBuilder(port: MessagePort, addon: () => Pick<NativeAddon, 'closeGraph'>): ServedBuilder {
  const built = new Map<number, { readonly pipeline: SuperficialPipeline; readonly graphId: string }>();
  port.on('message', (request: BuildRequest) => {
    const { number } = request;
    if (request.type === 'forget') built.delete(number);
    if (request.type === 'play') built.get(number)?.pipeline.play();
    if (request.type !== 'build') return;
    const { graphId } = request;
    try {
      const { Pipeline } = loadBinding();
      built.set(number, { pipeline: new Pipeline(request.launch), graphId });
      port.postMessage({ number } satisfies BuildAnswer);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      port.postMessage({ number, problem } satisfies BuildAnswer);
    }
  });
  return {
    closeAll: async () => {
      port.close();
      await Promise.allSettled([...built.values()].map(async ({ graphId }) => addon().closeGraph(graphId)));
      built.clear();
    },
  };
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

  async build(launch: string, graphId: string): Promise<BuiltPipeline> {
    this.#count += 1;
    const number = this.#count;
    const answer = new Promise<BuildAnswer>((resolve) => this.#waiting.set(number, resolve));
    this.#ask({ type: 'build', number, launch, graphId });
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
