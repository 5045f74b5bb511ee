import { LatencyStats } from './latency-stats.js';
import type { SourceCondition } from '../domain/composition-plan.js';
import type {
  PersonStatus,
  SourceStatus,
  StreamState,
  StreamStatus,
  TargetStatus,
} from '../../shared/domain/stream-status.js';
import type { SlotAssignment, Track } from '../../shared/domain/track.js';

type Stage = keyof StreamStatus['latencyMs'];

const STAGES: readonly Stage[] = ['decode', 'detect', 'compose', 'encode', 'total'];
const NO_REID: StreamStatus['reid'] = {
  computed: 0,
  skipped: 0,
  activationRatio: 0,
  swapsSuspected: 0,
  swapsCorrected: 0,
};

/** Counts of a stream so far: detections matched to tracks, and how many of them were looked at. */
export interface IdentityTally extends Omit<StreamStatus['reid'], 'activationRatio'> {
  readonly matched: number;
}

/** What the monitor asks for when a status is due. */
export interface MonitorSources {
  readonly condition: () => SourceCondition;
  readonly targets: () => readonly TargetStatus[];
  /** Frames that graphs dropped because nobody took them in time. */
  readonly droppedByGraphs: () => number;
}

/** Counts what a stream does and sums it up as the status that the API shows. */
export class StreamMonitor {
  readonly #sources: MonitorSources;
  #output: StreamStatus['output'];
  readonly #latencies = new LatencyStats<Stage>(STAGES);
  #source: SourceStatus;
  #people: readonly PersonStatus[] = [];
  #framesIn = 0;
  #framesOut = 0;
  #repeated = 0;
  #dropped = 0;
  #reid = NO_REID;
  #error: string | undefined;
  #failed = false;

  constructor(url: string, output: StreamStatus['output'], sources: MonitorSources) {
    this.#source = { url };
    this.#output = output;
    this.#sources = sources;
  }

  get state(): StreamState {
    if (this.#failed) return 'failed';
    const condition = this.#sources.condition();
    if (condition !== 'lost') return condition;
    return this.#framesIn === 0 ? 'connecting' : 'offline';
  }

  /** The source told more of itself. */
  describeSource(description: Partial<SourceStatus>): void {
    this.#source = { ...this.#source, ...description };
  }

  /** What encodes, and why. */
  describeEncoder(encoder: string, encoderReason: string): void {
    this.#output = { ...this.#output, encoder, encoderReason };
  }

  frameIn(tracks: readonly Track[], slots: SlotAssignment): void {
    this.#framesIn += 1;
    this.#error = undefined;
    this.#people = tracks.map((track) => {
      const slot = slots.indexOf(track.id);
      return { trackId: track.id, ...(slot >= 0 && { slot }), box: track.box, score: track.score };
    });
  }

  frameOut({ isNew }: { readonly isNew: boolean }): void {
    this.#framesOut += 1;
    if (!isNew) this.#repeated += 1;
  }

  /** A source frame that the output had no room or no time for. */
  frameDropped(): void {
    this.#dropped += 1;
  }

  took(stage: Stage, durationMs: number): void {
    this.#latencies.add(stage, durationMs);
  }

  /** How often faces were looked at so far, and what came of it. */
  identities({ matched, ...counts }: IdentityTally): void {
    this.#reid = { ...counts, activationRatio: matched > 0 ? counts.computed / matched : 0 };
  }

  /** Nobody is in the picture any more: the source is gone. */
  sourceLost(error: string | undefined): void {
    this.#people = [];
    this.#error = error;
  }

  fail(error: string): void {
    this.#failed = true;
    this.#error = error;
  }

  read(): StreamStatus {
    return {
      state: this.state,
      ...(this.#error !== undefined && { error: this.#error }),
      source: this.#source,
      output: this.#output,
      people: this.#people,
      latencyMs: this.#latencies.read(),
      frames: {
        in: this.#framesIn,
        out: this.#framesOut,
        repeated: this.#repeated,
        dropped: this.#dropped + this.#sources.droppedByGraphs(),
      },
      targets: this.#sources.targets(),
      reid: this.#reid,
    };
  }
}
