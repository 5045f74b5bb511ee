/**
 * A thread of a stream process that may have many streams. It runs until it is told to end, or the process ends.
 * Started by `stream-threads.adapter.ts`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { HEARTBEAT_MS, type Preparation } from '../shared/ipc/messages.js';
import { AdvancePreparation } from './advance-preparation.js';
import { startChildThreadsElsewhere } from './inference/child-thread.adapter.js';
import { buildElsewhere } from './gst/pipeline-builder.adapter.js';
import { ownScriptBytes } from './monitor/own-memory.adapter.js';
import { processLogger, processRecordingsFolder } from './process-surroundings.js';
import { StreamHost } from './stream-host.js';
import type { ThreadCommand, ThreadReport, ThreadSetup } from './thread-messages.js';

const { builder, starter } = workerData as ThreadSetup;
buildElsewhere(builder);
startChildThreadsElsewhere(starter);

const advance = new AdvancePreparation(processLogger('spare process'));
const host = new StreamHost({
  send: (report) => tell(report.type === 'heartbeat' ? { ...report, scriptBytes: ownScriptBytes() } : report),
  loggerOf: processLogger,
  recordingsFolder: processRecordingsFolder(),
  takePrepared: () => advance.take(),
  isPreparing: () => advance.isOpening,
});

parentPort?.on('message', (message: ThreadCommand) => {
  if (message.type === 'prepare') void prepare(message.preparation);
  else if (message.type === 'give-back') void giveBack();
  else if (message.type === 'end') void end();
  else if (message.type === 'stream') host.onCommand(message.streamId, message.command);
  else host.stopAll(message.unasked);
});
host.sendHeartbeat();
setInterval(() => host.sendHeartbeat(), HEARTBEAT_MS);

async function prepare(preparation: Preparation): Promise<void> {
  const opening = advance.open(preparation);
  host.sendHeartbeat();
  await opening;
  host.sendHeartbeat();
  tell({ type: 'prepared' });
}

async function giveBack(): Promise<void> {
  await advance.close();
  tell({ type: 'gave-back' });
}

async function end(): Promise<void> {
  await advance.close();
  process.exit();
}

function tell(report: ThreadReport): void {
  parentPort?.postMessage(report);
}
