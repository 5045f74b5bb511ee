import type { ErrorCode } from '../../shared/domain/errors.js';
import { RefusedRequest } from '../api/refused-request.js';
import { statusOf } from '../api/http-errors.js';

/** Codes of what there is only so much of. */
export type LimitCode = Extract<ErrorCode, `DIPTYCH_E_LIMIT_${string}`>;

/** When somebody who was refused may ask again, s. */
const RETRY_AFTER_S = 3;

/**
 * There is no room for one more.
 *
 * @param what - what there is already, such as `there are 64 streams`
 * @param option - of `limits`, such as `streams`
 * @param advice - what else than raising the limit helps
 */
export const limitError = (code: LimitCode, what: string, option: string, advice: string): RefusedRequest =>
  new RefusedRequest(`${what}, which is the most that limits.${option} allows; ${advice}, or change that option`, {
    ...{ status: statusOf(code), code },
    headers: { 'retry-after': String(RETRY_AFTER_S) },
  });
