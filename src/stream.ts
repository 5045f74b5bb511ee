import { DiptychError } from '#domain/errors.js';
import type { StreamCommand, StreamReport } from '#supervision/messages.js';
import { createLogger, type LoggerOptions } from '#telemetry/logger.js';
import { LiveStream } from './live-stream.js';

/**
 * The stream process: takes commands from the gateway that forked it, runs one stream, and ends
 * when it is told to, when its source ends for good, or when the gateway is gone.
 */
const { DIPTYCH_LOG_LEVEL: level, DIPTYCH_LOG_FORMAT: format } = process.env;
const stopping = new AbortController();
let stream: LiveStream | undefined;

function send(report: StreamReport): void {
  // A gateway that is gone needs no report; `disconnect` ends the process.
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
}

async function run(command: Extract<StreamCommand, { type: 'start' }>): Promise<void> {
  const { streamId, config, video, audio } = command;
  const logger = createLogger({
    ...(level && { level: level as NonNullable<LoggerOptions['level']> }),
    ...(format && { format: format as NonNullable<LoggerOptions['format']> }),
    name: `stream ${streamId}`,
  });
  try {
    await LiveStream.run({ config, video, audio, logger, report: send }, stopping.signal, (ready) => {
      stream = ready;
      send({ type: 'ready' });
    });
    send({ type: 'stopped' });
    end(0);
  } catch (error) {
    logger.error({ err: error }, 'stream failed');
    end(1);
  }
}

/** Lets what was sent reach the gateway first. */
function end(status: number): void {
  process.exitCode = status;
  if (process.connected) process.disconnect();
  setImmediate(() => process.exit());
}

async function sendSnapshot(requestId: number): Promise<void> {
  try {
    if (!stream) throw new DiptychError('DIPTYCH_E_NOT_FOUND', 'the stream is still starting; ask again in a second');
    const jpeg = await stream.snapshot();
    send({ type: 'snapshot', requestId, jpegBase64: Buffer.from(jpeg).toString('base64') });
  } catch (error) {
    send({ type: 'snapshot', requestId, error: error instanceof Error ? error.message : String(error) });
  }
}

function obey(command: StreamCommand): void {
  switch (command.type) {
    case 'start':
      void run(command);
      return;
    case 'target-add':
      stream?.addTarget(command.targetId, command.url);
      return;
    case 'target-remove':
      stream?.removeTarget(command.targetId);
      return;
    case 'keyframe':
      stream?.forceKeyframe();
      return;
    case 'slots':
      stream?.applySlots(command.command);
      return;
    case 'snapshot':
      void sendSnapshot(command.requestId);
      return;
    case 'stop':
      stopping.abort();
  }
}

process.on('message', (message) => obey(message as StreamCommand));
process.on('disconnect', () => stopping.abort());
// The gateway gets these from the terminal too, and tells when to stop.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => stopping.abort());
