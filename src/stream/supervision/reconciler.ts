import type { StreamConfig } from '../../shared/config/schema.js';
import type { NumberedShot } from '../../shared/domain/shot.js';
import type { SlotAction } from '../../shared/domain/slot-action.js';
import type { ReachedState, WantedStream, WantedTarget } from '../../shared/ipc/messages.js';
import {
  reconcile,
  type ReconcileStep,
  type RecordSettings,
  type RunningRecording,
  type RunningTarget,
} from './reconcile.js';

/** What a {@link Reconciler} steers. */
export interface ReconcilerOptions {
  /** Publishes to targets; `end` resolves when the target has ended, and never rejects. */
  readonly targets: {
    readonly running: readonly RunningTarget[];
    start(target: WantedTarget): void;
    end(id: string): Promise<void>;
  };
  /** Options of the stream. */
  readonly options: {
    /** Those that it runs with. */
    current(): StreamConfig;
    set(config: StreamConfig, changed: readonly string[]): void;
    setBitrate(bitrateKbps: number): void;
    setSource(source: StreamConfig['source']): void;
  };
  /** Records the stream; `end` resolves when the recording has ended, and never rejects. */
  readonly recording: {
    readonly running: RunningRecording | undefined;
    start(settings: RecordSettings): void;
    end(): Promise<void>;
  };
  /** Takes an action to the tiles; one that is refused is reported there. */
  readonly applySlots: (action: SlotAction) => void;
  /** Takes what is asked of the shot to the picture; `undefined` lets the rules decide. */
  readonly applyShot?: (shot: NumberedShot | undefined) => void;
  /** Told after every wanted state, and whenever more of it is reached. */
  readonly onReached: (reached: ReachedState) => void;
}

/**
 * Brings what runs of a stream to what is wanted, see {@link reconcile}: looks again whenever
 * something else is wanted, and whenever a target or the recording has ended.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  #wanted: WantedStream | undefined;
  #slotAction = 0;
  #isLocked = false;
  #shotNumber: number | undefined;
  #reachedRevision = 0;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** From now on this is wanted; an older document than the last one is ignored. */
  want(wanted: WantedStream): void {
    if (this.#wanted && wanted.revision < this.#wanted.revision) return;
    this.#wanted = wanted;
    this.#look();
  }

  /** From now on nothing is started or ended here any more. Idempotent. */
  close(): void {
    this.#wanted = undefined;
  }

  #look(): void {
    const wanted = this.#wanted;
    if (!wanted) return;
    const { targets, recording, options, onReached } = this.#options;
    const running = {
      ...{ targets: targets.running, recording: recording.running, config: options.current() },
      ...{ slotAction: this.#slotAction, isLocked: this.#isLocked, shotNumber: this.#shotNumber },
    };
    const { steps, isReached } = reconcile(wanted, running);
    for (const step of steps) this.#take(step);
    if (isReached) this.#reachedRevision = wanted.revision;
    onReached({ revision: this.#reachedRevision, slotAction: this.#slotAction });
  }

  #take(step: ReconcileStep): void {
    const { targets, recording, options, applySlots } = this.#options;
    switch (step.type) {
      case 'end-target':
        void targets.end(step.id).then(() => this.#look());
        return;
      case 'start-target':
        targets.start(step.target);
        return;
      case 'set-options':
        options.set(step.config, step.changed);
        return;
      case 'set-source':
        options.setSource(step.source);
        return;
      case 'set-bitrate':
        options.setBitrate(step.bitrateKbps);
        return;
      case 'end-recording':
        void recording.end().then(() => this.#look());
        return;
      case 'start-recording':
        recording.start(step.settings);
        return;
      case 'shot':
        this.#shotNumber = step.shot?.number;
        this.#options.applyShot?.(step.shot);
        return;
      case 'slots': {
        const { action, number } = step;
        if (number !== undefined) this.#slotAction = number;
        if (action.action === 'lock') this.#isLocked = true;
        if (action.action === 'unlock') this.#isLocked = false;
        applySlots(action);
      }
    }
  }
}
