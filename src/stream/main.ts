import { BehaviorSubject } from 'rxjs';
import { DiptychError } from '../shared/domain/errors.js';
import { problemOf, type Problem } from '../shared/domain/status-error.js';
import { loadAddon } from './native/addon.adapter.js';
import {
  HEARTBEAT_MS,
  type MediaOrigins,
  type Preparation,
  type ProcessCommand,
  type ProcessReport,
  type StreamCommand,
  type StreamReport,
  type WantedStream,
} from '../shared/ipc/messages.js';
import { createLogger, isForTerminal, type Logger, type LoggerOptions } from '../shared/telemetry/logger.js';
import { MemorySaver } from './monitor/memory-saver.adapter.js';
import { ownMemory } from './monitor/own-memory.adapter.js';
import { LiveStream, type LiveStreamSteps } from './live-stream.js';
import { chooseDecoders } from './stages/ingest/decoder-choice.js';
import { thisMachine } from './stages/ingest/decoder-machine.adapter.js';
import { publishableVideo } from './stages/ingest/stream-branches.js';
import { PreparedStream } from './prepared-stream.js';
import { ReportChannel } from './report-channel.js';

/**
 * The stream process: takes commands from the gateway that forked it and runs its streams, which
 * are independent of each other. A stream ends when it is told to, when its source ends for good, or
 * when it fails; the process when it is told to, or when the gateway is gone.
 *
 * ```
 *   serving ──end, SIGTERM, gateway gone──▶ ending (streams are stopped) ──last stream over──▶ exit
 * ```
 */
const {
  DIPTYCH_LOG_LEVEL: level,
  DIPTYCH_LOG_FORMAT: format,
  DIPTYCH_RECORDINGS_FOLDER: recordingsFolder,
} = process.env;

/** A stream from its start command to its last report. */
interface RunningStream {
  readonly stopping: AbortController;
  readonly logger: Logger;
  /** The newest document; followed once the stream is ready. */
  readonly wanted$: BehaviorSubject<WantedStream>;
  /** Absent while it is starting. */
  live?: LiveStream;
}

const streams = new Map<string, RunningStream>();
const memorySaver = new MemorySaver(loadAddon, () => streams.size);
let state: 'serving' | 'ending' = 'serving';
/** Why all streams are stopped though the gateway did not ask for it. */
let unasked: Problem | undefined;
/** Absent once a stream has taken it. */
let prepared: PreparedStream | undefined;

// A gateway that is gone needs no report; `disconnect` ends the process.
const channel = new ReportChannel((report, onSent) => {
  if (process.connected) process.send?.(report, undefined, undefined, onSent);
  else onSent();
});
const send = (report: ProcessReport): void => channel.send(report);

/** At a terminal the gateway tells what happens to streams, in its own words; how it comes about is for `debug`. */
function loggerOf(name: string): Logger {
  const given = {
    ...(level && { level: level as NonNullable<LoggerOptions['level']> }),
    ...(format && { format: format as NonNullable<LoggerOptions['format']> }),
  };
  const isToldByGateway = isForTerminal(given.format) && (given.level ?? 'info') === 'info';
  return createLogger({ ...given, ...(isToldByGateway && { level: 'error' }), name });
}

/** Opens what a stream will need; never rejects. */
async function prepare(preparation: Preparation): Promise<void> {
  const logger = loggerOf('spare process');
  try {
    // Native code may block this thread from now on.
    send({ type: 'heartbeat', isOpening: true });
    await prepared?.close();
    prepared = new PreparedStream(preparation, logger);
    await prepared.ready;
    await memorySaver.prepared();
  } catch (error) {
    logger.warn({ err: error }, 'not everything could be opened in advance; a stream tries again');
  }
  // From now on silence means that it hangs.
  sendHeartbeat();
  send({ type: 'prepared' });
}

/** Hands over what was prepared, once. */
function takePrepared(): Partial<LiveStreamSteps> {
  const taken = prepared;
  prepared = undefined;
  return taken ? { openBackend: (options) => taken.openBackend(options) } : {};
}

/** Runs a stream to its end; never rejects. */
async function runStream(streamId: string, command: Extract<StreamCommand, { type: 'start' }>): Promise<void> {
  const logger = loggerOf(`stream ${streamId}`);
  const { wanted, gpu, video, audio, isHeld = false } = command;
  const wanted$ = new BehaviorSubject(wanted);
  const stream: RunningStream = { stopping: new AbortController(), logger, wanted$ };
  streams.set(streamId, stream);
  memorySaver.streamBegins();
  // Native code may block this thread from now on.
  sendHeartbeat();
  const report = (news: StreamReport): void => send({ ...withMemory(news), streamId });
  report(reachedBeforeReady(wanted));
  let failure: Problem | undefined;
  try {
    const onOrigins = (origins: MediaOrigins): void => send({ type: 'media', streamId, origins });
    const options = {
      config: wanted.config,
      before: wanted.people,
      wanted$,
      gpu,
      ...{ video, audio, isHeld },
      logger,
      report,
      onOrigins,
      steps: takePrepared(),
      ...(recordingsFolder !== undefined && { recordingsFolder }),
    };
    await LiveStream.run(options, stream.stopping.signal, (live) => {
      stream.live = live;
      sendHeartbeat();
      report({ type: 'ready', publishableVideo: publishableHere() });
      memorySaver.streamIsReady();
    });
    failure = unasked;
  } catch (error) {
    if (stream.stopping.signal.aborted && !stream.live) {
      logger.debug({ err: error }, 'the stream was told to stop while it was opened');
      failure = unasked;
    } else {
      logger.error({ err: error }, 'stream failed');
      failure = problemOf(error);
    }
  }
  streams.delete(streamId);
  report({ type: 'stopped', ...(failure !== undefined && { error: failure }) });
  exitWhenOver();
}

