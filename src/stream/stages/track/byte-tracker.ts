import { AssignmentSolver } from '../../domain/assignment-solver.js';
import type { Point } from '../../../shared/domain/box.js';
import type { Detection, DetectionSet } from '../../../shared/domain/detection.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { Track, TrackId } from '../../../shared/domain/track.js';
import { estimateCameraMotion } from './camera-motion.js';
import { CostMatrix, overlapCost, type CombinedWeights } from './cost-matrix.js';
import { beginTracklet, matchTracklet, toTrack, type Tracklet } from './tracklet.js';

/** How detections become tracks. Scores and costs as published in ByteTrack (2110.06864). */
export interface ByteTrackerOptions {
  /**
   * Detections above this score are matched in the first stage, in [0, 1]. Higher lets only sure ones take
   * part in it, lower lets weak ones compete with them. @defaultValue 0.6
   */
  readonly highScore?: number;
  /**
   * Detections at or below this score are ignored, in [0, 1]. Higher keeps false detections out of the second
   * stage, lower keeps more covered people tracked. @defaultValue 0.1
   */
  readonly lowScore?: number;
  /**
   * A detection of at least this score that matches no track starts one, in [0, 1]. Higher starts fewer false
   * tracks, lower finds people sooner. @defaultValue 0.7
   */
  readonly newScore?: number;
  /**
   * Largest cost of a first-stage match, 1 − IoU × score, in [0, 1]. Higher follows faster movement and swaps
   * ids more easily, lower loses tracks sooner. @defaultValue 0.9
   */
  readonly matchCost?: number;
  /**
   * Seconds for which a track is predicted without a detection before it is removed, > 0. Higher bridges longer
   * occlusions, lower starts a new track sooner. @defaultValue 1
   */
  readonly lostS?: number;
  /**
   * Milliseconds of one step of the Kalman filter, > 0: the frame interval that its noise is meant for. Higher
   * trusts the motion model for longer, lower trusts detections more. @defaultValue 1000 / 30
   */
  readonly stepMs?: number;
  /**
   * `published`: exactly ByteTrack. `combined`: detections and tracks that it leaves unmatched are matched once
   * more by a cost of overlap, distance and size, a track just lost may come back on a weak detection, and a
   * jump of the camera is compensated. Only of tracks whose identity is checked by looks: of others the published
   * association is right more often.
   * @defaultValue 'published'
   */
  readonly association?: 'published' | 'combined';
  /** Of the combined cost. @defaultValue overlap 1, distance 2, size 1 */
  readonly weights?: CombinedWeights;
}

/** Largest 1 − IoU of a match with a weak detection, as published. */
const SECOND_MATCH_COST = 0.5;
/** Largest 1 − IoU × score of the second match of a new track, as published. */
const CONFIRM_COST = 0.7;
/** A tracked and a lost track with a smaller 1 − IoU are one person, as published. */
const DUPLICATE_COST = 0.15;
/** Combined association: seconds without a detection after which a weak detection is not enough. */
const WEAK_RETURN_S = 0.5;
/** Combined association: largest cost. */
const COMBINED_MATCH_COST = 0.8;
/** Only tracks detected within this time are evidence of a movement of the camera, seconds. */
const CAMERA_EVIDENCE_S = 0.25;
/** PTS are milliseconds with rounding; a time-out must not depend on the last bit. */
const TIME_TOLERANCE_MS = 1e-3;

/** What a stage of the association leaves unmatched: tracks, and indices of detections. */
interface Unmatched {
  readonly tracks: readonly Tracklet[];
  readonly detections: readonly number[];
}

/**
 * ByteTrack as published: strong detections are matched first, with IoU × score against the Kalman
 * predictions of all tracks; the tracked ones that remain are matched with the weak detections; strong
 * detections without a track start new ones, which are confirmed by a second match.
 *
 * Time is the PTS of the sets, so gaps and uneven sampling are exact; at a constant interval of
 * `stepMs` it is the published algorithm. No clock, no I/O.
 *
 * Source: Zhang et al. 2021, ByteTrack (2110.06864).
 */
export class ByteTracker {
  readonly #options: ByteTrackerOptions;
  readonly #stepMs: number;
  readonly #isCombinedFor: (track: Pick<Tracklet, 'id'>) => boolean;
  readonly #weights: CombinedWeights | undefined;
  readonly #solver = new AssignmentSolver();
  readonly #costs = new CostMatrix();
  #rowToColumn = new Int32Array(16);
  #tracked: Tracklet[] = [];
  #lost: Tracklet[] = [];
  #nextId = 1;
  #lastPtsMs = Number.NEGATIVE_INFINITY;

