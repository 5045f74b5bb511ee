import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { LastGuard } from './last-guard.adapter.js';

/** After a fatal error, how long closing may take, ms. */
const FATAL_CLOSE_LIMIT_MS = 3_000;

/**
 * Waits until `signal` aborts or nothing can go on, then closes.
 *
 * @throws what nothing could go on after, once it has closed as far as it can
 */
export async function serve(signal: AbortSignal, { fatal }: LastGuard, close: () => Promise<void>): Promise<void> {
  try {
    if (!signal.aborted) await Promise.race([once(signal, 'abort'), fatal]);
  } catch (error) {
    await Promise.race([close(), delay(FATAL_CLOSE_LIMIT_MS)]);
    throw error;
  }
  await close();
}
