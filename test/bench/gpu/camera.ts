import { setTimeout as delay } from 'node:timers/promises';
import { readGpu } from '#src/bench/gpu-meter.adapter.js';
import { codecClip } from './codec-clips.adapter.js';
import { rounded } from '#src/bench/measure.js';
import { longClip } from './long-clip.adapter.js';
import { gatewaySchema } from '#src/shared/config/schema.js';
import type { StreamStatus } from '#src/shared/domain/stream-status.js';
import { LiveStream } from '#src/stream/live-stream.js';
import { logger, streamConfigFor } from '#src/bench/measured-chain.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import type { StreamReport } from '#src/shared/ipc/messages.js';
import { startTestCamera, type TestCamera } from '#src/test-camera/test-camera.adapter.js';
import { requireGpu } from './required-gpu.js';
import { openRtpSinks } from './rtp-sinks.js';
import type { Step, StepContext } from './step.js';

const WINDOW_MS = 12_000;
const SECOND_WINDOW_MS = 6_000;
const SETTLE_MS = 3_000;
const QUICK_MS = 2_000;
/** How long a camera is away. */
const AWAY_MS = 3_000;
const PULLS = 2;
const LIMIT_MS = 20_000;
const POLL_MS = 10;
/** What the driver keeps of a decoder that was closed, and what rounding does, MiB. */
const LEFT_BEHIND = { atMost: 32 };
const FPS = 30;

/** A camera over RTSP into a whole stream, encoder included; it is pulled and comes back. */
export const camera: Step = {
  summary: 'RTSP cameras, H.264 and H.265, into a whole stream on the GPU; pulled and back again',
  limitS: 110,
  async run(context) {
    await requireGpu();
    await watch('H.264 camera', await longClip(), { pulls: PULLS, windowMs: WINDOW_MS }, context);
    await watch('H.265 camera', await codecClip('h265-1080p'), { pulls: 0, windowMs: SECOND_WINDOW_MS }, context);
  },
};

interface Course {
  readonly pulls: number;
  readonly windowMs: number;
}

async function watch(name: string, file: string, { pulls, windowMs }: Course, context: StepContext): Promise<void> {
  const { put, isQuick } = context;
  const addon = loadAddon();
  const before = await gpuMemory();
  let source: TestCamera = await startTestCamera({ file });
  const { port, url } = source;
  const stream = await WatchedStream.start(url, isQuick);
  try {
    const liveMs = await stream.until(({ state }) => state === 'live', 'live');
    put({ what: `${name}: start → live`, unit: 'ms', value: rounded(liveMs, 0) });
    await stream.pass(isQuick ? QUICK_MS : SETTLE_MS);
    const from = { atMs: stream.statusAtMs, status: stream.status };
    await stream.pass(isQuick ? QUICK_MS : windowMs);
    reportWindow(name, from.status, stream.status, (stream.statusAtMs - from.atMs) / 1000, context);
    const during = await gpuMemory();
    await putMemory(`${name}: GPU memory of the stream`, before, context);
    for (let pull = 1; pull <= pulls; pull += 1) {
      const pulledMs = addon.nowMs();
      await source.kill();
      await stream.until(({ state }) => state !== 'live', 'anything but live');
      const toldMs = addon.nowMs() - pulledMs;
      const toldAs = stream.status.state;
      await stream.pass(AWAY_MS - (addon.nowMs() - pulledMs));
      source = await startTestCamera({ file, port });
      const backMs = await stream.until(({ state }) => state === 'live', 'live again');
      const { gpu } = stream.status;
      put({
        what: `${name}: pulled for the ${pull === 1 ? 'first' : 'second'} time; back → live`,
        unit: 'ms',
        value: rounded(backMs, 0),
        note: `${toldAs} ${rounded(toldMs, 0)} ms after it was pulled; GPU ${gpu?.state}`,
      });
      await stream.pass(isQuick ? QUICK_MS : SETTLE_MS);
      putDecoding(`${name}: after that`, stream.status, context);
      await putMemory(`${name}: after that, GPU memory beyond that before`, during, context);
    }
    if (pulls > 0) await putMemory(`${name}: GPU memory that ${pulls} pulls left behind`, during, context, LEFT_BEHIND);
  } finally {
    await stream.stop();
    await source.kill();
  }
  await putMemory(`${name}: GPU memory after its end, beyond that before`, before, context);
}

