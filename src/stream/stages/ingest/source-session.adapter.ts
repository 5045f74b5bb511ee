import {
  BehaviorSubject,
  filter,
  firstValueFrom,
  map,
  Observable,
  Subject,
  takeUntil,
  type Subscriber,
  type Subscription,
} from 'rxjs';
import type { SourceConfig } from '../../../shared/config/schema.js';
import { explainSourceFile } from '../../../shared/config/source-file.adapter.js';
import { maskUrl } from '../../../shared/config/mask-url.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import { loadAddon } from '../../native/addon.adapter.js';
import type { NativeFrame } from '../../native/types.js';
import { DecoderFailure } from './decoder-failure.js';
import type { PictureTrouble } from './picture-trouble.js';
import type { SourceAttempt } from './source-attempt.adapter.js';
import { peopleClip } from './people-clip.adapter.js';
import { openAttempt } from './source-graph.adapter.js';
import { parseSourceLocation } from './source-location.js';
import type { SourceInfo, SourceOptions, SourceSession, SourceSound } from './source-session.js';

export type { SourceInfo, SourceOptions, SourceSession } from './source-session.js';

/**
 * Builds the ingest graph for a source; it plays once `frames$` is subscribed to.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where the URL is not that of a source, `DIPTYCH_E_SOURCE_FILE`, `DIPTYCH_E_ELEMENT_MISSING`, `DIPTYCH_E_GRAPH`;
 * of `test:people` also `DIPTYCH_E_PROGRAM_MISSING`, `DIPTYCH_E_MODEL` where its scene can't be drawn.
 */
export async function openSource(config: SourceConfig, options: SourceOptions): Promise<SourceSession> {
  const named = parseSourceLocation(config);
  const problem = explainSourceFile(config.url);
  if (problem !== undefined) throw new DiptychError('DIPTYCH_E_SOURCE_FILE', `source.url: ${problem}`);
  if (options.pace === 'free' && named.kind !== 'file') {
    throw new DiptychError(
      'DIPTYCH_E_CONFIG',
      `source.url: ${maskUrl(config.url)} is live; only a file can be read as fast as it goes`,
    );
  }
  const { location, played } =
    named.kind === 'people'
      ? { location: { kind: 'file', path: await peopleClip(options) } as const, played: { ...config, loop: true } }
      : { location: named, played: config };
  const open = (failed: ReadonlyMap<string, string>): Promise<SourceAttempt> =>
    openAttempt(location, played, options, failed);
  return new Session(await open(new Map()), open, maskUrl(config.url), options);
}

/** Attempts at a source, one after the other: the next one when a decoder in hardware fails. */
class Session implements SourceSession {
  readonly frames$: Observable<NativeFrame>;
  readonly audio: SourceSound;
  readonly info$: Observable<SourceInfo>;
  readonly ended: Promise<'eos'>;

  readonly #addon = loadAddon();
  readonly #open: (failed: ReadonlyMap<string, string>) => Promise<SourceAttempt>;
  /** The source in messages, secrets masked. */
  readonly #name: string;
  readonly #options: SourceOptions;
  readonly #info = new BehaviorSubject<SourceInfo>({});
  readonly #over$ = new Subject<void>();
  /** Decoders that failed, with the reason. */
  readonly #failed = new Map<string, string>();
  #settle: { readonly resolve: (end: 'eos') => void; readonly reject: (error: unknown) => void } | undefined;
  #attempt: SourceAttempt;
  #subscriber: Subscriber<NativeFrame> | undefined;
  #subscription: Subscription | undefined;
  #replacing: Promise<void> | undefined;
  #isClosed = false;
  #lastPtsMs = Number.NEGATIVE_INFINITY;
  #droppedEarlier = 0;
  #droppedCodedEarlier = 0;
  #damagedEarlier = 0;

