import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Bytes of a fence: the deadline, then the same with all bits turned over, so that a reader sees half a write. */
const FENCE_BYTES = 16;
/** Begins the name of the folder; the PID of the gateway follows. */
const NAME = 'diptych-fence-';
const FILE = 'deadline';
/** A gateway that runs writes its deadline every half second, ms. */
const SILENT_MS = 5000;
/** Nothing may be published. */
const CLOSED_NS = 0n;
/** What a deadline is that never comes: whenAlone is continue. */
const OPEN_NS = 2n ** 63n - 1n;

/**
 * Until when the stream processes of this gateway may publish and record: nanoseconds of the monotonic clock, in a file
 * that they map into their memory. It stays as it is when this process stops or dies, and so runs out by itself.
 */
export class FenceFile {
  /** For those who map it. */
  readonly path: string;
  readonly #file: number;
  #isOpen = true;

  private constructor(file: string, flags: 'w' | 'r+') {
    this.path = file;
    this.#file = openSync(file, flags, 0o600);
  }

  /** A closed one, in memory where the system has a folder for that. */
  static create(): FenceFile {
    const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    removeLeftBehind(parent);
    const folder = mkdtempSync(path.join(parent, `${NAME}${process.pid}-`));
    const fence = new FenceFile(path.join(folder, FILE), 'w');
    fence.write(-Infinity);
    return fence;
  }

  /** One that is there, as another thread opens it. */
  static open(file: string): FenceFile {
    return new FenceFile(file, 'r+');
  }

  /** Moves the deadline. @param deadlineMs - monotonic clock; -Infinity closes it, Infinity leaves it open */
  write(deadlineMs: number): void {
    const bytes = Buffer.alloc(FENCE_BYTES);
    const deadline = deadlineNs(deadlineMs);
    bytes.writeBigInt64LE(deadline, 0);
    bytes.writeBigInt64LE(~deadline, FENCE_BYTES / 2);
    writeSync(this.#file, bytes, 0, FENCE_BYTES, 0);
  }

  /** Closes it, and takes it away: who has it in memory goes on seeing that it is closed. Idempotent. */
  remove(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.write(-Infinity);
    closeSync(this.#file);
    rmSync(path.dirname(this.path), { recursive: true, force: true });
  }
}

/** Takes away what gateways have left that were killed; who has such a file in memory goes on seeing its deadline. */
function removeLeftBehind(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(NAME) ? /^\d+(?=-)/.exec(name.slice(NAME.length))?.[0] : undefined;
    if (pid === undefined || isRunning(Number(pid))) continue;
    const folder = path.join(parent, name);
    try {
      // A gateway of another container may share the folder and have PIDs of its own.
      const { mtimeMs } = statSync(existsSync(path.join(folder, FILE)) ? path.join(folder, FILE) : folder);
      if (Date.now() - mtimeMs > SILENT_MS) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function deadlineNs(deadlineMs: number): bigint {
  if (Number.isFinite(deadlineMs)) return BigInt(Math.floor(deadlineMs * 1e6));
  return deadlineMs > 0 ? OPEN_NS : CLOSED_NS;
}
