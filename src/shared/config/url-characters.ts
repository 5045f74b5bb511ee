import * as z from 'zod';

/** Text that is taken as a URL, not as the path of a file. Spaces before it are a mistake, not a path. */
const URL_LIKE = /^[\0-\x20\x7f]*(?:[a-z][a-z0-9+.-]*:\/\/|(?:test|whip|rtsps?|rtmps?|srt|v4l2|https?|file):)/i;
/** No file name holds NUL, and half of a character (a lone surrogate) cannot be written at all. */
const NOT_IN_PATH = /[\0\p{Cs}]/u;
/**
 * Spaces, ends of lines, and what cannot be seen: RFC 3986 allows none of them, and in a request
 * they begin a line or a word of their own.
 */
const NOT_IN_URL = /[\s\p{Cc}\p{Cf}\p{Cs}]/u;
/** Control characters (C0, C1), ends of lines (U+2028, U+2029), halves of characters. */
const NOT_IN_TEXT = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/**
 * What is wrong with the characters of a URL, in words without the URL itself, which may hold
 * secrets; `undefined` where nothing is. The path of a file, which is sent nowhere, may hold any but NUL
 * and lone surrogates.
 */
export function explainUrlCharacters(text: string): string | undefined {
  return explain(text, URL_LIKE.test(text) ? NOT_IN_URL : NOT_IN_PATH, 'a space is written as %20');
}

/** The same for text that is put into a request beside a URL, such as a user name; spaces are allowed. */
export function explainControlCharacters(text: string): string | undefined {
  return explain(text, NOT_IN_TEXT, 'take it out');
}

/** Text of a configuration without characters that {@link explainUrlCharacters} names. */
export const urlText = (): z.ZodString => checkedText(explainUrlCharacters);

/** Text of a configuration without control characters, ends of lines and halves of characters. */
export const plainText = (): z.ZodString => checkedText(explainControlCharacters);

/** Text of a configuration that is an address or a host name: no spaces, no control characters. */
export const addressText = (): z.ZodString => checkedText((text) => explain(text, NOT_IN_URL, 'take it out'));

/** Text of a configuration, whose mistake is told without the text itself. */
export function checkedText(explainCharacters: (text: string) => string | undefined): z.ZodString {
  return z.string().check((context) => {
    const message = explainCharacters(context.value);
    if (message === undefined) return;
    context.issues.push({ code: 'custom', message, input: context.value, params: { isValueHidden: true } });
  });
}

function explain(text: string, forbidden: RegExp, advice: string): string | undefined {
  const index = text.search(forbidden);
  if (index < 0) return undefined;
  return `character ${index + 1} is ${nameOf(text.codePointAt(index) ?? 0)}, which is not allowed here; ${advice}`;
}

function nameOf(code: number): string {
  if (code === 0x20) return 'a space';
  const character = String.fromCodePoint(code);
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (/\p{Cs}/u.test(character)) return `half of a character (${name})`;
  if (/[\s\p{Zl}\p{Zp}]/u.test(character) && code > 0x9f) return `a kind of space or end of line (${name})`;
  return /\p{Cf}/u.test(character) ? `a character that cannot be seen (${name})` : `a control character (${name})`;
}