  constructor(
    first: SourceAttempt,
    open: (failed: ReadonlyMap<string, string>) => Promise<SourceAttempt>,
    name: string,
    options: SourceOptions,
  ) {
    this.#attempt = first;
    this.#open = open;
    this.#name = name;
    this.#options = options;
    this.info$ = this.#info.asObservable();
    this.audio = this.#soundOf();
    this.ended = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // `ended` need not be handled: the frames complete as well.
    this.ended.catch(() => undefined);
    this.#follow(first);
    this.frames$ = new Observable<NativeFrame>((subscriber) => {
      this.#subscriber = subscriber;
      subscriber.add(this.#over$.subscribe(() => subscriber.complete()));
      subscriber.add(() => this.#subscription?.unsubscribe());
      this.#receive();
    });
  }

  get durationMs(): number | undefined {
    // At free pace it is a file, whose pictures and sound are of one graph.
    if (this.#isClosed || this.#options.pace === 'live') return undefined;
    return this.#addon.mediaDurationMs(this.#attempt.audio.graphId, 'video');
  }

  get dropped(): number {
    return this.#droppedEarlier + this.#attempt.dropped;
  }

  get droppedCoded(): number {
    return this.#droppedCodedEarlier + (this.#attempt.receiver?.counts.dropped ?? 0);
  }

  get damaged(): number {
    return this.#damagedEarlier + (this.#attempt.receiver?.counts.damaged ?? 0);
  }

  get trouble(): PictureTrouble | undefined {
    return this.#attempt.receiver?.trouble;
  }

  get lagMs(): number {
    return this.#attempt.receiver?.lagMs ?? 0;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#end();
    this.#info.complete();
    await this.#replacing;
    await this.#attempt.close();
  }

  /** The sound of the current attempt. */
  #soundOf(): SourceSound {
    const current = (): SourceAttempt => this.#attempt;
    const exists = firstValueFrom(
      this.#info.pipe(
        filter(({ audio, width }) => audio !== undefined && width !== undefined),
        map(({ audio }) => audio !== 'none'),
        takeUntil(this.#over$),
      ),
      { defaultValue: false },
    );
    return {
      exists,
      get graphId() {
        return current().audio.graphId;
      },
      get element() {
        return current().audio.element;
      },
    };
  }

  #follow(attempt: SourceAttempt): void {
    attempt.info$.subscribe((info) => this.#info.next({ ...this.#info.value, ...info }));
    attempt.ended.then(
      (end) => {
        this.#settle?.resolve(end);
        this.#end();
      },
      (error: unknown) => {
        if (error instanceof DecoderFailure && !this.#isClosed) this.#replacing = this.#replace(error);
        else this.#fail(error);
      },
    );
  }

  #receive(): void {
    this.#subscription = this.#attempt.frames$.subscribe((frame) => {
      // A file begins again with another decoder; frames that were handed on already are not repeated.
      if (frame.ptsMs <= this.#lastPtsMs || this.#subscriber === undefined) {
        this.#addon.release(frame.handle);
        return;
      }
      this.#lastPtsMs = frame.ptsMs;
      this.#subscriber.next(frame);
    });
  }

  async #replace({ element, message }: DecoderFailure): Promise<void> {
    this.#failed.set(element, message);
    this.#options.logger.warn(
      { source: this.#name, decoder: element, reason: message },
      'the decoder failed; the source is opened again with another one',
    );
    const failed = this.#attempt;
    try {
      const next = await this.#open(this.#failed);
      this.#addon.moveLinks(failed.audio, next.audio);
      this.#droppedEarlier += failed.dropped;
      this.#droppedCodedEarlier += failed.receiver?.counts.dropped ?? 0;
      this.#damagedEarlier += failed.receiver?.counts.damaged ?? 0;
      this.#attempt = next;
      await failed.close();
      if (this.#isClosed) return;
      this.#follow(next);
      if (this.#subscriber?.closed === false) this.#receive();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#settle?.reject(error);
    this.#end();
  }

  #end(): void {
    this.#over$.next();
    this.#over$.complete();
  }
}
