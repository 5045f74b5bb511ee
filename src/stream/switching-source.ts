import { Subject, type Observable } from 'rxjs';
import type { SourceConfig } from '../shared/config/schema.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { Problem } from '../shared/domain/status-error.js';
import type { Publication } from '../shared/ipc/messages.js';
import type { NativeFrame } from './native/types.js';
import type { SourceInfo } from './stages/ingest/source-session.js';
import type { NextSource, SwitchedSource, SwitchingSourceOptions } from './switching-source-options.js';
import { isInTheWay, isSameSource } from './supervision/source-change.js';
import {
  nextSwitch,
  STEADY,
  type SwitchEvent,
  type SwitchState,
  type SwitchStep,
} from './supervision/source-switch.js';

interface Entry {
  readonly source: SwitchedSource;
  config: SourceConfig;
  readonly stop: AbortController;
  /** Resolves when it has ended. */
  done: Promise<void>;
}

const TICK_MS = 500;
/** Frames that are older than the last one of the former source are left out for so long, ms. */
const OVERLAP_MS = 2000;

const ONE_SESSION = new DiptychError(
  'DIPTYCH_E_SOURCE_BUSY',
  'the camera takes no second viewer, so the former source is closed, and the new one is being opened',
);

/**
 * The source of a live stream, which can be exchanged for another while the stream runs: the next one is opened beside
 * the one that is shown, and takes its place, picture and sound together, with its first picture. For when it is the
 * other way round, see {@link nextSwitch}.
 */
export class SwitchingSource {
  readonly #options: SwitchingSourceOptions;
  readonly #frames = new Subject<NativeFrame>();
  /** All that run, those that end included. */
  readonly #entries = new Set<Entry>();
  #shown: Entry;
  #next: Entry | undefined;
  #problem: NextSource | undefined;
  #wanted: SourceConfig;
  #state: SwitchState = STEADY;
  #publication: Publication | undefined;
  #signal: AbortSignal | undefined;
  #fail: (error: unknown) => void = () => undefined;
  #tick: NodeJS.Timeout | undefined;
  #earlier = { decode: 0, late: 0, damaged: 0 };
  #lastPtsMs = Number.NEGATIVE_INFINITY;
  #overlap: { readonly ptsMs: number; readonly sinceMs: number } | undefined;

  constructor(options: SwitchingSourceOptions) {
    this.#options = options;
    this.#wanted = options.source;
    this.#shown = this.#create(options.source);
    this.#shown.source.goOnAir();
  }

  /** Frames of the source that is shown; the subscriber owns them. Completes when `run` returns. */
  get frames$(): Observable<NativeFrame> {
    return this.#frames;
  }

  /** Of the source that is shown. */
  get condition(): SwitchedSource['condition'] {
    return this.#shown.source.condition;
  }

  /** What is known of the source that is shown. */
  get info(): SourceInfo {
    return this.#shown.source.info;
  }

