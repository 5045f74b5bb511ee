import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { LastGuard } from './last-guard.adapter.js';

/** After a fatal error, how long closing may take, ms. */
const FATAL_CLOSE_LIMIT_MS = 3_000;

/** What {@link serve} does at the end. */
export interface ServeOptions {
  /** Knows when nothing can go on. */
  readonly guard: Pick<LastGuard, 'fatal'>;
  /** What is done before a gateway closes that is to end. */
  readonly leave: () => Promise<void> | undefined;
  /** Ends everything. */
  readonly close: () => Promise<void>;
}

/**
 * Waits until `signal` aborts or nothing can go on, then closes.
 *
 * @throws what nothing could go on after, once it has closed as far as it can
 */
export async function serve(signal: AbortSignal, { guard, leave, close }: ServeOptions): Promise<void> {
  try {
    if (!signal.aborted) await Promise.race([once(signal, 'abort'), guard.fatal]);
    await Promise.race([leave(), guard.fatal]);
  } catch (error) {
    await Promise.race([close(), delay(FATAL_CLOSE_LIMIT_MS)]);
    throw error;
  }
  await close();
}
