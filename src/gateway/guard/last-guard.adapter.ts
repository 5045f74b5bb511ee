import type { Logger } from '../../shared/telemetry/logger.js';

/** The part of `process` that the guard needs. */
export interface GuardedProcess {
  /** With a listener, an uncaught exception no longer ends the process. */
  on(event: 'uncaughtException', listener: UncaughtListener): unknown;
  /** Takes the listener off again. */
  off(event: 'uncaughtException', listener: UncaughtListener): unknown;
}

type UncaughtListener = (error: unknown, origin: 'uncaughtException' | 'unhandledRejection') => void;

/** What the guard watches, and whom it tells. */
export interface LastGuardOptions {
  /** Errors after which the process goes on (error), and the first after which it cannot (fatal). */
  readonly logger: Pick<Logger, 'error' | 'fatal'>;
  /** What is watched. @defaultValue this process */
  readonly target?: GuardedProcess;
}

/** A guard that stands. */
export interface LastGuard {
  /** Rejects with the first error after which the process cannot go on; never resolves. */
  readonly fatal: Promise<never>;
  /** Takes the guard away. Idempotent. */
  remove(): void;
}

/**
 * Errors after which nothing in the process can be relied on: Node reports that its own state is
 * broken, or memory is used up.
 */
const FATAL_CODES = new Set(['ERR_INTERNAL_ASSERTION', 'ERR_MEMORY_ALLOCATION_FAILED']);
const OUT_OF_MEMORY = /allocation failed|out of memory/i;

/** Whether the process must end after this error instead of going on. */
export function isFatal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && FATAL_CODES.has(error.code)) return true;
  return error instanceof RangeError && OUT_OF_MEMORY.test(error.message);
}

/**
 * The last guard of the gateway process: an exception that nothing caught, or a promise whose
 * rejection nothing handled, is a bug in one request or one stream. It is logged, and the streams
 * go on. It does not count such errors and give up after so many: whoever can cause one could then
 * end all streams by causing many. Only an error after which the process itself is broken
 * ({@link isFatal}) ends it, by {@link LastGuard.fatal}.
 *
 * Node raises an unhandled rejection as an uncaught exception where only that has a listener, so
 * one listener sees both.
 */
export function installLastGuard({ logger, target = process }: LastGuardOptions): LastGuard {
  let end: (error: unknown) => void = () => undefined;
  const fatal = new Promise<never>((_, reject) => {
    end = reject;
  });
  // A gateway that nobody waits for, as in tests, is no further error.
  fatal.catch(() => undefined);
  const onUncaught: UncaughtListener = (error, origin) => {
    const mustEnd = isFatal(error);
    try {
      if (mustEnd) logger.fatal({ err: error, origin }, 'the gateway cannot go on and ends');
      else logger.error({ err: error, origin }, 'an error that nothing handled; the gateway goes on');
    } catch {
      // An exception in here would end the process at once; a log that cannot be written is no reason.
    }
    if (mustEnd) end(error);
  };
  target.on('uncaughtException', onUncaught);
  return { fatal, remove: () => void target.off('uncaughtException', onUncaught) };
}
