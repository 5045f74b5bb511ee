import { EventEmitter } from 'node:events';
import type { NamedTarget } from '../../shared/config/parse-config.js';
import type { GpuConfig, StreamConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { KeyframeLimiter } from './keyframe-limiter.js';
import type { StreamStatus } from '../../shared/domain/stream-status.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { Backoff } from '../../shared/retry/backoff.js';
import { safeListener } from '../guard/safe-listener.js';
import { initialStatus } from './initial-status.js';
import { nextStatus, reportedStatus } from './next-status.js';
import { KeyframeGate } from './keyframe-gate.adapter.js';
import type { OverlayFrame, SlotAction, StreamEvent, StreamReport } from '../../shared/ipc/messages.js';
import type { ProcessLease } from './process-lease.adapter.js';
import { type StreamDestinations, StreamSupervisor, type SupervisorEvent } from './stream-supervisor.adapter.js';

/** Where the media of one run of a stream enters the gateway. */
export interface StreamIngress extends StreamDestinations {
  /** Frees its ports. Idempotent. */
  close(): void;
}

/** What a stream needs of the gateway. */
export interface ManagedStreamOptions {
  /** Every target has an id. */
  readonly config: StreamConfig;
  /** What the stream may use of the GPU. */
  readonly gpu: GpuConfig;
  /** Where it runs; released when the stream is closed. */
  readonly lease: ProcessLease;
  /** Opens the ingress of one run; the stream closes it. */
  readonly createIngress: (stream: ManagedStream) => Promise<StreamIngress>;
  /** Lines of the stream get its id. */
  readonly logger: Logger;
  /**
   * A picture that has not come by then is given up, s. Higher: a busy stream still answers. Lower:
   * callers of a stream that hangs wait less. @defaultValue 5
   */
  readonly snapshotTimeoutS?: number;
}

/** What those who follow a stream are told. Listeners must not throw. */
export interface ManagedStreamEvents {
  /** Once a second, and whenever the state changes. */
  status: [StreamStatus];
  /** With each output frame. */
  overlay: [OverlayFrame];
  /** Something happened in the stream. */
  event: [StreamEvent];
  /** The media comes through another ingress from now on. */
  ingress: [StreamIngress];
  /** It has ended for good; the last one. */
  closed: [];
}

interface SnapshotRequest {
  readonly resolve: (jpeg: Buffer) => void;
  readonly reject: (error: DiptychError) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * One stream as the gateway sees it: its configuration, its runs, its latest status, its ingress.
 * For its states, see {@link nextStatus}.
 */
export class ManagedStream extends EventEmitter<ManagedStreamEvents> {
  readonly #options: ManagedStreamOptions;
  readonly #logger: Logger;
  readonly #keyframes: KeyframeGate;
  readonly #snapshots = new Map<number, SnapshotRequest>();
  readonly #supervisor: StreamSupervisor;
  #config: StreamConfig;
  #status: StreamStatus;
  #ingress: StreamIngress | undefined;
  #keyframeRequests = 0;
  #lastRequestId = 0;
  #isClosed = false;

  constructor(options: ManagedStreamOptions) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.#config = options.config;
    this.#logger = options.logger.child({ stream: options.config.id });
    this.#status = initialStatus(options.config);
    const sendKeyframeRequest = safeListener(this.#logger, 'a keyframe request', () => {
      if (this.#supervisor.send({ type: 'keyframe' })) this.#keyframeRequests++;
    });
    this.#keyframes = new KeyframeGate(new KeyframeLimiter(), sendKeyframeRequest);
    this.#supervisor = new StreamSupervisor({
      config: options.config,
      gpu: options.gpu,
      lease: options.lease,
      prepare: () => this.#openIngress(),
      backoff: new Backoff(),
      onReport: safeListener(this.#logger, 'a report of the stream', (report) => this.#onReport(report)),
      onEvent: safeListener(this.#logger, 'a change of the stream', (event) => this.#onSupervisorEvent(event)),
      logger: this.#logger,
    });
  }

  /** Never changes. */
  get id(): string {
    return this.#config.id;
  }

  /** With its secrets; changes made while it runs included. */
  get config(): StreamConfig {
    return this.#config;
  }

  /** The latest one, without secrets. */
  get status(): StreamStatus {
    return this.#status;
  }

  /** Of the run that goes on; absent while there is none. */
  get ingress(): StreamIngress | undefined {
    return this.#ingress;
  }

  /** Of the process that runs the stream; absent while it does not run. */
  get pid(): number | undefined {
    return this.#supervisor.pid;
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

  /** The stream ends and starts again with this configuration; viewers stay. */
  reconfigure(config: StreamConfig): void {
    this.#config = config;
    this.#setStatus({ ...initialStatus(config), targets: [] });
    this.#supervisor.restart(config);
  }

  /** A new ingress, and so a new start of the stream that feeds it. */
  renewIngress(): void {
    this.#supervisor.restart();
  }

  /** A viewer cannot go on without a keyframe. */
  requestKeyframe(): void {
    this.#keyframes.request();
  }

  /**
   * Publishes to one more target, now and after every restart.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` when the id is taken.
   */
  addTarget(target: NamedTarget): void {
    if (this.#config.targets.some(({ id }) => id === target.id)) {
      throw new DiptychError(
        'DIPTYCH_E_CONFLICT',
        `stream "${this.id}" has a target "${target.id}" already; choose another id, or delete that one first`,
      );
    }
    this.#config = { ...this.#config, targets: [...this.#config.targets, target] };
    this.#supervisor.configure(this.#config);
    this.#supervisor.send({ type: 'target-add', targetId: target.id, url: target.url });
  }

  /**
   * Ends publishing to a target; the stream process ends it properly afterwards.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND`
   */
  removeTarget(targetId: string): void {
    if (!this.#config.targets.some(({ id }) => id === targetId)) {
      throw new DiptychError('DIPTYCH_E_NOT_FOUND', `stream "${this.id}" has no target "${targetId}"`);
    }
    this.#config = { ...this.#config, targets: this.#config.targets.filter(({ id }) => id !== targetId) };
    this.#supervisor.configure(this.#config);
    this.#supervisor.send({ type: 'target-remove', targetId });
    this.#setStatus({ ...this.#status, targets: this.#status.targets.filter(({ id }) => id !== targetId) });
  }

  /**
   * Changes who is shown in which tile, with the next picture.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` while it does not run.
   */
  commandSlots(command: SlotAction): void {
    if (!this.#supervisor.send({ type: 'slots', command })) throw this.#notRunning();
  }

  /**
   * The composed picture now, as JPEG.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` when there is no picture to be had.
   */
  snapshot(): Promise<Buffer> {
    const { snapshotTimeoutS = 5 } = this.#options;
    const requestId = ++this.#lastRequestId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#snapshots.delete(requestId);
        const message = `stream "${this.id}" gave no picture within ${snapshotTimeoutS} s; try again`;
        reject(new DiptychError('DIPTYCH_E_NOT_READY', message));
      }, snapshotTimeoutS * 1000);
      this.#snapshots.set(requestId, { resolve, reject, timer });
      if (!this.#supervisor.send({ type: 'snapshot', requestId })) this.#failSnapshots(this.#notRunning());
    });
  }

  /** Ends the stream and the ingress. Idempotent. */
  async close(): Promise<void> {
    const isFirst = !this.#isClosed;
    this.#isClosed = true;
    this.#keyframes.close();
    await this.#supervisor.stop();
    this.#failSnapshots(this.#notRunning());
    this.#ingress?.close();
    if (isFirst) this.emit('closed');
  }

  async #openIngress(): Promise<StreamDestinations> {
    this.#ingress?.close();
    this.#ingress = undefined;
    const ingress = await this.#options.createIngress(this);
    if (this.#isClosed) {
      ingress.close();
    } else {
      this.#ingress = ingress;
      this.emit('ingress', ingress);
    }
    return { video: ingress.video, audio: ingress.audio };
  }

  #onReport(report: StreamReport): void {
    switch (report.type) {
      case 'status':
        this.#setStatus(reportedStatus(report.status, new Set(this.#config.targets.map(({ id = '' }) => id))));
        break;
      case 'overlay':
        this.emit('overlay', report.overlay);
        break;
      case 'event':
        this.#logger.debug({ event: report.event }, 'stream event');
        this.emit('event', report.event);
        break;
      case 'snapshot':
        this.#onSnapshot(report);
        break;
      case 'ready':
      case 'stopped':
        this.#logger.debug(`stream is ${report.type}`);
        break;
    }
  }

  #onSnapshot({ requestId, jpegBase64, error }: Extract<StreamReport, { type: 'snapshot' }>): void {
    const request = this.#snapshots.get(requestId);
    if (!request) return;
    this.#snapshots.delete(requestId);
    clearTimeout(request.timer);
    if (jpegBase64 !== undefined) request.resolve(Buffer.from(jpegBase64, 'base64'));
    else request.reject(new DiptychError('DIPTYCH_E_NOT_READY', error ?? `stream "${this.id}" has no picture yet`));
  }

  #onSupervisorEvent(event: SupervisorEvent): void {
    if (event.type !== 'running') this.#failSnapshots(this.#notRunning());
    this.#setStatus(nextStatus(this.#status, event));
  }

  #setStatus(status: StreamStatus): void {
    this.#status = status;
    this.emit('status', status);
  }

  #failSnapshots(error: DiptychError): void {
    for (const { reject, timer } of this.#snapshots.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#snapshots.clear();
  }

  #notRunning(): DiptychError {
    return new DiptychError('DIPTYCH_E_NOT_READY', `stream "${this.id}" is not running at the moment; try again`);
  }
}
