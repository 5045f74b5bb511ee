import { BehaviorSubject } from 'rxjs';
import { DiptychError } from '../shared/domain/errors.js';
import { withMore } from '../shared/with-more.js';
import { problemOf, type Problem } from '../shared/domain/status-error.js';
import type { MediaOrigins, ProcessReport, StreamCommand, StreamReport, WantedStream } from '../shared/ipc/messages.js';
import type { Logger } from '../shared/telemetry/logger.js';
import { LiveStream, type LiveStreamSteps } from './live-stream.js';
import { loadAddon } from './native/addon.adapter.js';
import { chooseDecoders } from './stages/ingest/decoder-choice.js';
import { thisMachine } from './stages/ingest/decoder-machine.adapter.js';
import { publishableVideo } from './stages/ingest/stream-branches.js';

/** A stream from its start command to its last report. */
interface RunningStream {
  readonly stopping: AbortController;
  readonly logger: Logger;
  /** The newest document; followed once the stream is ready. */
  readonly wanted$: BehaviorSubject<WantedStream>;
  /** Absent while it is starting. */
  live?: LiveStream;
}

/** What the streams of a thread report to, and run with. */
export interface StreamHostOptions {
  /** Passes a report on. */
  readonly send: (report: ProcessReport) => void;
  /** By the name of a stream. */
  readonly loggerOf: (name: string) => Logger;
  /** Where recordings go; absent where nothing is recorded. */
  readonly recordingsFolder?: string | undefined;
  /** What was opened for the next stream; asked once for each. @defaultValue nothing */
  readonly takePrepared?: () => Partial<LiveStreamSteps>;
  /** Whether this thread opens something beside its streams. @defaultValue it does not */
  readonly isPreparing?: () => boolean;
  /** A stream begins, which counts by now; it was stopped, which is reported. */
  readonly onChange?: (change: 'begins' | 'over') => void;
}

/**
 * Runs streams, which are independent of each other, on this thread. A stream ends when it is told to, when its source
 * ends for good, or when it fails.
 */
export class StreamHost {
  readonly #options: StreamHostOptions;
  readonly #streams = new Map<string, RunningStream>();
  /** Why all streams are stopped though the gateway did not ask for it. */
  #unasked: Problem | undefined;

  constructor(options: StreamHostOptions) {
    this.#options = options;
  }

  /** Streams that run or are starting. */
  get size(): number {
    return this.#streams.size;
  }

  /** Does what a stream was told; one that it cannot carry out does not end the others. */
  onCommand(streamId: string, command: StreamCommand): void {
    const stream = this.#streams.get(streamId);
    try {
      this.#carryOut(streamId, stream, command);
    } catch (error) {
      if (!stream) throw error;
      stream.logger.warn({ err: error, command: command.type }, 'the command could not be carried out');
    }
  }

  /** Stops every stream; each reports it. @param unasked - why, where the gateway did not ask for it */
  stopAll(unasked?: Problem): void {
    this.#unasked ??= unasked;
    for (const { stopping } of this.#streams.values()) stopping.abort();
  }

  /** Says that this thread is not stuck. */
  sendHeartbeat(): void {
    const isStarting = [...this.#streams.values()].some(({ live }) => live === undefined);
    this.#send({ type: 'heartbeat', isOpening: isStarting || this.#options.isPreparing?.() === true });
  }

  #send(report: ProcessReport): void {
    this.#options.send(report);
  }

  #carryOut(streamId: string, stream: RunningStream | undefined, command: StreamCommand): void {
    switch (command.type) {
      case 'start':
        void this.#run(streamId, command);
        return;
      case 'wanted':
        if (stream) this.#want(streamId, stream, command.wanted);
        return;
      case 'keyframe':
        stream?.live?.encoder.requestKeyframe(command.minDistanceMs);
        return;
      case 'send-media':
        stream?.live?.encoder.media?.send(command.position);
        return;
      case 'release-media':
        void this.#releaseMedia(streamId);
        return;
      case 'snapshot':
        void this.#sendSnapshot(streamId, command.requestId);
        return;
      case 'stop':
        stream?.stopping.abort();
    }
  }

