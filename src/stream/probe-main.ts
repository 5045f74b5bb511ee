import { maskUrlsIn } from '../shared/config/mask-url.js';
import { problemOf } from '../shared/domain/status-error.js';
import type { ProbeCommand, ProbeReport } from '../shared/ipc/probe-messages.js';
import { createLogger } from '../shared/telemetry/logger.js';
import { probeSource } from './source-probe.js';

/**
 * The probe process: tries one source for the gateway that forked it, says what it found, closes the source and ends.
 * Secrets come by message, never by arguments.
 */
const logger = createLogger({ level: 'error', name: 'probe' });

function send(report: ProbeReport): void {
  // URLs in the words of GStreamer may hold secrets; a picture holds none.
  const told = report.type === 'failed' ? (JSON.parse(maskUrlsIn(JSON.stringify(report))) as ProbeReport) : report;
  if (process.connected) process.send?.(told, undefined, undefined, () => undefined);
}

async function run(command: ProbeCommand): Promise<void> {
  try {
    await probeSource(command, logger, (result) => send({ type: 'found', result }));
  } catch (error) {
    send({ type: 'failed', error: problemOf(error) });
  }
  if (process.connected) process.disconnect();
  setImmediate(() => process.exit());
}

process.once('message', (command) => void run(command as ProbeCommand));
// Nobody waits for an answer any more; the gateway, if it still is there, kills what does not end.
process.on('disconnect', () => setImmediate(() => process.exit()));
if (!process.connected) process.exit();
// The gateway gets it from the terminal too, and ends this process.
process.on('SIGINT', () => undefined);
