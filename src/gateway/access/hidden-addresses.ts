import { schemeOf } from '../../shared/config/source-url.js';
import { ERROR_CODES, type ErrorCode } from '../../shared/domain/errors.js';
import type { StatusError } from '../../shared/domain/status-error.js';
import type { StreamStatus } from '../../shared/domain/stream-status.js';
import type { StreamEvent } from '../../shared/ipc/messages.js';
import { hasRole, type Caller } from './caller.js';

/*
 * What those who only watch are not told: where sources and targets are, for the names of hosts and files are of the
 * inside of a network. What is left: kinds, states, codes, figures, and the names that people gave.
 */

const HIDDEN = '***';
/** Nothing of these is an address. */
const PLACELESS = /^(?:test|whip):/i;
/** A target that is called has a port of this machine, and no host. */
const SRT_LISTENER = /^srt:\/\/:\d+/i;
const CODE = /DIPTYCH_E_[A-Z_]+/;

/** Fields of events whose texts name no place. */
const TOLD: ReadonlySet<string> = new Set([
  ...['action', 'code', 'event', 'file', 'formerName', 'from', 'kind', 'layout', 'live', 'name', 'nextTryAt'],
  ...['restart', 'since', 'state', 'target', 'to'],
]);

/** Whether somebody may know where sources and targets are: those who operate, and no guest. */
export const seesAddresses = (caller: Caller): boolean => caller.way !== 'guest' && hasRole(caller, 'operate');

/** The status of a stream as a caller may see it. */
export const statusFor = <T extends StreamStatus>(caller: Caller, status: T): T =>
  seesAddresses(caller) ? status : withoutAddresses(status);

/** The status of a stream without the places of sources and targets, and without words that may name them. */
export function withoutAddresses<T extends StreamStatus>(status: T): T {
  const { source, targets, recording } = status;
  const { transportReason: _transport, audioReason: _audio, next, ...rest } = source;
  return {
    ...withoutWords(status),
    source: {
      ...rest,
      url: hideUrl(source.url),
      ...(next && { next: { ...withoutWords(next), url: hideUrl(next.url) } }),
    },
    targets: targets.map((target) => ({ ...withoutWords(target), url: hideUrl(target.url) })),
    recording: withoutWords(recording),
  };
}

/** An event without the places of sources and targets, and without words that may name them. */
export const eventWithoutAddresses = (event: StreamEvent): StreamEvent => ({
  ...event,
  details: withoutPlaces(event.details),
});

/** `rtsp://***`; of a file and a device nothing is left. */
export function hideUrl(url: string): string {
  if (PLACELESS.test(url)) return url;
  const scheme = schemeOf(url);
  if (scheme === undefined || scheme === 'file') return HIDDEN;
  return SRT_LISTENER.exec(url)?.[0] ?? (scheme === 'v4l2' ? `v4l2:${HIDDEN}` : `${scheme}://${HIDDEN}`);
}

/** Of an error its code is left, and what that stands for. */
const withoutWords = <T extends { readonly error?: StatusError }>(told: T): T =>
  told.error ? { ...told, error: { ...told.error, message: ERROR_CODES[told.error.code] } } : told;

type Details = Readonly<Record<string, unknown>>;

function withoutPlaces(details: Details): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).flatMap(([key, value]) => {
      if (key === 'url') return [[key, hideUrl(String(value))]];
      if (key === 'reason' || key === 'message') return codeMeaning(value, details).map((text) => [key, text]);
      if (Array.isArray(value)) return TOLD.has(key) || !value.some(isText) ? [[key, value]] : [];
      if (isBlock(value)) return [[key, withoutPlaces(value)]];
      return isText(value) && !TOLD.has(key) ? [] : [[key, value]];
    }),
  );
}

/** What the code stands for that a text begins with, or that stands beside it; nothing without one. */
function codeMeaning(text: unknown, { code }: Details): string[] {
  const found = CODE.exec(String(text))?.[0] ?? code;
  const known = typeof found === 'string' && Object.hasOwn(ERROR_CODES, found) ? (found as ErrorCode) : undefined;
  if (known === undefined) return [];
  return [code === undefined ? `${known}: ${ERROR_CODES[known]}` : ERROR_CODES[known]];
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isBlock = (value: unknown): value is Details => typeof value === 'object' && value !== null;
