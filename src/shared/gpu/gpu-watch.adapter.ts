import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { findProgram } from '../programs/find-program.adapter.js';
import { Backoff } from '../retry/backoff.js';
import { GPU_FIELDS, parseGpuReading, type GpuReading } from './gpu-reading.js';

/** A reading that no other one has followed for so many times the interval says nothing any more: the driver hangs. */
const KEPT_FOR = 3;

/** Between attempts at one that ends each time, as where a driver does not know a field: each start costs pictures. */
const MOST_BETWEEN_STARTS_MS = 600_000;

/** What a {@link GpuWatch} reads. */
export interface GpuWatchOptions {
  /** Indices or UUIDs. @defaultValue the first one */
  readonly devices?: readonly (number | string)[];
  /** From one reading to the next, ms. */
  readonly everyMs: number;
  /** Called with each reading of each GPU. Must not throw. */
  readonly onReading?: (reading: GpuReading, uuid: string) => void;
}

/**
 * Reads GPUs again and again, by one `nvidia-smi` that stays. While one starts, the driver holds up all decoders of
 * the GPU: 144 streams of an H200 lost 281 pictures each time, and none by further readings of one that runs.
 */
export class GpuWatch {
  readonly #options: GpuWatchOptions;
  readonly #program = findProgram('nvidia-smi');
  readonly #backoff = new Backoff({ baseMs: 5000, capMs: MOST_BETWEEN_STARTS_MS });
  readonly #latest = new Map<string, { readonly reading: GpuReading; readonly atMs: number }>();
  #noteFirst = (): void => undefined;
  /** Resolves with the first reading, or once there will be none so soon. */
  readonly first = new Promise<void>((resolve) => (this.#noteFirst = resolve));
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** Begins; without `nvidia-smi` there are no readings. */
  constructor(options: GpuWatchOptions) {
    this.#options = options;
    this.#start();
  }

  /** The newest reading of each GPU; empty where nothing could be read lately. */
  get latest(): readonly GpuReading[] {
    const sinceMs = performance.now() - KEPT_FOR * this.#options.everyMs;
    return [...this.#latest.values()].flatMap(({ reading, atMs }) => (atMs >= sinceMs ? [reading] : []));
  }

  /** Ends it. Idempotent. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#child?.kill();
    this.#noteFirst();
  }

  #start(): void {
    if (this.#program === undefined) {
      this.#noteFirst();
      return;
    }
    const { devices = [0], everyMs } = this.#options;
    const fields = ['uuid', ...GPU_FIELDS].join(',');
    const child = spawn(
      this.#program,
      [`--id=${devices.join(',')}`, `--query-gpu=${fields}`, '--format=csv,noheader,nounits', `--loop-ms=${everyMs}`],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    this.#child = child;
    const sinceMs = performance.now();
    createInterface({ input: child.stdout }).on('line', (line) => this.#read(line));
    const ended = (): void => this.#ended(child, performance.now() - sinceMs);
    child.once('error', ended);
    child.once('close', ended);
    // It is no reason to stay.
    child.unref();
  }

  #read(line: string): void {
    const end = line.indexOf(',');
    const reading = parseGpuReading(line.slice(end + 1));
    if (!reading) return;
    const uuid = line.slice(0, end);
    this.#latest.set(uuid, { reading, atMs: performance.now() });
    this.#noteFirst();
    this.#options.onReading?.(reading, uuid);
  }

  #ended(child: ChildProcess, workedMs: number): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#latest.clear();
    this.#noteFirst();
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => this.#start(), this.#backoff.nextDelayMs(workedMs));
    this.#timer.unref();
  }
}
