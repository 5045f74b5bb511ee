import { changedOptions, type ChangedOptions } from '../../shared/config/changed-options.js';
import { nameTargets } from '../../shared/config/parse-config.js';
import type { StreamConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { ManagedStreamOptions } from './managed-stream-options.js';
import type { RememberedPeople } from '../../shared/domain/remembered-people.js';
import type { PersonStatus, StageTimings, StreamStatus } from '../../shared/domain/stream-status.js';
import type { Publication, ReachedState, SlotAction, WantedStream } from '../../shared/ipc/messages.js';
import { ReachedGate } from './reached-gate.adapter.js';
import type { ShotAction } from '../../shared/domain/shot.js';
import { rejectLeftOut, rejectPersonBeside, rejectSlotAction, rejectUnknownPerson } from './reject-slot-action.js';
import { RecordingView } from './recording-view.js';
import { TargetViews } from './target-views.js';
import { WantedState } from './wanted-state.js';

/** How long a change may take to be confirmed by a stream that runs, s; ending a target takes up to 1.2. */
const SETTLE_TIMEOUT_S = 5;
/** The same of one that starts, s: its process and its graphs come first, and a busy machine needs long for them. */
const SETTLE_AT_START_TIMEOUT_S = 20;

/** What a run tells of itself. */
export interface RunReport {
  /** Targets and recording as they run. */
  readonly status: Pick<StreamStatus, 'targets' | 'recording'>;
  /** How long its stages took. */
  readonly timings?: StageTimings;
}

/** What is wanted of one stream beside what is known of its run: the one truth that people are shown. */
export class WantedAndRunning {
  readonly #wanted: WantedState;
  readonly #targets = new TargetViews();
  readonly #recording = new RecordingView();
  readonly #gate = new ReachedGate();
  /** Of the run that goes on; 0 before it reports the first one. */
  #reachedRevision = 0;
  #isReady = false;
  #timings: StageTimings | undefined;
  readonly #onPeople: ManagedStreamOptions['onPeople'];
  #known: Pick<WantedStream, 'people'>;

  constructor(
    config: StreamConfig,
    { people, onPeople, isSilent }: Pick<ManagedStreamOptions, 'people' | 'onPeople' | 'isSilent'> = {},
  ) {
    this.#wanted = new WantedState(config, isSilent, people?.tiles?.isLocked);
    this.#known = people ? { people } : {};
    this.#onPeople = onPeople;
  }

  /** With its secrets; every target has an id. */
  get config(): StreamConfig {
    return this.#wanted.config;
  }

  /** To be sent whole. */
  get document(): WantedStream {
    return this.#wanted.document;
  }

  /** How long stages took in the run that goes on, or went on last. */
  get timings(): StageTimings | undefined {
    return this.#timings;
  }

  /** Another configuration is wanted. Returns what has changed. */
  configure(config: StreamConfig): ChangedOptions {
    const changed = changedOptions(this.config, nameTargets(config));
    if (changed.live.length + changed.restart.length > 0) {
      for (const id of this.#wanted.configure(config)) this.#targets.forget(id);
    }
    return changed;
  }

  /** As {@link WantedState.silence}. */
  silence(isSilent: boolean): void {
    this.#wanted.silence(isSilent);
  }

  /**
   * Asks something of the tiles.
   *
   * @param people - whom the stream follows now
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` for a person, while the stream knows nobody by number;
   *   `DIPTYCH_E_BAD_INPUT` for a tile, `DIPTYCH_E_NOT_FOUND` for a person that there is not
   */
  act(action: SlotAction, people: readonly PersonStatus[]): void {
    if ('trackId' in action && !this.#isReady) {
      throw new DiptychError(
        'DIPTYCH_E_NOT_READY',
        `stream "${this.config.id}" is starting and its people are not known yet; use one that it lists in people`,
      );
    }
    rejectSlotAction(action, this.config, people);
    this.#wanted.act(action);
    if (action.action === 'unlock') this.#known = withoutPins(this.#known);
  }

  /**
   * Asks something of the shot.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` for the shot that is shown, while none is, and for a person
   *   while the stream knows nobody by number; `DIPTYCH_E_NOT_FOUND` for a person that there is not,
   *   `DIPTYCH_E_BAD_INPUT` for a person beside a shot that shows more than one
   */
  actShot(action: ShotAction, { shot, people }: Pick<StreamStatus, 'shot' | 'people'>): void {
    if (action.action === 'release') return this.#wanted.askShot(undefined);
    const { kind = shot?.kind, trackId } = action;
    rejectPersonBeside(kind, trackId);
    if (kind === undefined || (trackId !== undefined && !this.#isReady)) {
      throw new DiptychError(
        'DIPTYCH_E_NOT_READY',
        `stream "${this.config.id}" shows no picture yet; ${kind === undefined ? 'name a kind, or ' : ''}try again when it does`,
      );
    }
    if (trackId !== undefined) {
      rejectUnknownPerson(trackId, people);
      rejectLeftOut(trackId, people);
    }
    this.#wanted.askShot({ action: action.action, kind, ...(trackId !== undefined && { trackId }) });
  }

  /** Somebody publishes, or nobody any more. */
  publish(publication: Publication | undefined): void {
    this.#wanted.publish(publication);
  }

  /**
   * Resolves when nothing runs any more that is not wanted now.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` where the stream does not say so in time
   */
  async settled(): Promise<void> {
    const { revision } = this.document;
    const timeoutS = this.#isReady ? SETTLE_TIMEOUT_S : SETTLE_AT_START_TIMEOUT_S;
    if (this.#reachedRevision >= revision || (await this.#gate.wait(revision, timeoutS))) return;
    throw new DiptychError(
      'DIPTYCH_E_NOT_READY',
      `the change is noted, but stream "${this.config.id}" did not confirm it within ${timeoutS} s; it is applied as soon as the stream answers`,
    );
  }

  /** What a new run of the stream is started with. */
  beginRun(): WantedStream {
    this.#wanted.beginRun();
    return { ...this.document, ...this.#known };
  }

  /**
   * What a run is started with that is to take over from this one later: it publishes and records nothing, and repeats
   * no action that this one does. Every document that follows is newer.
   */
  forSuccessor(): WantedStream {
    const { document } = this;
    const { publication: _other, ...rest } = document;
    const { config } = document;
    return {
      ...{ ...rest, ...this.#known },
      config: { ...config, record: { ...config.record, enabled: false } },
      ...{ revision: 0, targets: [], slots: { isLocked: document.slots.isLocked, actions: [] } },
    };
  }

  /** Another run has taken over; nothing of the one before is over yet, so nobody is told that. */
  handOver(): void {
    this.#wanted.beginRun();
    this.#reachedRevision = 0;
    this.#targets.endRun();
    this.#recording.endRun();
  }

  /** Whether the run that goes on has been ready. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** The run tells whom it knows, for the next one. */
  remember(people: RememberedPeople): void {
    this.#known = { people };
    this.#onPeople?.(this.config.id, people);
  }

  /** The run is ready. */
  ready(): void {
    this.#isReady = true;
  }

  /** The run has followed what is wanted so far. */
  reached({ revision, slotAction }: ReachedState): void {
    this.#reachedRevision = revision;
    this.#wanted.acknowledge(slotAction);
    this.#gate.reach(revision);
  }

  /** The run reports its targets, its recording and its timings. */
  report({ status, timings }: RunReport): void {
    this.#targets.report(status.targets);
    this.#recording.report(status.recording);
    this.#timings = timings ?? this.#timings;
  }

  /** What was known of the run is over. */
  endRun(): void {
    this.#isReady = false;
    this.#reachedRevision = 0;
    this.#targets.endRun();
    this.#recording.endRun();
    this.#gate.open();
  }

  /** The targets and the recording that are wanted, each as it runs. */
  outputs(): Pick<StreamStatus, 'targets' | 'recording'> {
    const isCurrent = (id: string): boolean => this.#reachedRevision >= this.#wanted.targetRevision(id);
    const now = new Date().toISOString();
    const isReady = this.#isReady;
    return {
      targets: this.#targets.update(this.document.targets, { isReady, isCurrent }, now),
      recording: this.#recording.update({ isWanted: this.document.config.record.enabled, isReady }, now),
    };
  }
}

/** A run that begins after pins were ended pins nobody. */
function withoutPins({ people }: Pick<WantedStream, 'people'>): Pick<WantedStream, 'people'> {
  if (!people?.tiles) return people ? { people } : {};
  const tiles = people.tiles.tiles.map((tile) => ({ ...tile, isPinned: false }));
  return { people: { ...people, tiles: { isLocked: false, tiles } } };
}