  /** Runs a stream to its end; never rejects. */
  async #run(streamId: string, command: Extract<StreamCommand, { type: 'start' }>): Promise<void> {
    const { wanted, gpu, video, audio, isHeld = false } = command;
    const { recordingsFolder, takePrepared, onChange } = this.#options;
    const logger = this.#options.loggerOf(`stream ${streamId}`);
    const wanted$ = new BehaviorSubject(wanted);
    const stream: RunningStream = { stopping: new AbortController(), logger, wanted$ };
    this.#streams.set(streamId, stream);
    onChange?.('begins');
    // Native code may block this thread from now on.
    this.sendHeartbeat();
    const report = (news: StreamReport): void => this.#send(withMore(news, { streamId }));
    report(reachedBeforeReady(wanted));
    let failure: Problem | undefined;
    try {
      const onOrigins = (origins: MediaOrigins): void => this.#send({ type: 'media', streamId, origins });
      const options = {
        config: wanted.config,
        before: wanted.people,
        wanted$,
        gpu,
        ...{ video, audio, isHeld },
        logger,
        report,
        onOrigins,
        steps: takePrepared?.() ?? {},
        ...(recordingsFolder !== undefined && { recordingsFolder }),
      };
      await LiveStream.run(options, stream.stopping.signal, (live) => {
        stream.live = live;
        this.sendHeartbeat();
        report({ type: 'ready', publishableVideo: publishableHere() });
      });
      failure = this.#unasked;
    } catch (error) {
      if (stream.stopping.signal.aborted && !stream.live) {
        logger.debug({ err: error }, 'the stream was told to stop while it was opened');
        failure = this.#unasked;
      } else {
        logger.error({ err: error }, 'stream failed');
        failure = problemOf(error);
      }
    }
    this.#streams.delete(streamId);
    report({ type: 'stopped', ...(failure !== undefined && { error: failure }) });
    onChange?.('over');
  }

  /** Something else is wanted; a stream that is ready follows and says so itself. */
  #want(streamId: string, stream: RunningStream, wanted: WantedStream): void {
    if (wanted.revision < stream.wanted$.value.revision) return;
    stream.wanted$.next(wanted);
    if (!stream.live) this.#send({ ...reachedBeforeReady(wanted), streamId });
  }

  async #sendSnapshot(streamId: string, requestId: number): Promise<void> {
    try {
      const live = this.#streams.get(streamId)?.live;
      if (!live) throw new DiptychError('DIPTYCH_E_NOT_FOUND', 'the stream is still starting; ask again in a second');
      const jpeg = await live.snapshot();
      this.#send({ type: 'snapshot', streamId, requestId, jpegBase64: Buffer.from(jpeg).toString('base64') });
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.#send({ type: 'snapshot', streamId, requestId, error: words });
    }
  }

  /** Ends the media of a stream for another run; a stream that is not ready, or fails, gives no answer. */
  async #releaseMedia(streamId: string): Promise<void> {
    const stream = this.#streams.get(streamId);
    try {
      const position = await stream?.live?.encoder.media?.release();
      if (position) this.#send({ type: 'media-released', streamId, position });
    } catch (error) {
      stream?.logger.warn({ err: error }, 'the media could not be handed over');
    }
  }
}

/** What can be decoded of what is published, by any decoder of this machine. */
const publishableHere = (): readonly string[] => publishableVideo(chooseDecoders(thisMachine(loadAddon())));

/** A stream that is still starting runs nothing that is not wanted, as it publishes nothing. */
const reachedBeforeReady = ({ revision }: WantedStream): StreamReport => ({
  type: 'reached',
  reached: { revision, slotAction: 0 },
});
