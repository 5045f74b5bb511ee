import { EventEmitter } from 'node:events';
import { maskUrl } from '../../shared/config/mask-url.js';
import type { NamedTarget } from '../../shared/config/parse-config.js';
import type { GpuConfig, StreamConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { KeyframeLimiter } from './keyframe-limiter.js';
import type { StreamState, StreamStatus } from '../../shared/domain/stream-status.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { Backoff } from '../../shared/retry/backoff.js';
import { safeListener } from '../guard/safe-listener.js';
import { initialStatus } from './initial-status.js';
import { KeyframeGate } from './keyframe-gate.adapter.js';
import type { OverlayFrame, SlotAction, StreamEvent, StreamReport } from '../../shared/ipc/messages.js';
import type { ProcessSeat } from './process-pool.adapter.js';
import { type StreamDestinations, StreamSupervisor, type SupervisorEvent } from './stream-supervisor.adapter.js';

/** Where the media of one run of a stream enters the gateway. */
export interface StreamIngress extends StreamDestinations {
  close(): void;
}

export interface ManagedStreamOptions {
  /** Every target has a name. */
  readonly config: StreamConfig;
  readonly gpu: GpuConfig;
  /** Its place in a process. */
  readonly seat: ProcessSeat;
  readonly createIngress: (stream: ManagedStream) => Promise<StreamIngress>;
  readonly logger: Logger;
  /** @defaultValue 5 */
  readonly snapshotTimeoutS?: number;
}

export interface ManagedStreamEvents {
  status: [StreamStatus];
  overlay: [OverlayFrame];
  event: [StreamEvent];
  /** The media comes through another ingress from now on. */
  ingress: [StreamIngress];
  closed: [];
}

interface SnapshotRequest {
  readonly resolve: (jpeg: Buffer) => void;
  readonly reject: (error: DiptychError) => void;
  readonly timer: NodeJS.Timeout;
}

/** One stream as the gateway sees it: its configuration, its runs, its latest status, its ingress. */
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
      seat: options.seat,
      prepare: () => this.#openIngress(),
      backoff: new Backoff(),
      onReport: (report) => {
        this.#onReport(report);
      },
      onEvent: (event) => {
        this.#onSupervisorEvent(event);
      },
      logger: this.#logger,
    });
  }

  get id(): string {
    return this.#config.id;
  }

  get config(): StreamConfig {
    return this.#config;
  }

  get status(): StreamStatus {
    return this.#status;
  }

  get ingress(): StreamIngress | undefined {
    return this.#ingress;
  }

  get pid(): number | undefined {
    return this.#supervisor.pid;
  }

  /** Streams in the process of this one, itself included; 0 while it does not run. */
  get streamsInProcess(): number {
    return this.#supervisor.streamsInProcess;
  }

  get restarts(): number {
    return this.#supervisor.restarts;
  }

  get keyframeRequests(): number {
    return this.#keyframeRequests;
  }

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

  /** @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` when the name is taken. */
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

  /** @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` */
  removeTarget(targetId: string): void {
    if (!this.#config.targets.some(({ id }) => id === targetId)) {
      throw new DiptychError('DIPTYCH_E_NOT_FOUND', `stream "${this.id}" has no target "${targetId}"`);
    }
    this.#config = { ...this.#config, targets: this.#config.targets.filter(({ id }) => id !== targetId) };
    this.#supervisor.configure(this.#config);
    this.#supervisor.send({ type: 'target-remove', targetId });
    this.#setStatus({ ...this.#status, targets: this.#status.targets.filter(({ id }) => id !== targetId) });
  }

  /** @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` while it does not run. */
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
        this.#setStatus(report.status);
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
    switch (event.type) {
      case 'running':
        this.#setState('connecting');
        break;
      case 'waiting': {
        const seconds = (event.retryMs / 1000).toFixed(1);
        this.#setState('failed', `${event.reason}; it is started again in ${seconds} s`);
        this.#failSnapshots(this.#notRunning());
        break;
      }
      case 'ended':
        this.#setState('offline');
        this.#failSnapshots(this.#notRunning());
        break;
    }
  }

  #setState(state: StreamState, error?: string): void {
    const { error: _previous, memory: _past, ...rest } = this.#status;
    this.#setStatus({ ...rest, state, people: [], ...(error !== undefined && { error }) });
  }

  #setStatus(status: StreamStatus): void {
    this.#status = withoutSecrets(status);
    this.emit('status', this.#status);
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

/** Whatever a stream process reports, no secret goes further than this. */
function withoutSecrets(status: StreamStatus): StreamStatus {
  return {
    ...status,
    source: { ...status.source, url: maskUrl(status.source.url) },
    targets: status.targets.map((target) => ({ ...target, url: maskUrl(target.url) })),
  };
}
