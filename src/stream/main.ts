import type { Problem } from '../shared/domain/status-error.js';
import { HEARTBEAT_MS, type Preparation, type ProcessCommand, type ProcessReport } from '../shared/ipc/messages.js';
import { AdvancePreparation } from './advance-preparation.js';
import { MemorySaver } from './monitor/memory-saver.adapter.js';
import { ownMemory } from './monitor/own-memory.adapter.js';
import { loadAddon } from './native/addon.adapter.js';
import { processLogger, processRecordingsFolder } from './process-surroundings.js';
import { ReportChannel } from './report-channel.js';
import { StreamHost } from './stream-host.js';
import { StreamThreads, STREAMS_PER_THREAD } from './stream-threads.adapter.js';

/**
 * The stream process: takes commands from the gateway that forked it and runs its streams on this thread, or on further
 * ones where there may be many. The process ends when it is told to, or when the gateway is gone.
 *
 * ```
 *   serving ──end, SIGTERM, gateway gone──▶ ending (streams are stopped) ──last stream over──▶ exiting
 * ```
 */

/**
 * Where one thread may not be enough, this one has no stream: building a graph takes one with a decoder of a GPU some
 * 50 ms, in which the streams of its thread stand still.
 */
const HAS_THREADS = Number(process.env['DIPTYCH_STREAMS_PER_PROCESS'] ?? 1) > STREAMS_PER_THREAD;

let state: 'serving' | 'ending' | 'exiting' = 'serving';
const advance = new AdvancePreparation(processLogger('spare process'));

// A gateway that is gone needs no report; `disconnect` ends the process.
const channel = new ReportChannel((report, onSent) => {
  if (process.connected) process.send?.(report, undefined, undefined, onSent);
  else onSent();
});
const host = new StreamHost({
  send,
  loggerOf: processLogger,
  recordingsFolder: processRecordingsFolder(),
  takePrepared: () => advance.take(),
  isPreparing: () => advance.isOpening,
  onChange: (change) => {
    if (change === 'begins') memorySaver.streamBegins();
    else exitWhenOver();
  },
});
const threads = new StreamThreads({
  streamsPerThread: STREAMS_PER_THREAD,
  onReport: send,
  onOver: exitWhenOver,
  logger: processLogger('stream process'),
});
const memorySaver = new MemorySaver(loadAddon, streamCount);

/** Of all threads. */
function streamCount(): number {
  return host.size + threads.size;
}

/** Reports to the gateway; what the whole process knows is added. */
function send(report: ProcessReport): void {
  if (report.type === 'heartbeat') {
    // Silence is how a gateway learns that something is stuck.
    if (!threads.isStuck()) channel.send({ ...report, isOpening: report.isOpening || threads.isOpening });
    return;
  }
  if (report.type === 'ready') memorySaver.streamIsReady();
  channel.send(withMemory(report));
}

/** Adds to a status what the whole process takes, which the stream itself cannot know. */
function withMemory(report: ProcessReport): ProcessReport {
  if (report.type !== 'status') return report;
  return {
    ...report,
    status: { ...report.status, memory: ownMemory(loadAddon(), streamCount(), threads.scriptBytes) },
  };
}

/** Opens what a stream will need, on the thread that it will be on; never rejects. */
async function prepare(preparation: Preparation): Promise<void> {
  // Native code may block this thread from now on.
  send({ type: 'heartbeat', isOpening: true });
  await (HAS_THREADS ? threads.prepare(preparation) : advance.open(preparation));
  await memorySaver.prepared();
  // From now on silence means that it hangs.
  host.sendHeartbeat();
  send({ type: 'prepared' });
}

/** Stops every stream, then ends the process. Idempotent. @param unasked - why, where the gateway did not ask for it */
function endProcess(unasked?: Problem): void {
  if (state === 'exiting') return;
  state = 'ending';
  host.stopAll(unasked);
  threads.stopAll(unasked);
  exitWhenOver();
}

function exitWhenOver(): void {
  if (state !== 'ending' || streamCount() > 0) return;
  state = 'exiting';
  // Never within the call that a command comes by: Node hands over commands that came before there was a listener in a
  // loop, and throws after it where the channel has gone (Node 20.20, `kPendingMessages`).
  void threads.giveBack().then(() => {
    // What was sent still reaches the gateway: disconnecting writes it first.
    if (process.connected) process.disconnect();
    setImmediate(() => process.exit());
  });
}

function onCommand(command: ProcessCommand): void {
  if (command.type === 'end') {
    endProcess();
    return;
  }
  if (command.type === 'prepare') {
    void prepare(command.preparation);
    return;
  }
  if (command.type === 'environment') {
    Object.assign(process.env, command.variables);
    return;
  }
  const { streamId, ...given } = command;
  if (!HAS_THREADS) {
    host.onCommand(streamId, given);
    return;
  }
  threads.onCommand(streamId, given);
  if (given.type === 'start') memorySaver.streamBegins();
}

host.sendHeartbeat();
setInterval(() => host.sendHeartbeat(), HEARTBEAT_MS);
process.on('message', (message) => onCommand(message as ProcessCommand));
process.on('disconnect', () => endProcess());
// The gateway may have gone while this file was loaded: then there is no event any more.
if (!process.connected) endProcess();
// The gateway gets these from the terminal too, and tells when to stop.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => {
  endProcess({ code: 'DIPTYCH_E_PROCESS', message: 'the stream process was ended by SIGTERM' });
});
