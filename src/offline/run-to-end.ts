import { Subscription, type Observable } from 'rxjs';
import { DiptychError } from '../shared/domain/errors.js';

/** What else ends a run over a file. */
export interface RunToEndOptions {
  /** Promises of which one that rejects ends the run at once: of the source, of the encoder. */
  readonly failures: readonly Promise<unknown>[];
  /** Ends the run at once. @defaultValue nothing does */
  readonly signal?: AbortSignal;
}

/**
 * Takes frames until there are no more; resolves then. Whatever ends the run before ends the
 * subscription as well.
 * @throws What the frames, or one of `failures`, failed with; `DIPTYCH_E_INTERRUPTED` where `signal` aborts.
 */
export async function runToEnd(frames$: Observable<unknown>, { failures, signal }: RunToEndOptions): Promise<void> {
  const stop = new AbortController();
  const subscription = new Subscription();
  try {
    await new Promise<void>((resolve, reject) => {
      const interrupt = (): void =>
        reject(new DiptychError('DIPTYCH_E_INTERRUPTED', 'interrupted; the file is not complete'));
      for (const failure of failures) failure.catch(reject);
      signal?.addEventListener('abort', interrupt, { signal: stop.signal });
      if (signal?.aborted === true) interrupt();
      // A source that fails completes its frames, too: its reason is given first.
      subscription.add(frames$.subscribe({ error: reject, complete: () => setImmediate(resolve) }));
    });
  } finally {
    stop.abort();
    subscription.unsubscribe();
  }
}
