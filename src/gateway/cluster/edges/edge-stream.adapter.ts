import { EventEmitter } from 'node:events';
import { statusError } from '../../../shared/domain/status-error.js';
import type { StreamView } from '../../../shared/domain/stream-status.js';
import { Backoff } from '../../../shared/retry/backoff.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import { safeListener } from '../../guard/safe-listener.js';
import type { PulledStream, ShownIngress, ShownStreamEvents } from '../../signaling/shown-stream.js';
import type { LiveHost } from '../cluster-view.js';
import type { PipePuller } from './pipe-puller.adapter.js';

/** Where a stream runs: on another host, nowhere, on this host; or there is none of this name. */
export type RunsAt =
  | { readonly type: 'host'; readonly host: LiveHost }
  | { readonly type: 'nowhere'; readonly reason: string }
  | { readonly type: 'here' | 'gone' };

/** What an {@link EdgeStream} works with. */
export interface EdgeStreamOptions {
  /** Name of the stream. */
  readonly streamId: string;
  /** Where it runs now. */
  readonly place: () => RunsAt;
  /** Pulls it from a host. */
  readonly pull: (from: LiveHost) => PipePuller;
  /** Viewers that receive it from this host. */
  readonly viewers: () => number;
  /** Viewers that other hosts have sent here and that have not come yet. */
  readonly expected: () => number;
  /** Whether this host is to send nothing to viewers any more. */
  readonly isLeaving: () => boolean;
  /** It is to end: nobody watches it, or its viewers have to go elsewhere. Told once. Must not throw. */
  readonly onEnd: (cause: 'unused' | 'leaving') => void;
  /** Told of what fails. */
  readonly logger: Logger;
}

/** How often it is looked at where the stream runs and who watches it, ms. */
const LOOK_MS = 200;
/** Without viewers for so long it is pulled no more, ms: a page that is loaded again is back before. */
const UNUSED_MS = 5000;
/** What was pulled from the host before goes on for so long, ms, until viewers have a picture of the next one. */
const FORMER_MS = 2000;
/** A stream that is pulled for a viewer is there by then, or is said not to be, ms. */
const READY_LIMIT_MS = 3000;
/** Viewers wait for it. */
const RETRYING = { isFirstAtOnce: true, baseMs: 200, capMs: 1000 } as const;

/** A stream of another host that is pulled for viewers of this one, from whichever host runs it. */
export class EdgeStream extends EventEmitter<ShownStreamEvents> implements PulledStream {
  readonly #options: EdgeStreamOptions;
  #timer: NodeJS.Timeout | undefined;
  readonly #backoff = new Backoff(RETRYING);
  #current: PipePuller | undefined;
  /** Of the host that ran the stream before. */
  #former: PipePuller | undefined;
  #formerTimer: NodeJS.Timeout | undefined;
  #dialAtMs = 0;
  #dialedAtMs = 0;
  #usedAtMs = performance.now();
  #view: StreamView | undefined;
  #pulled: ShownIngress | undefined;
  #isEnding = false;
  #isClosed = false;

  /** Pulls nothing before `start`. */
  constructor(options: EdgeStreamOptions) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
  }

  /** Begins to pull; to be called once. */
  start(): void {
    const look = safeListener(this.#options.logger, 'looking at a pulled stream', () => this.#look());
    this.#timer = setInterval(look, LOOK_MS);
    look();
  }

  /** Name of the stream. */
  get id(): string {
    return this.#options.streamId;
  }

  /** As the host that runs it told it last, or why it is not known. */
  get view(): StreamView {
    if (!this.#view) throw new Error(`nothing is known of "${this.id}" yet`);
    const place = this.#options.place();
    if (place.type === 'nowhere') {
      const error = statusError({ code: 'DIPTYCH_E_PENDING', message: place.reason });
      return { ...this.#view, state: 'pending', error };
    }
    if (place.type !== 'host') return this.#view;
    const host = { host: place.host.id, url: place.host.url };
    if (this.#current?.from.id === place.host.id && this.#current.hasTold) return { ...this.#view, host };
    const message = `${place.host.id} begins with it, or does not answer`;
    const error = statusError({ code: 'DIPTYCH_E_NOT_READY', message });
    return { ...this.#view, host, state: 'connecting', error };
  }

  /** Where its media is; absent while none comes. */
  get pulled(): ShownIngress | undefined {
    return this.#pulled?.isClosed === true ? undefined : this.#pulled;
  }

  /** Whether viewers can be sent its media. */
  get isReady(): boolean {
    return this.#view !== undefined && this.pulled !== undefined;
  }

  /** Waits until viewers can be sent it. @returns whether they can */
  async ready(): Promise<boolean> {
    const endMs = performance.now() + READY_LIMIT_MS;
    while (!this.isReady && !this.#isClosed && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.#view !== undefined && !this.#isClosed;
  }

  /** Pulls no more. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#dropFormer();
    this.#current?.close();
  }

  #look(): void {
    const nowMs = performance.now();
    const { place, viewers, expected, isLeaving, onEnd } = this.#options;
    const count = viewers();
    this.#current?.tellViewers(count);
    if (count + expected() > 0) this.#usedAtMs = nowMs;
    const at = place();
    if (!this.#isEnding) {
      const isUnused = nowMs - this.#usedAtMs > UNUSED_MS;
      const mustLeave = at.type === 'here' || at.type === 'gone' || isLeaving();
      this.#isEnding = isUnused || mustLeave;
      if (this.#isEnding) onEnd(mustLeave ? 'leaving' : 'unused');
    }
    if (this.#isClosed || at.type !== 'host' || this.#current?.from.id === at.host.id) return;
    // The host before goes on until the next one sends pictures.
    if (this.#current) this.#leaveCurrent(this.#current);
    if (nowMs >= this.#dialAtMs) this.#dial(at.host);
  }

  #leaveCurrent(current: PipePuller): void {
    this.#dropFormer();
    this.#current = undefined;
    this.#former = current;
    this.#dialAtMs = 0;
  }

  #dropFormer(): void {
    clearTimeout(this.#formerTimer);
    this.#formerTimer = undefined;
    this.#former?.close();
    this.#former = undefined;
  }

  #dial(from: LiveHost): void {
    const puller = this.#options.pull(from);
    this.#current = puller;
    this.#dialedAtMs = performance.now();
    puller.on('view', (view) => {
      if (puller !== this.#current) return;
      this.#view = view;
      this.emit('status', view);
    });
    puller.on('overlay', (overlay) => {
      if (puller === this.#shown) this.emit('overlay', overlay);
    });
    puller.on('event', (event) => {
      if (puller === this.#current) this.emit('event', event);
    });
    puller.on('media', (media) => {
      if (puller !== this.#current) return;
      this.#pulled = media;
      this.emit('ingress', media);
      if (this.#former) this.#formerTimer ??= setTimeout(() => this.#dropFormer(), FORMER_MS);
    });
    puller.once('end', () => {
      if (puller === this.#former) this.#former = undefined;
      if (puller !== this.#current) return;
      this.#current = undefined;
      const workedMs = performance.now() - this.#dialedAtMs;
      this.#dialAtMs = performance.now() + this.#backoff.nextDelayMs(puller.hasTold ? workedMs : 0);
      if (this.#view) this.emit('status', this.view);
    });
  }

  /** The one whose pictures viewers see. */
  get #shown(): PipePuller | undefined {
    return this.#former && !this.#current?.media ? this.#former : this.#current;
  }
}
