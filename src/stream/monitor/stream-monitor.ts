import { LatencyStats } from './latency-stats.js';
import { errorOfState, stateWithoutSource } from '../../shared/domain/state-error.js';
import type { StatusError } from '../../shared/domain/status-error.js';
import { DurationCounter } from '../../shared/domain/durations.js';
import type { PoseCounts } from '../../shared/domain/detection.js';
import type { RecordingStatus } from '../../shared/domain/recording.js';
import type { SourceCondition } from '../domain/composition-plan.js';
import {
  TIMED_STAGES,
  type NextSourceStatus,
  type PersonStatus,
  type SourceStatus,
  type SourceTrouble,
  type StageTimings,
  type StreamState,
  type StreamStatus,
  type TargetStatus,
  type TimedStageName,
} from '../../shared/domain/stream-status.js';
import type { HeldShot, ShotStatus } from '../../shared/domain/shot.js';
import type { TileHold } from '../../shared/domain/slot-action.js';
import type { Shot } from '../domain/shot.js';
import { shownBox, type SlotAssignment, type Track, type TrackId } from '../../shared/domain/track.js';

type Stage = keyof StreamStatus['latencyMs'];

const STAGES: readonly Stage[] = ['decode', 'detect', 'compose', 'encode', 'total'];
const NO_REID: StreamStatus['reid'] = {
  computed: 0,
  skipped: 0,
  activationRatio: 0,
  swapsSuspected: 0,
  swapsCorrected: 0,
};

const NOT_RECORDED: RecordingStatus = { state: 'off', since: new Date(0).toISOString(), bytes: 0 };

/** Counts of a stream so far: detections matched to tracks, and how many of them were embedded. */
export interface IdentityTally extends Omit<StreamStatus['reid'], 'activationRatio'> {
  /** Detections that were matched to tracks. */
  readonly matched: number;
}

/** What the monitor asks for when a status is due. */
export interface MonitorSources {
  /** How the source is. */
  readonly condition: () => SourceCondition;
  /** What is the matter with the pictures of a source that is received; `since` in ISO 8601. @defaultValue nothing */
  readonly trouble?: () => { readonly kind: SourceTrouble; readonly since: string } | undefined;
  /** Of all targets, in the order in which they were added. */
  readonly targets: () => readonly TargetStatus[];
  /** Whether and how it is recorded. @defaultValue it is not */
  readonly recording?: () => RecordingStatus;
  /** Running time now, ms, to tell when a shot began. @defaultValue shots begin now */
  readonly nowMs?: () => number;
  /** Frames that the source's graph left out. */
  readonly droppedBy: () => StreamStatus['frames']['droppedBy'];
  /** Packets and pictures of the source that came damaged. @defaultValue none */
  readonly damaged?: () => number;
}

/** Who is in a frame of the source. */
export interface PeopleOfFrame {
  /** Followed people. */
  readonly tracks: readonly Track[];
  /** Their tiles. */
  readonly slots: SlotAssignment;
  /** How they are shown. @defaultValue nothing is told of it */
  readonly shot?: Shot;
  /** Who may have no tile, by name or number. @defaultValue nobody */
  readonly leftOut?: ReadonlySet<TrackId>;
  /** What users have fixed of the tiles. @defaultValue nothing */
  readonly hold?: TileHold;
  /** Their names. @defaultValue nobody has one */
  readonly names?: ReadonlyMap<TrackId, string>;
}

/** Counts what a stream does and sums it up as the status that the API shows. */
export class StreamMonitor {
  readonly #sources: MonitorSources;
  #output: StreamStatus['output'];
  readonly #latencies = new LatencyStats<Stage>(STAGES);
  #source: SourceStatus;
  #nextSource: NextSourceStatus | undefined;
  /** Of the newest frame: the status is read once a second, frames come at 30. */
  #people: PeopleOfFrame | undefined;
  #tiles: TileHold | undefined;
  #shot: (ShotStatus & Pick<Shot, 'sincePtsMs'>) | undefined;
  readonly #durations = new Map(TIMED_STAGES.map((stage) => [stage, new DurationCounter()]));
  #reconnects = 0;
  #framesIn = 0;
  #framesOut = 0;
  #repeated = 0;
  #detected = 0;
  #dropped = 0;
  #reid = NO_REID;
  #poses: PoseCounts | undefined;
  #error: StatusError | undefined;
  #failed = false;

  constructor(url: string, output: StreamStatus['output'], sources: MonitorSources) {
    this.#source = { url };
    this.#output = output;
    this.#sources = sources;
  }