function reportWindow(name: string, from: StreamStatus, to: StreamStatus, seconds: number, context: StepContext): void {
  const { put } = context;
  putDecoding(name, to, context);
  const counted = (what: Exclude<keyof StreamStatus['frames'], 'droppedBy'>): number =>
    to.frames[what] - from.frames[what];
  put({
    what: `${name}: source frames a second`,
    unit: 'fps',
    value: rounded(counted('in') / seconds, 2),
    goal: { atLeast: FPS * 0.98 },
    note: `${counted('in')} in, ${counted('out')} out, ${counted('repeated')} repeated, ${counted('dropped')} dropped in ${rounded(seconds, 1)} s`,
  });
  for (const stage of ['decode', 'detect', 'compose', 'encode', 'total'] as const) {
    const { p50, p95 } = to.latencyMs[stage];
    put({ what: `${name}: ${stage}`, unit: 'ms', value: rounded(p50, 2), p95: rounded(p95, 2) });
  }
  const { toHost, toDevice } = to.gpu?.bytesPerFrame ?? { toHost: Number.NaN, toDevice: Number.NaN };
  put({ what: `${name}: to the host, a composed frame`, unit: 'B', value: rounded(toHost, 0) });
  put({ what: `${name}: to the GPU, a composed frame`, unit: 'B', value: rounded(toDevice, 0) });
}

function putDecoding(what: string, { state, source, gpu, people }: StreamStatus, { put }: StepContext): void {
  const stages = gpu?.stages ?? [];
  const places = stages.map(({ stage, memory }) => `${stage} ${memory}`).join(', ');
  const isOnGpu = stages.some(({ stage, memory }) => stage === 'decode' && memory === 'cuda');
  put({
    what: `${what}: decoded into the GPU's memory`,
    unit: '',
    value: isOnGpu && gpu?.state === 'used' ? 1 : 0,
    goal: { atLeast: 1 },
    note: `${state}; ${source.codec} by ${source.decoder}; GPU ${gpu?.state}; frames lie: ${places}; ${people.length} people`,
  });
}

interface MemoryReading {
  /** Of the whole GPU, and of its buffers those that are our own. */
  readonly gpuMib: number;
  readonly ownMib: number;
}

async function putMemory(
  what: string,
  from: MemoryReading,
  { put }: StepContext,
  goal?: { readonly atMost: number },
): Promise<void> {
  const now = await gpuMemory();
  put({
    what,
    unit: 'MiB',
    value: rounded(now.gpuMib - from.gpuMib, 1),
    ...(goal && { goal }),
    note: `own buffers ${rounded(now.ownMib - from.ownMib, 1)} MiB`,
  });
}

async function gpuMemory(): Promise<MemoryReading> {
  const { ownBytes, freeBytes, totalBytes } = loadAddon().gpuMemory();
  const gpu = await readGpu();
  return { gpuMib: gpu?.memoryMib ?? (totalBytes - freeBytes) / 2 ** 20, ownMib: ownBytes / 2 ** 20 };
}

/** A stream, with what it said of itself last. */
class WatchedStream {
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #status: StreamStatus | undefined;
  #statusAtMs = 0;

  private constructor(run: (signal: AbortSignal, report: (message: StreamReport) => void) => Promise<void>) {
    this.#running = run(this.#stopping.signal, (message) => this.#take(message));
    this.#running.catch(() => undefined);
  }

  static async start(url: string, isQuick: boolean): Promise<WatchedStream> {
    const config = streamConfigFor(url, isQuick ? { width: 640, height: 360 } : { width: 1920, height: 1080 });
    const { gpu } = gatewaySchema.parse({ gpu: { use: 'require' } });
    const sinks = await openRtpSinks();
    const { video, audio } = sinks;
    return new WatchedStream((signal, report) =>
      LiveStream.run({ config, gpu, video, audio, logger, report }, signal, () => undefined).finally(() =>
        sinks.close(),
      ),
    );
  }

  get status(): StreamStatus {
    if (this.#status === undefined) throw new Error('the stream has said nothing yet');
    return this.#status;
  }

  /** On the addon's clock. */
  get statusAtMs(): number {
    return this.#statusAtMs;
  }

  /** Waits until it says so; how long that took, ms. */
  async until(isSo: (status: StreamStatus) => boolean, what: string): Promise<number> {
    const addon = loadAddon();
    const begunMs = addon.nowMs();
    while (this.#status === undefined || !isSo(this.#status)) {
      if (addon.nowMs() - begunMs > LIMIT_MS) {
        const { state, error } = this.#status ?? {};
        throw new Error(
          `not ${what} within ${LIMIT_MS / 1000} s: ${state ?? 'no status'}, ${error?.message ?? 'no error'}`,
        );
      }
      await this.pass(POLL_MS);
    }
    return addon.nowMs() - begunMs;
  }

  /** Lets time pass. @throws what the stream fails with meanwhile */
  async pass(ms: number): Promise<void> {
    const ended = this.#running.then(() => Promise.reject(new Error('the stream has ended')));
    await Promise.race([delay(Math.max(0, ms)), ended]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running.catch(() => undefined);
  }

  #take(message: StreamReport): void {
    if (message.type !== 'status') return;
    this.#status = message.status;
    this.#statusAtMs = loadAddon().nowMs();
  }
}
