import { createLogger, isForTerminal, type Logger, type LoggerOptions } from '../shared/telemetry/logger.js';

/** At a terminal the gateway tells what happens to streams, in its own words; how it comes about is for `debug`. */
export function processLogger(name: string): Logger {
  const { DIPTYCH_LOG_LEVEL: level, DIPTYCH_LOG_FORMAT: format } = process.env;
  const given = {
    ...(level && { level: level as NonNullable<LoggerOptions['level']> }),
    ...(format && { format: format as NonNullable<LoggerOptions['format']> }),
  };
  const isToldByGateway = isForTerminal(given.format) && (given.level ?? 'info') === 'info';
  return createLogger({ ...given, ...(isToldByGateway && { level: 'error' }), name });
}

/** Where the gateway lets streams record to; absent where they may not. */
export const processRecordingsFolder = (): string | undefined => process.env['DIPTYCH_RECORDINGS_FOLDER'];
