import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { builtPath } from '../../shared/package-root.js';
import { ExitGuard } from './exit-guard.js';
import { ThreadGate } from './thread-gate.js';

/** What a thread is started with; it survives a structured clone. */
export interface ChildThreadSpec {
  /** The file it runs, from the top of dist/. */
  readonly file: string;
  /** Of the thread, for those who look at the process. */
  readonly name: string;
  /** Beside {@link ChildThreadData.port} its `workerData`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Of the {@link ThreadGate} that the process closes before it exits. @defaultValue it exits at any time */
  readonly gate?: SharedArrayBuffer;
}

/** What every such thread finds in its `workerData`. */
export interface ChildThreadData {
  /** To the thread that it works for; it closes when that one has gone. */
  readonly port: MessagePort;
}

/** Who is told of a thread. */
export interface ChildThreadListeners {
  /** What it says. */
  readonly onMessage: (message: unknown) => void;
  /** An exception ended it; `onExit` follows. */
  readonly onError: (error: Error) => void;
  /** The last call. */
  readonly onExit: (code: number) => void;
}

/** A thread that works for this one. */
export interface ChildThread {
  /** Sends it something; it is lost where the thread has ended. */
  post(message: unknown): void;
  /** Ends it, wherever it is: see {@link ThreadGate}. */
  terminate(): void;
}

/** A thread → the one that starts its threads. */
type StartRequest =
  | { readonly type: 'start'; readonly number: number; readonly spec: ChildThreadSpec; readonly port: MessagePort }
  | { readonly type: 'terminate'; readonly number: number };

/** What became of one that was started. */
type StartReply =
  | { readonly type: 'error'; readonly number: number; readonly error: Error }
  | { readonly type: 'exit'; readonly number: number; readonly code: number };

/** Absent where this thread starts its threads by itself. */
let remote: RemoteStarter | undefined;

const exitGuard = new ExitGuard();

/**
 * Has the threads of this one started by the thread at the other end, which calls {@link serveChildThreads}. Where a
 * thread ends by an exception, Node ends those that it started at once, and ONNX Runtime aborts the process where one
 * of them is inside a call.
 */
export function startChildThreadsElsewhere(port: MessagePort): void {
  remote = new RemoteStarter(port);
}

/** Starts threads for the one at the other end. When that one has gone, they find their ports closed, and end. */
export function serveChildThreads(port: MessagePort): void {
  const workers = new Map<number, Worker>();
  const reply = (message: StartReply): void => port.postMessage(message);
  port.on('message', (request: StartRequest) => {
    const { number } = request;
    if (request.type === 'terminate') {
      void workers.get(number)?.terminate();
      return;
    }
    const worker = startWorker(request.spec, request.port, {
      onError: (error) => reply({ type: 'error', number, error }),
      onExit: (code) => {
        workers.delete(number);
        reply({ type: 'exit', number, code });
      },
    });
    workers.set(number, worker);
  });
}

/** Starts a thread that works for this one. */
export function startChildThread(spec: ChildThreadSpec, listeners: ChildThreadListeners): ChildThread {
  const { port1: own, port2: port } = new MessageChannel();
  own.on('message', (message) => listeners.onMessage(message));
  const onExit = (code: number): void => {
    // What it said last may still wait here.
    for (let left = receiveMessageOnPort(own); left; left = receiveMessageOnPort(own))
      listeners.onMessage(left.message);
    own.close();
    listeners.onExit(code);
  };
  const terminate = start(spec, port, { onError: listeners.onError, onExit });
  return { post: (message) => own.postMessage(message), terminate };
}

type EndListeners = Pick<ChildThreadListeners, 'onError' | 'onExit'>;

function start(spec: ChildThreadSpec, port: MessagePort, listeners: EndListeners): () => void {
  if (remote) return remote.start(spec, port, listeners);
  const worker = startWorker(spec, port, listeners);
  return () => void worker.terminate();
}

function startWorker({ file, name, data, gate }: ChildThreadSpec, port: MessagePort, listeners: EndListeners): Worker {
  const worker = new Worker(builtPath(file), {
    name,
    workerData: { ...data, port } satisfies ChildThreadData,
    transferList: [port],
    // The parent's import conditions are for its own sources.
    execArgv: [],
  });
  const unguard = gate && exitGuard.add(new ThreadGate(gate));
  worker.on('error', listeners.onError);
  worker.on('exit', (code) => {
    unguard?.();
    listeners.onExit(code);
  });
  return worker;
}

class RemoteStarter {
  readonly #port: MessagePort;
  readonly #started = new Map<number, EndListeners>();
  #count = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (reply: StartReply) => {
      const listeners = this.#started.get(reply.number);
      if (reply.type === 'error') {
        listeners?.onError(reply.error);
        return;
      }
      this.#started.delete(reply.number);
      listeners?.onExit(reply.code);
    });
  }

  start(spec: ChildThreadSpec, port: MessagePort, listeners: EndListeners): () => void {
    this.#count += 1;
    const number = this.#count;
    this.#started.set(number, listeners);
    this.#port.postMessage({ type: 'start', number, spec, port } satisfies StartRequest, [port]);
    return () => this.#port.postMessage({ type: 'terminate', number } satisfies StartRequest);
  }
}
