/**
 * A value of a parsed session description as the text that stood there, empty where there is none: the parser
 * gives a number where the text is a whole number, also for names, whatever its types say.
 */
export const sdpText = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