  /** As the API shows it. */
  get state(): StreamState {
    if (this.#failed) return 'failed';
    const condition = this.#sources.condition();
    const trouble = this.#sources.trouble?.()?.kind;
    if (condition === 'live') return trouble ?? 'live';
    // Pictures do not come, and this is why.
    if (trouble === 'waiting_for_keyframe' || trouble === 'overloaded') return trouble;
    if (condition === 'stalled') return 'stalled';
    return stateWithoutSource(this.#error?.code, this.#framesIn > 0);
  }

  /** More is known of the source. */
  describeSource(description: Partial<SourceStatus>): void {
    this.#source = { ...this.#source, ...description };
  }

  /** Another source is received; what was known of the former one is forgotten. */
  replaceSource(source: SourceStatus): void {
    this.#source = source;
  }

  /** Another source is to take the place of the one that is received, or none any more. */
  describeNextSource(next: NextSourceStatus | undefined): void {
    this.#nextSource = next;
  }

  /** What encodes, and why. */
  describeEncoder(encoder: string, encoderReason: string): void {
    this.#output = { ...this.#output, encoder, encoderReason };
  }

  /** The bitrate of the video is another one, kbit/s. */
  describeBitrate(bitrateKbps: number): void {
    this.#output = { ...this.#output, bitrateKbps };
  }

  /** The people of a source frame are known. */
  frameIn(people: PeopleOfFrame): void {
    this.#takeShot(people.shot, people.names);
    this.#framesIn += 1;
    this.#error = undefined;
    this.#tiles = people.hold;
    this.#people = people;
  }

  /** An output frame was composed; `isNew` where it shows a source frame for the first time. */
  frameOut({ isNew }: { readonly isNew: boolean }): void {
    this.#framesOut += 1;
    if (!isNew) this.#repeated += 1;
  }

  /** A source frame was left out: it came too fast, or painting could not keep up. */
  frameDropped(): void {
    this.#dropped += 1;
  }

  /** A stage took so long, ms. */
  took(stage: TimedStageName, durationMs: number): void {
    if (stage === 'detect') this.#detected += 1;
    this.#durations.get(stage)?.add(durationMs);
    if (stage !== 'reid') this.#latencies.add(stage, durationMs);
  }

  /** How often faces were embedded so far, and what followed. */
  identities({ matched, ...counts }: IdentityTally): void {
    this.#reid = { ...counts, activationRatio: matched > 0 ? counts.computed / matched : 0 };
  }

  /** The network that reads poses looked at so many people of a frame. */
  posed({ computed, skipped }: PoseCounts): void {
    const { computed: before = 0, skipped: skippedBefore = 0 } = this.#poses ?? {};
    this.#poses = { computed: before + computed, skipped: skippedBefore + skipped };
  }

  /** The source is lost, and all people with it; `error` says why, and when it is opened again. */
  sourceLost(error: StatusError): void {
    this.#people = undefined;
    this.#shot = undefined;
    this.#reconnects += 1;
    this.#error = error;
  }

  /** The stream ends by a failure: `state` is `failed` from now on. */
  fail(error: StatusError): void {
    this.#failed = true;
    this.#error = error;
  }

  /** How long stages took so far. */
  get timings(): StageTimings {
    return Object.fromEntries([...this.#durations].map(([stage, counter]) => [stage, counter.read()])) as StageTimings;
  }

  #takeShot(shot: Shot | undefined, names: PeopleOfFrame['names']): void {
    if (!shot) return;
    const { kind, reason, sincePtsMs } = shot;
    const { preset = 'normal' } = shot;
    const more = { preset, ...(shot.held && ({ isHeld: true, held: this.#named(shot.held, names) } as const)) };
    if (sincePtsMs === this.#shot?.sincePtsMs) {
      const { since } = this.#shot;
      this.#shot = { ...{ kind, reason, sincePtsMs, since }, ...more };
      return;
    }
    const agoMs = Math.max(0, (this.#sources.nowMs?.() ?? sincePtsMs) - sincePtsMs);
    this.#shot = { ...{ kind, reason, sincePtsMs }, since: new Date(Date.now() - agoMs).toISOString(), ...more };
  }

  /** With the name of who is held, also once they are not to be seen. */
  #named(held: HeldShot, names: PeopleOfFrame['names']): NonNullable<ShotStatus['held']> {
    const { trackId } = held;
    if (trackId === undefined) return held;
    const former = this.#shot?.held?.trackId === trackId ? this.#shot.held.name : undefined;
    const name = names?.get(trackId) ?? former;
    return { ...held, ...(name !== undefined && { name }) };
  }

  /** The status now. */
  read(): StreamStatus {
    const { state } = this;
    const trouble = this.#sources.trouble?.();
    const droppedBy = this.#sources.droppedBy();
    const error = errorOfState(state, this.#error);
    return {
      state,
      ...(trouble?.kind === state && { since: trouble.since }),
      ...(error && { error }),
      source: { ...this.#source, reconnects: this.#reconnects, ...(this.#nextSource && { next: this.#nextSource }) },
      output: this.#output,
      people: this.#people ? statusOf(this.#people) : [],
      ...(this.#shot && { shot: withoutPts(this.#shot) }),
      ...(this.#tiles && { tiles: this.#tiles }),
      latencyMs: this.#latencies.read(),
      frames: {
        in: this.#framesIn,
        out: this.#framesOut,
        repeated: this.#repeated,
        detected: this.#detected,
        dropped: this.#dropped + droppedBy.decode + droppedBy.late,
        droppedBy,
        damaged: this.#sources.damaged?.() ?? 0,
      },
      targets: this.#sources.targets(),
      recording: this.#sources.recording?.() ?? NOT_RECORDED,
      reid: this.#reid,
      ...(this.#poses && { poses: this.#poses }),
    };
  }
}

function statusOf({ tracks, slots, names, leftOut }: PeopleOfFrame): readonly PersonStatus[] {
  return tracks.map((track) => {
    const slot = slots.indexOf(track.id);
    const name = names?.get(track.id);
    const { head, gaze } = track;
    return {
      trackId: track.id,
      ...(name !== undefined && { name }),
      ...(slot >= 0 && { slot }),
      ...(leftOut?.has(track.id) === true && { isLeftOut: true }),
      box: shownBox(track),
      ...(head && { head }),
      ...(gaze && { gaze }),
      score: track.score,
    };
  });
}

/** A shot as the status has it. */
const withoutPts = ({ sincePtsMs: _sincePtsMs, ...shot }: ShotStatus & Pick<Shot, 'sincePtsMs'>): ShotStatus => shot;