  /** As of a `LiveSource`, of all sources since the stream began. */
  get droppedBy(): { readonly decode: number; readonly late: number } {
    const counts = [this.#earlier, ...[...this.#entries].map(({ source }) => source.droppedBy)];
    return { decode: sum(counts.map(({ decode }) => decode)), late: sum(counts.map(({ late }) => late)) };
  }

  /** As of a `LiveSource`, of all sources since the stream began. */
  get damaged(): number {
    return this.#earlier.damaged + sum([...this.#entries].map(({ source }) => source.damaged));
  }

  /** Of the source that is shown, or of the only one that is open. */
  get trouble(): SwitchedSource['trouble'] {
    const open = this.#state.type === 'alone' && this.#next ? this.#next : this.#shown;
    return open.source.trouble;
  }

  /** Of the source that is shown. */
  get lagMs(): number {
    return this.#shown.source.lagMs;
  }

  /** This source is wanted from now on. */
  set(source: SourceConfig): void {
    this.#wanted = source;
    for (const entry of [this.#shown, this.#next]) {
      if (!entry || !isSameSource(entry.config, source)) continue;
      entry.config = source;
      entry.source.adjust(source);
    }
    const expected = this.#next ?? this.#shown;
    if (isSameSource(expected.config, source)) return;
    this.#apply({
      ...{ type: 'wanted', isShown: isSameSource(this.#shown.config, source) },
      isLost: this.#shown.source.condition === 'lost',
    });
  }

  /** What is published before `run`. */
  begin(publication: Publication | undefined): void {
    this.#publication = publication;
    this.#shown.source.begin(publication);
  }

  /** As of a `LiveSource`. */
  follow(publication: Publication | undefined): void {
    this.#publication = publication;
    this.#shown.source.follow(publication);
    this.#next?.source.follow(publication);
  }

  /** Opens what is shown, and what is to be shown, again at once, for a reason that is not their own. */
  restart(reason: DiptychError): void {
    this.#shown.source.restart(reason);
    this.#next?.source.restart(reason);
  }

  /** Runs until `signal` aborts; rejects only where a source fails in a way that is not told by its listeners. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#fail = reject;
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (signal.aborted) resolve();
        else this.#start(this.#shown);
      });
    } finally {
      clearInterval(this.#tick);
      for (const { stop } of this.#entries) stop.abort();
      await Promise.all([...this.#entries].map(({ done }) => done));
      this.#frames.complete();
    }
  }

  #apply(event: SwitchEvent): void {
    if (this.#signal?.aborted !== false) return;
    const { state, steps } = nextSwitch(this.#state, event, this.#options.addon.nowMs());
    this.#state = state;
    for (const step of steps) this.#take(step);
    if (state.type === 'steady') {
      clearInterval(this.#tick);
      this.#tick = undefined;
    } else {
      this.#tick ??= setInterval(() => this.#apply({ type: 'tick', isLost: this.condition === 'lost' }), TICK_MS);
    }
  }

  #take(step: SwitchStep): void {
    switch (step) {
      case 'open-next':
        this.#next = this.#create(this.#wanted);
        this.#next.source.begin(this.#publication);
        this.#tellNext({ source: this.#wanted });
        this.#start(this.#next);
        return;
      case 'close-next':
        this.#next?.stop.abort();
        this.#next = undefined;
        this.#tellNext(undefined);
        return;
      case 'show-next':
        this.#showNext();
        return;
      case 'close-shown':
        this.#shown.stop.abort();
        return;
      case 'reopen-shown':
        this.#shown = this.#create(this.#shown.config);
        this.#shown.source.begin(this.#publication);
        this.#shown.source.goOnAir();
        this.#start(this.#shown);
        return;
      case 'retry-next': {
        const next = this.#next;
        void this.#shown.done.then(() => next?.source.restart(ONE_SESSION));
      }
    }
  }

  #showNext(): void {
    const next = this.#next;
    if (!next) return;
    const former = this.#shown;
    this.#shown = next;
    this.#next = undefined;
    next.source.goOnAir(former.source);
    former.stop.abort();
    this.#overlap = { ptsMs: this.#lastPtsMs, sinceMs: this.#options.addon.nowMs() };
    this.#options.onShown(next.config, next.source.info);
    const problem = this.#problem;
    this.#tellNext(undefined);
    // It has no picture either: what is known of it is why.
    if (problem?.problem) this.#options.onLost(problem.problem, problem.retryInMs ?? 0);
  }

  #tellNext(next: NextSource | undefined): void {
    this.#problem = next;
    this.#options.onNext(next);
  }

  #create(config: SourceConfig): Entry {
    const { onInfo, onOpened, onLost } = this.#options;
    const isShown = (): boolean => this.#shown.source === source;
    const source = this.#options.create(config, {
      onInfo: (info) => {
        if (isShown()) onInfo(info);
      },
      onOpened: () => {
        if (isShown()) onOpened();
      },
      onLost: (problem, retryInMs) => {
        if (isShown()) onLost(this.#problem?.problem ?? problem, this.#problem?.retryInMs ?? retryInMs);
        else if (this.#next?.source === source) this.#failNext(this.#next, problem, retryInMs);
      },
    });
    const entry = { source, config, stop: new AbortController(), done: Promise.resolve() };
    source.frames$.subscribe((frame) => this.#onFrame(entry, frame));
    return entry;
  }

  #start(entry: Entry): void {
    this.#entries.add(entry);
    entry.done = entry.source
      .run(entry.stop.signal)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        const { droppedBy, damaged } = entry.source;
        this.#entries.delete(entry);
        this.#earlier = {
          decode: this.#earlier.decode + droppedBy.decode,
          late: this.#earlier.late + droppedBy.late,
          damaged: this.#earlier.damaged + damaged,
        };
      });
  }

  #failNext(next: Entry, problem: Problem, retryInMs: number): void {
    this.#tellNext({ source: next.config, problem, retryInMs });
    if (this.condition === 'lost') this.#options.onLost(problem, retryInMs);
    this.#apply({ type: 'failed', isBusy: isInTheWay(this.#shown.config, next.config, problem.code) });
  }

  #onFrame(entry: Entry, frame: NativeFrame): void {
    if (entry === this.#next) this.#apply({ type: 'picture' });
    if (entry !== this.#shown || this.#isOverlapping(frame)) {
      this.#options.addon.release(frame.handle);
      return;
    }
    this.#lastPtsMs = frame.ptsMs;
    this.#frames.next(frame);
  }

  /** Where the next source is later than the former one, its first frames are of a time that was shown already. */
  #isOverlapping({ ptsMs }: NativeFrame): boolean {
    if (!this.#overlap) return false;
    const { sinceMs, ptsMs: lastMs } = this.#overlap;
    if (ptsMs <= lastMs && this.#options.addon.nowMs() - sinceMs < OVERLAP_MS) return true;
    this.#overlap = undefined;
    return false;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
