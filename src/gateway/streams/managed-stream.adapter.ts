import { EventEmitter } from 'node:events';
import type { ChangedOptions } from '../../shared/config/changed-options.js';
import type { StreamConfig } from '../../shared/config/schema.js';
import { keyframeDistanceMs, KeyframeLimiter } from './keyframe-limiter.js';
import { isPublishedSource } from '../../shared/config/source-url.js';
import { isShowing, type StageTimings, type StreamStatus } from '../../shared/domain/stream-status.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { Backoff } from '../../shared/retry/backoff.js';
import { safeListener } from '../guard/safe-listener.js';
import type { Succession } from './hand-over.adapter.js';
import { prepareSuccession } from './succession.adapter.js';
import { initialStatus } from './initial-status.js';
import { nextStatus, reportedStatus } from './next-status.js';
import { KeptIngress } from './kept-ingress.adapter.js';
import { KeyframeGate } from './keyframe-gate.adapter.js';
import type { ShotAction } from '../../shared/domain/shot.js';
import type { Publication, SlotAction, StreamReport } from '../../shared/ipc/messages.js';
import type { ManagedStreamOptions } from './managed-stream-options.js';
import type { ManagedStreamEvents, StreamIngress } from './managed-stream-events.js';
import { SnapshotRequests } from './snapshot-requests.adapter.js';
import { StreamSupervisor, type SupervisorEvent } from './stream-supervisor.adapter.js';
import { WantedAndRunning } from './wanted-and-running.adapter.js';

/** A run that lasted for so long, s, is followed by the next one at once: viewers wait, and a start costs less than that. */
const HEALTHY_AFTER_S = 5;

/** One stream as the gateway sees it: configuration, runs, latest status ({@link nextStatus}), ingress. */
export class ManagedStream extends EventEmitter<ManagedStreamEvents> {
  readonly #options: ManagedStreamOptions;
  readonly #runName: string;
  readonly #logger: Logger;
  readonly #keyframes: KeyframeGate;
  readonly #snapshots: SnapshotRequests;
  readonly #supervisor: StreamSupervisor;
  readonly #wanted: WantedAndRunning;
  #status: StreamStatus;
  readonly #ingress: KeptIngress;
  #keyframeRequests = 0;
  #publishableVideo: readonly string[] = ['H264', 'VP8'];
  #isClosed = false;

