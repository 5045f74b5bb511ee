import { maskUrlsIn } from '../../shared/config/mask-url.js';
import { DiptychError } from '../../shared/domain/errors.js';

/** `good`: all of it can be used · `limited`: works, but a faster or better way is missing · `broken`: the product cannot do its job. */
export type Verdict = 'good' | 'limited' | 'broken';

/** What was found out about one part of the machine. */
export interface Finding {
  /** The part, such as `decode h264`; a few words. */
  readonly area: string;
  /** Whether that part can be used. */
  readonly verdict: Verdict;
  /** What was found, secrets masked. */
  readonly text: string;
  /** What to do about it; absent where there is nothing to do. */
  readonly advice?: string;
}

/** What went wrong, with its code, secrets masked. */
export const messageOf = (error: unknown): string => {
  if (error instanceof DiptychError) return maskUrlsIn(`${error.code}: ${error.message}`);
  return maskUrlsIn(error instanceof Error ? error.message : String(error));
};
