import type { Writable } from 'node:stream';
import { pino, type DestinationStream, type Logger } from 'pino';
import pinoPretty from 'pino-pretty';
import { maskUrlsIn } from '../config/mask-url.js';
import type { GatewayConfig } from '../config/schema.js';
import { terminalLine } from './terminal-line.js';

export type { Logger };

/** What a logger writes, how, and where to. */
export interface LoggerOptions {
  /** The least severe lines to write. @defaultValue 'info' */
  readonly level?: GatewayConfig['log']['level'];
  /** How lines look. @defaultValue 'auto': for people on a terminal, else one JSON object a line */
  readonly format?: GatewayConfig['log']['format'];
  /** On every line: which process or part writes it. */
  readonly name?: string;
  /** Where lines go. @defaultValue standard error, so that standard output stays for results */
  readonly destination?: Writable;
}

const STANDARD_ERROR = 2;

/** Fields that are masked in every line of the log. */
const SECRET_FIELDS = [
  ...['password', '*.password', '*.*.password', '*.*.*.password', '*.*.*.*.password'],
  ...['streamKey', '*.streamKey'],
];

/** Whether lines of this format are for people who sit at a terminal, and so are short. */
export const isForTerminal = (format: LoggerOptions['format'] = 'auto'): boolean =>
  format === 'pretty' || (format === 'auto' && process.stderr.isTTY);

/**
 * A logger that writes synchronously, so that the last lines before the end of the process are not lost.
 * Secrets are masked, in fields and in URLs.
 */
export function createLogger({ level = 'info', format = 'auto', name, destination }: LoggerOptions = {}): Logger {
  const isPretty = isForTerminal(format);
  const stream = isPretty
    ? pinoPretty({
        colorize: process.stderr.isTTY,
        // The message holds all that is written.
        ignore: 'pid,hostname,name,level,time',
        hideObject: true,
        messageFormat: (line) => terminalLine(line),
        destination: destination ?? standardError(),
        sync: true,
      })
    : (destination ?? standardError());
  return pino(
    {
      level,
      base: name === undefined ? null : { name },
      redact: { paths: SECRET_FIELDS, censor: '***' },
      timestamp: pino.stdTimeFunctions.isoTime,
      // GStreamer names URLs as it was given them, and so do errors of other libraries.
      hooks: { streamWrite: maskUrlsIn },
    },
    stream,
  );
}

/** A log that cannot be written, such as on a full disk, is no reason to end what is logged. */
function standardError(): DestinationStream {
  const stream = pino.destination({ fd: STANDARD_ERROR, sync: true });
  stream.on('error', () => undefined);
  return stream;
}