  /** Begins without tracks; of those that `isKnownByLooks` does not take, the association is the published one. */
  constructor(options: ByteTrackerOptions = {}, isKnownByLooks: (trackId: TrackId) => boolean = () => true) {
    this.#options = options;
    this.#stepMs = options.stepMs ?? 1000 / 30;
    const isCombined = options.association === 'combined';
    this.#isCombinedFor = ({ id }) => isCombined && isKnownByLooks(id);
    this.#weights = options.weights;
  }

  // Scores and times are read anew each time: they may change while people are followed.
  get #highScore(): number {
    return this.#options.highScore ?? 0.6;
  }

  get #lowScore(): number {
    return this.#options.lowScore ?? 0.1;
  }

  get #newScore(): number {
    return this.#options.newScore ?? 0.7;
  }

  get #matchCost(): number {
    return this.#options.matchCost ?? 0.9;
  }

  get #lostMs(): number {
    // The published code takes a track off its list one frame after its time is over.
    return (this.#options.lostS ?? 1) * 1000 + this.#stepMs + TIME_TOLERANCE_MS;
  }

  /**
   * Takes in the detections of one PTS; an empty set counts too.
   *
   * @returns all tracks that are left, in no particular order; one that is missing has been removed
   * @throws {@link DiptychError} `DIPTYCH_E_PTS_NOT_MONOTONIC` unless the PTS rises
   */
  update(set: DetectionSet): readonly Track[] {
    const { ptsMs, detections } = set;
    if (!(ptsMs > this.#lastPtsMs)) {
      throw new DiptychError(
        'DIPTYCH_E_PTS_NOT_MONOTONIC',
        `detections at ${ptsMs} ms came after ${this.#lastPtsMs} ms: give each set a later PTS`,
      );
    }
    const isFirst = this.#lastPtsMs === Number.NEGATIVE_INFINITY;
    const steps = isFirst ? 0 : (ptsMs - this.#lastPtsMs) / this.#stepMs;
    this.#lastPtsMs = ptsMs;

    const { strong, weak } = this.#splitByScore(detections);
    const confirmed = this.#tracked.filter((track) => track.confirmed);
    const unconfirmed = this.#tracked.filter((track) => !track.confirmed);
    const pool = [...confirmed, ...this.#lost];
    this.#predictPool(pool, steps, strong, set);
    const strongLeft = this.#associate(pool, strong, weak, set);
    const confirming = this.#costs.overlap(unconfirmed, strongLeft, detections, true);
    const unmatched = this.#match(unconfirmed, strongLeft, set, confirming, CONFIRM_COST);

    const born: Tracklet[] = [];
    for (const index of unmatched.detections) {
      const detection = detections[index]!;
      if (detection.score >= this.#newScore) born.push(beginTracklet(this.#nextId++, detection, index, ptsMs, isFirst));
    }
    const gone = new Set(unmatched.tracks);
    const living = [...pool, ...unconfirmed.filter((track) => !gone.has(track)), ...born];
    this.#tracked = living.filter((track) => track.state !== 'lost');
    this.#lost = living.filter((track) => track.state === 'lost' && ptsMs - track.seenPtsMs <= this.#lostMs);
    this.#dropDuplicates();
    return this.#snapshot(0);
  }

  /**
   * Where all tracks should be at `ptsMs`, by the motion model only; changes nothing, so it may be
   * called for any number of frames between two sets. A PTS before the latest set counts as that one.
   */
  predict(ptsMs: number): readonly Track[] {
    const steps = (ptsMs - this.#lastPtsMs) / this.#stepMs;
    return this.#snapshot(Number.isFinite(steps) && steps > 0 ? steps : 0);
  }

  /** Indices of the detections that take part in the first stage, and of those of the second. */
  #splitByScore(detections: readonly Detection[]): { readonly strong: number[]; readonly weak: number[] } {
    const strong: number[] = [];
    const weak: number[] = [];
    for (let index = 0; index < detections.length; index += 1) {
      const score = detections[index]!.score;
      if (score > this.#highScore) strong.push(index);
      else if (score > this.#lowScore && score < this.#highScore) weak.push(index);
    }
    return { strong, weak };
  }

  /** Moves confirmed and lost tracks on to the set's PTS, and with the camera. */
  #predictPool(pool: readonly Tracklet[], steps: number, strong: readonly number[], set: DetectionSet): void {
    if (steps > 0) for (const track of pool) track.filter.predict(steps);
    const shift = pool.some(this.#isCombinedFor) ? this.#compensateCamera(strong, set) : undefined;
    for (const track of pool) {
      track.prediction = {
        box: track.filter.box(),
        stdPx: track.filter.innovationStd(),
        ...(shift ? { cameraShift: shift } : {}),
      };
    }
  }

  /** Matches confirmed and lost tracks with detections. @returns the strong detections that are left */
  #associate(
    pool: readonly Tracklet[],
    strong: readonly number[],
    weak: readonly number[],
    set: DetectionSet,
  ): readonly number[] {
    const { ptsMs, detections } = set;
    const overlap = this.#costs.overlap(pool, strong, detections, true);
    const first = this.#match(pool, strong, set, overlap, this.#matchCost);
    const forWeak = first.tracks.filter((track) => this.#mayTakeWeak(track, ptsMs));
    const weakOverlap = this.#costs.overlap(forWeak, weak, detections, false);
    const second = this.#match(forWeak, weak, set, weakOverlap, SECOND_MATCH_COST);
    let strongLeft = first.detections;
    const left = first.tracks.filter((track) => track.seenPtsMs !== ptsMs && this.#isCombinedFor(track));
    if (left.length > 0) {
      const costs = this.#costs.combined(left, strongLeft, detections, this.#weights);
      strongLeft = this.#match(left, strongLeft, set, costs, COMBINED_MATCH_COST).detections;
    }
    for (const track of second.tracks) {
      if (track.seenPtsMs === ptsMs) continue;
      track.state = 'lost';
      track.filter.holdSize();
    }
    return strongLeft;
  }

  #mayTakeWeak(track: Tracklet, ptsMs: number): boolean {
    if (track.state === 'tracked') return true;
    return ptsMs - track.seenPtsMs <= WEAK_RETURN_S * 1000 && this.#isCombinedFor(track);
  }

  /** Moves every track with the camera. @returns by how much, pixels; `undefined` where it did not move */
  #compensateCamera(strong: readonly number[], { ptsMs, detections }: DetectionSet): Point | undefined {
    const living = [...this.#tracked, ...this.#lost];
    const shift = estimateCameraMotion(
      living.filter((track) => ptsMs - track.seenPtsMs <= CAMERA_EVIDENCE_S * 1000).map((track) => track.filter.box()),
      strong.map((index) => detections[index]!.box),
    );
    if (shift) for (const track of living) track.filter.translate(shift.x, shift.y);
    return shift;
  }

  /** Pairs tracks with the detections at `indices` at the least total cost, and updates them. */
  #match(
    tracks: readonly Tracklet[],
    indices: readonly number[],
    { ptsMs, detections }: DetectionSet,
    costs: Float64Array,
    limit: number,
  ): Unmatched {
    if (tracks.length === 0 || indices.length === 0) return { tracks, detections: indices };
    if (this.#rowToColumn.length < tracks.length) this.#rowToColumn = new Int32Array(2 * tracks.length);
    this.#solver.solve(costs, tracks.length, indices.length, limit, this.#rowToColumn);

    const freeTracks: Tracklet[] = [];
    const taken = new Set<number>();
    for (let row = 0; row < tracks.length; row += 1) {
      const track = tracks[row]!;
      const column = this.#rowToColumn[row]!;
      if (column < 0) {
        freeTracks.push(track);
        continue;
      }
      const index = indices[column]!;
      taken.add(index);
      matchTracklet(track, detections[index]!, index, ptsMs);
    }
    return { tracks: freeTracks, detections: indices.filter((index) => !taken.has(index)) };
  }

  /** Of a tracked and a lost track in one position the one with the longer history stays. */
  #dropDuplicates(): void {
    if (this.#tracked.length === 0 || this.#lost.length === 0) return;
    const dropped = new Set<Tracklet>();
    const lostBoxes = this.#lost.map((track) => track.filter.box());
    for (const tracked of this.#tracked) {
      const box = tracked.filter.box();
      for (const [index, lost] of this.#lost.entries()) {
        if (overlapCost(box, lostBoxes[index]!) >= DUPLICATE_COST) continue;
        const isOlder = tracked.seenPtsMs - tracked.bornPtsMs > lost.seenPtsMs - lost.bornPtsMs;
        dropped.add(isOlder ? lost : tracked);
      }
    }
    if (dropped.size === 0) return;
    this.#tracked = this.#tracked.filter((track) => !dropped.has(track));
    this.#lost = this.#lost.filter((track) => !dropped.has(track));
  }

  #snapshot(steps: number): readonly Track[] {
    const tracks: Track[] = [];
    for (const track of this.#tracked) tracks.push(toTrack(track, steps, this.#lastPtsMs));
    for (const track of this.#lost) tracks.push(toTrack(track, steps, this.#lastPtsMs));
    return tracks;
  }
}