/** What can be decoded of what is published, by any decoder of this machine. */
const publishableHere = (): readonly string[] => publishableVideo(chooseDecoders(thisMachine(loadAddon())));

/** Tells the gateway that this thread is not stuck. */
function sendHeartbeat(): void {
  const isStarting = [...streams.values()].some(({ live }) => live === undefined);
  send({ type: 'heartbeat', isOpening: isStarting || prepared?.isOpening === true });
}

/** Adds to a status what the whole process takes, which the stream itself cannot know. */
function withMemory(report: StreamReport): StreamReport {
  if (report.type !== 'status') return report;
  return { ...report, status: { ...report.status, memory: ownMemory(loadAddon(), streams.size) } };
}

/** Stops every stream, then ends the process. Idempotent. */
function endProcess(): void {
  state = 'ending';
  for (const { stopping } of streams.values()) stopping.abort();
  exitWhenOver();
}

function exitWhenOver(): void {
  if (state !== 'ending' || streams.size > 0) return;
  // What was sent still reaches the gateway: disconnecting writes it first.
  if (process.connected) process.disconnect();
  setImmediate(() => process.exit());
}

async function sendSnapshot(streamId: string, requestId: number): Promise<void> {
  try {
    const live = streams.get(streamId)?.live;
    if (!live) throw new DiptychError('DIPTYCH_E_NOT_FOUND', 'the stream is still starting; ask again in a second');
    const jpeg = await live.snapshot();
    send({ type: 'snapshot', streamId, requestId, jpegBase64: Buffer.from(jpeg).toString('base64') });
  } catch (error) {
    send({ type: 'snapshot', streamId, requestId, error: error instanceof Error ? error.message : String(error) });
  }
}

/** Ends the media of a stream for another run; a stream that is not ready, or fails, gives no answer. */
async function releaseMedia(streamId: string): Promise<void> {
  const stream = streams.get(streamId);
  try {
    const position = await stream?.live?.encoder.media?.release();
    if (position) send({ type: 'media-released', streamId, position });
  } catch (error) {
    stream?.logger.warn({ err: error }, 'the media could not be handed over');
  }
}

/** Something else is wanted; a stream that is ready follows and says so itself. */
function want(streamId: string, stream: RunningStream, wanted: WantedStream): void {
  if (wanted.revision < stream.wanted$.value.revision) return;
  stream.wanted$.next(wanted);
  if (!stream.live) send({ ...reachedBeforeReady(wanted), streamId });
}

/** A stream that is still starting runs nothing that is not wanted, as it publishes nothing. */
const reachedBeforeReady = ({ revision }: WantedStream): StreamReport => ({
  type: 'reached',
  reached: { revision, slotAction: 0 },
});

function carryOut(command: ProcessCommand): void {
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
  const { streamId } = command;
  const stream = streams.get(streamId);
  switch (command.type) {
    case 'start':
      void runStream(streamId, command);
      return;
    case 'wanted':
      if (stream) want(streamId, stream, command.wanted);
      return;
    case 'keyframe':
      stream?.live?.encoder.requestKeyframe(command.minDistanceMs);
      return;
    case 'send-media':
      stream?.live?.encoder.media?.send(command.position);
      return;
    case 'release-media':
      void releaseMedia(streamId);
      return;
    case 'snapshot':
      void sendSnapshot(streamId, command.requestId);
      return;
    case 'stop':
      stream?.stopping.abort();
  }
}

/** A command that one stream cannot carry out does not end the others. */
function onCommand(command: ProcessCommand): void {
  try {
    carryOut(command);
  } catch (error) {
    const stream = 'streamId' in command ? streams.get(command.streamId) : undefined;
    if (!stream) throw error;
    stream.logger.warn({ err: error, command: command.type }, 'the command could not be carried out');
  }
}

sendHeartbeat();
setInterval(sendHeartbeat, HEARTBEAT_MS);
process.on('message', (message) => onCommand(message as ProcessCommand));
process.on('disconnect', endProcess);
// The gateway may have gone while this file was loaded: then there is no event any more.
if (!process.connected) endProcess();
// The gateway gets these from the terminal too, and tells when to stop.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => {
  unasked ??= { code: 'DIPTYCH_E_PROCESS', message: 'the stream process was ended by SIGTERM' };
  endProcess();
});