  constructor(options: ManagedStreamOptions) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.#runName = options.runName ?? options.config.id;
    const { config } = options;
    this.#wanted = new WantedAndRunning(config, options);
    this.#snapshots = new SnapshotRequests(config.id, options.snapshotTimeoutS ?? 5);
    this.#logger = options.logger.child({ stream: config.id });
    this.#status = this.#withTargets(initialStatus(config));
    const sendKeyframeRequest = safeListener(this.#logger, 'a keyframe request', () => {
      const minDistanceMs = keyframeDistanceMs(this.config);
      if (this.#supervisor.send({ type: 'keyframe', minDistanceMs })) this.#keyframeRequests++;
    });
    this.#keyframes = new KeyframeGate(new KeyframeLimiter(), sendKeyframeRequest);
    this.#ingress = new KeptIngress({
      create: () => options.createIngress(this),
      onNew: (ingress) => this.emit('ingress', ingress),
    });
    this.#supervisor = new StreamSupervisor({
      wanted: () => this.#wanted.beginRun(),
      gpu: options.gpu,
      runName: this.#runName,
      lease: options.lease,
      prepare: () => this.#ingress.open(),
      prepareSuccession: () => this.#prepareSuccession(),
      backoff: new Backoff({ isFirstAtOnce: true, healthyAfterS: HEALTHY_AFTER_S }),
      onReport: safeListener(this.#logger, 'a report of the stream', (report) => this.#onReport(report)),
      onEvent: safeListener(this.#logger, 'a change of the stream', (event) => this.#onSupervisorEvent(event)),
      logger: this.#logger,
    });
  }

  /** Changes when it is renamed. */
  get id(): string {
    return this.#wanted.config.id;
  }

  /** In its process; never changes. */
  get runName(): string {
    return this.#runName;
  }

  /** With its secrets; changes made while it runs included. */
  get config(): StreamConfig {
    return this.#wanted.config;
  }

  /** The latest one, without secrets. */
  get status(): StreamStatus {
    return this.#status;
  }

  /** How long its stages took in the run that goes on, or went on last. */
  get timings(): StageTimings | undefined {
    return this.#wanted.timings;
  }

  /** Of this run and those before it; absent before the first, and after one that never got ready. */
  get ingress(): StreamIngress | undefined {
    return this.#ingress.current;
  }

  /** Of the process that runs the stream; absent while it does not run. */
  get pid(): number | undefined {
    return this.#supervisor.pid;
  }

  /** Whether its process gives signs of life; true while none runs. */
  get answers(): boolean {
    return this.#supervisor.answers;
  }

  /** Streams in the process of this one, itself included; 0 while it does not run. */
  get streamsInProcess(): number {
    return this.#supervisor.streamsInProcess;
  }

  /** Times the stream was started again, whatever the cause. */
  get restarts(): number {
    return this.#supervisor.restarts;
  }

  /** Keyframes asked of the stream, after requests that came close together were merged. */
  get keyframeRequests(): number {
    return this.#keyframeRequests;
  }

  /** Starts the stream, unless it runs or was closed. */
  start(): void {
    this.#supervisor.start();
  }

  /** Applies what can change while the stream runs; else it starts again, and viewers stay. Returns what has changed. */
  configure(config: StreamConfig): ChangedOptions {
    const changed = this.#wanted.configure(config);
    if (changed.live.length + changed.restart.length > 0) this.emit('configured', changed);
    if (changed.restart.length > 0) this.restart();
    else if (changed.live.length > 0) this.#sendWanted();
    return changed;
  }

  /** Ends the stream and starts it anew at once. */
  restart(): void {
    this.#setStatus(initialStatus(this.config));
    this.#supervisor.restart();
  }

  /** A new ingress, and so a new start of the stream that feeds it. */
  renewIngress(): void {
    this.#ingress.drop();
    this.#supervisor.restart();
  }

  /** Goes on in another process, without a gap unless `isUrgent`, or the source cannot be opened twice. */
  changeProcess({ isUrgent = false }: { readonly isUrgent?: boolean } = {}): void {
    const isBeside = !isUrgent && isShowing(this.#status.state) && !isPublishedSource(this.config.source.url);
    this.#supervisor.changeProcess({ isBeside });
  }

  /** A viewer cannot go on without a keyframe. */
  requestKeyframe(): void {
    this.#keyframes.request();
  }

  /**
   * Resolves when nothing runs any more that is not wanted now: at once where the stream does not run.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` where the stream does not say so in time
   */
  async settled(): Promise<void> {
    if (this.#supervisor.pid !== undefined) await this.#wanted.settled();
  }

  /** Changes who is in which tile, as soon as the stream is ready. @throws as {@link WantedAndRunning.act} */
  commandSlots(action: SlotAction): void {
    this.#wanted.act(action, this.#status.people);
    this.emit('acted', action);
    this.#sendWanted();
  }

  /** Asks for a shot, or lets the rules decide again. @throws {@link DiptychError} as {@link WantedAndRunning.actShot} */
  commandShot(action: ShotAction): void {
    this.#wanted.actShot(action, this.#status);
    this.emit('shotAsked', action);
    this.#sendWanted();
  }

  /** Publishes and records nothing for now, or what is wanted again; resolves once that is so. @throws as `settled` */
  async silence(isSilent: boolean): Promise<void> {
    this.#wanted.silence(isSilent);
    this.#sendWanted();
    await this.settled();
  }

  /** Somebody publishes to it, or nobody any more; also after it starts again. */
  publish(publication: Publication | undefined): void {
    this.#wanted.publish(publication);
    this.#sendWanted();
  }

  /** Encoding names of pictures that may be published to it, best first; of the last run that told. */
  get publishableVideo(): readonly string[] {
    return this.#publishableVideo;
  }

  /** The composed picture now, as JPEG. @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` when there is none */
  snapshot(): Promise<Buffer> {
    return this.#snapshots.ask((requestId) => this.#supervisor.send({ type: 'snapshot', requestId }));
  }

  /** Ends the stream and the ingress. Idempotent. */
  async close(): Promise<void> {
    const isFirst = !this.#isClosed;
    this.#isClosed = true;
    this.#keyframes.close();
    await this.#supervisor.stop();
    this.#endRun();
    this.#ingress.close();
    if (isFirst) this.emit('closed');
  }

  #prepareSuccession(): Succession {
    return prepareSuccession({
      ...{ wanted: this.#wanted, ingress: this.#ingress.current, status: () => this.#status },
      ...{ takeOver: () => this.#snapshots.failAll(), end: () => this.#sendWanted() },
    });
  }

  /** Where the stream does not run, it gets what is wanted when it is started. */
  #sendWanted(): void {
    this.#supervisor.send({ type: 'wanted', wanted: this.#wanted.document });
    this.#setStatus(this.#status);
  }

  #onReport(report: StreamReport): void {
    switch (report.type) {
      case 'status':
        this.#wanted.report(report);
        if (report.sent) this.#ingress.current?.noteSent(report.sent);
        this.#setStatus(reportedStatus(report.status));
        break;
      case 'overlay':
        this.emit('overlay', report.overlay);
        break;
      case 'event':
        this.#logger.debug({ event: report.event }, 'stream event');
        this.emit('event', report.event);
        break;
      case 'snapshot':
        this.#snapshots.answer(report);
        break;
      case 'reached':
        this.#wanted.reached(report.reached);
        break;
      case 'people':
        this.#wanted.remember(report.people);
        break;
      case 'receives':
        this.emit('receives', report.ports);
        break;
      case 'keyframe-wanted':
        this.emit('keyframeWanted');
        break;
      case 'ready':
        this.#publishableVideo = report.publishableVideo;
        this.#wanted.ready();
        this.#setStatus(this.#status);
        break;
      case 'media-released':
      case 'stopped':
        break;
    }
  }

  #onSupervisorEvent(event: SupervisorEvent): void {
    // Its ports may be why.
    if (event.type === 'waiting' && !this.#wanted.isReady) this.#ingress.drop();
    if (event.type !== 'silent') this.#endRun();
    this.#setStatus(nextStatus(this.#status, event, Date.now()));
  }

  #endRun(): void {
    this.#snapshots.failAll();
    this.#wanted.endRun();
  }

  #setStatus(status: StreamStatus): void {
    this.#status = this.#withTargets(status);
    this.emit('status', this.#status);
  }

  #withTargets(status: StreamStatus): StreamStatus {
    return { ...status, ...this.#wanted.outputs() };
  }
}
