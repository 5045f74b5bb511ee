import { DiptychError, type ErrorCode } from './errors.js';

/** What is the matter: a code for programs, words for people. */
export interface Problem {
  /** Stable between versions. */
  readonly code: ErrorCode;
  /** What is wrong, and what can be done about it; no secrets. */
  readonly message: string;
}

/** Why a stream or a target is not live. */
export interface StatusError extends Problem {
  /** ISO 8601, when it is tried again; in the past while that attempt is under way, absent where none is planned. */
  readonly nextTryAt?: string;
}

/** The words of a target's error without the target, where that is named beside them. */
export const withoutTarget = (message: string): string => message.replace(/^target \S+ /, '');

/** What an error says, whoever threw it. @param fallback - the code of an error that has none of ours */
export function problemOf(error: unknown, fallback: ErrorCode = 'DIPTYCH_E_INTERNAL'): Problem {
  if (error instanceof DiptychError) return { code: error.code, message: error.message };
  return { code: fallback, message: error instanceof Error ? error.message : String(error) };
}

/**
 * The error that a status shows.
 *
 * @param nextTryMs - when the next attempt begins, ms since 1970; absent where none is planned
 */
export function statusError({ code, message }: Problem, nextTryMs?: number): StatusError {
  return { code, message, ...(nextTryMs !== undefined && { nextTryAt: new Date(nextTryMs).toISOString() }) };
}
