/**
 * A thread of a stream process that may have many streams. It runs until the process ends.
 * Started by `stream-threads.adapter.ts`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { HEARTBEAT_MS } from '../shared/ipc/messages.js';
import { buildElsewhere } from './gst/pipeline-builder.adapter.js';
import { ownScriptBytes } from './monitor/own-memory.adapter.js';
import { processLogger, processRecordingsFolder } from './process-surroundings.js';
import { StreamHost } from './stream-host.js';
import type { ThreadCommand, ThreadReport, ThreadSetup } from './thread-messages.js';

buildElsewhere((workerData as ThreadSetup).builder);

const host = new StreamHost({
  send: (report) => tell(report.type === 'heartbeat' ? { ...report, scriptBytes: ownScriptBytes() } : report),
  loggerOf: processLogger,
  recordingsFolder: processRecordingsFolder(),
});

parentPort?.on('message', (message: ThreadCommand) => {
  if (message.type === 'stream') host.onCommand(message.streamId, message.command);
  else host.stopAll(message.unasked);
});
host.sendHeartbeat();
setInterval(() => host.sendHeartbeat(), HEARTBEAT_MS);

function tell(report: ThreadReport): void {
  parentPort?.postMessage(report);
}
