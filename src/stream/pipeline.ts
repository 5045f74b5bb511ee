import { defer, finalize, identity, map, pipe, tap, type Observable, type OperatorFunction } from 'rxjs';
import type { Box, Size } from '../shared/domain/box.js';
import type { DetectionSet } from '../shared/domain/detection.js';
import type { Frame } from '../shared/domain/frame.js';
import { extendedOptions } from './domain/live-options.js';
import type { SourceCondition } from './domain/composition-plan.js';
import type { Shot } from './domain/shot.js';
import type { TileHold } from '../shared/domain/slot-action.js';
import type { SlotAssignment, Track, TrackId } from '../shared/domain/track.js';
import { assignSlots, type AssignSlotsOptions, type SlotsOfFrame } from './stages/assign/assign-slots.operator.js';
import { namePeople, type NamePeopleOptions } from './stages/assign/name-people.operator.js';
import type { SlotInput } from './stages/assign/slot-options.js';
import type { NamesByPerson } from './stages/assign/people-names.js';
import {
  fillGrid,
  type FillGridOptions,
  type OutputFrame,
  type SourceFrame,
} from './stages/compose/fill-grid.operator.js';
import type { LayoutInput, LayoutPlannerOptions } from './stages/compose/layout-input.js';
import { paintFrames, type PaintedFrame, type Painter, type PlannedFrame } from './stages/compose/paint.operator.js';
import { planComposition } from './stages/compose/plan.operator.js';
import { detectEvery, detectLatest, type Detected, type DetectOptions } from './stages/detect/detect.operator.js';
import type { Detector } from './stages/detect/detector.js';
import { admitFrames } from './stages/ingest/admit-frames.operator.js';
import type { FrameSemaphore } from './stages/ingest/frame-semaphore.js';
import { toBackendMemory, type ToBackendMemoryOptions } from './stages/ingest/to-backend-memory.operator.js';
import { identify, identifyEvery, type IdentifyOptions } from './stages/reid/reid.operator.js';
import type { ByteTrackerOptions } from './stages/track/byte-tracker.js';
import { chooseShot, type ChooseShotOptions } from './stages/shot/choose-shot.operator.js';
import { track, type DetectedFrame } from './stages/track/track.operator.js';
import { withMore } from '../shared/with-more.js';

/** A source frame with all that is known of the people in it. */
export interface KnownFrame extends Frame, SourceFrame {
  /** Living tracks at the frame's PTS, boxes in pixels of the source. */
  readonly tracks: readonly Track[];
  /** Which track fills each tile, from left to right. */
  readonly slots: SlotAssignment;
  /** How they are shown. */
  readonly shot: Shot;
  /** What users have fixed of the tiles. @defaultValue nothing */
  readonly hold?: TileHold;
  /** Who may have no tile, by name or number. @defaultValue nobody */
  readonly leftOut?: ReadonlySet<TrackId>;
  /** Names of people in the frame of whom it is sure who they are. */
  readonly names: NamesByPerson;
  /** When it was decoded, running time in ms; absent for frames that nobody timed. */
  readonly arrivedMs?: number;
}

/** A frame of the output, painted; its receiver owns one reference to `picture`. */
export type ComposedFrame = OutputFrame<KnownFrame> & PlannedFrame & PaintedFrame;

/** A source frame with its tracks and, where detections are new, the picture they were found in. */
export type TrackedPicture<F> = Detected<F> & { readonly tracks: readonly Track[] };

/**
 * What the chain does while a network works.
 *
 * - `later`: frames never wait; an answer counts from the first frame after it came. Beside a live source.
 * - `awaited`: every frame waits for its answers, so that the same input gives the same output. Over a
 *   file, which is read as fast as `semaphore` and `ready` let its frames in.
 */
export type Pace =
  | { readonly answers: 'later' }
  | {
      readonly answers: 'awaited';
      /** Bounds the frames in the chain, and releases them. */
      readonly semaphore: FrameSemaphore;
      /** Resolves when the receiver of the output can take more. @defaultValue at once */
      readonly ready?: () => Promise<void>;
    };

/** From a decoded frame to detections. */
export interface DetectPeopleOptions<F extends Frame> {
  /** Whether frames wait for the detector. */
  readonly pace: Pace;
  /** How a frame comes to the memory that the backend works in. */
  readonly toBackendMemory: ToBackendMemoryOptions<F>;
  /** Detects people in a frame. */
  readonly detector: Pick<Detector, 'detect'>;
  /** How often it is asked. */
  readonly detect: Omit<DetectOptions, 'hints'>;
  /** Called with every frame once its detections are known, before it is tracked; with those that are new. */
  readonly onDetected?: ((found: DetectionSet | undefined) => void) | undefined;
}

/** From detections to lasting identities. */
export interface FollowPeopleOptions<F> {
  /** Whether frames wait for embeddings. */
  readonly pace: Pick<Pace, 'answers'>;
  /** Of the tracker. */
  readonly track: ByteTrackerOptions;
  /** Keeps identities through occlusions and absences; without it tracks keep the ids of the tracker. */
  readonly identify?: IdentifyOptions<F & { readonly tracks: readonly Track[] }>;
  /** Called with every frame between tracking and identifying. */
  readonly onTracked?: (() => void) | undefined;
}

/** From a decoded frame to the composed picture. */
export interface TwoShotOptions<F extends Frame> extends DetectPeopleOptions<F>, FollowPeopleOptions<Detected<F>> {
  /** Whether frames wait for the detector and for embeddings. */
  readonly pace: Pace;
  /** Who fills which tile. */
  readonly slots: AssignSlotsOptions;
  /** How people are shown. */
  readonly shots: ChooseShotOptions;
  /** Who has which name. */
  readonly names: NamePeopleOptions;
  /** The output's constant frame rate. */
  readonly grid: FillGridOptions;
  /** How tiles are framed. */
  readonly layout: LayoutPlannerOptions;
  /** Size of the slate, pixels. */
  readonly slate: Size;
  /** How the source is when an output frame is planned. */
  readonly condition: () => SourceCondition;
  /** Paints plans. */
  readonly painter: Painter;
  /** Asked for each output frame: whether there is a picture of it. @defaultValue always */
  readonly mayPaint?: ((frame: Pick<OutputFrame<KnownFrame>, 'isNew'>) => boolean) | undefined;
  /** Sees every source frame once its people are known, before it is painted. */
  readonly onKnown?: ((frame: F & KnownFrame) => void) | undefined;
}

/**
 * The way of a frame, from the source to the composed picture. Handles come in owned and go out owned.
 * State is per subscription; frames that are on their way when the subscription ends are released.
 *
 * ```
 * frames     a - - b - - c - -
 * painted    - A A - B B - C C    (an output of twice the source's frame rate)
 * ```
 */
export function twoShot<F extends Frame>(
  frames$: Observable<F>,
  options: TwoShotOptions<F>,
): Observable<ComposedFrame> {
  const { pace, painter, onKnown } = options;
  const isAwaited = pace.answers === 'awaited';
  return defer(() => {
    let people: readonly Box[] = [];
    return frames$.pipe(
      detectPeople(options, () => people),
      followPeople(options),
      placePeople(options),
      tap((frame) => {
        people = frame.tracks.map(({ box }) => box);
        onKnown?.(frame);
      }),
      fillGrid<KnownFrame>(options.grid),
      planComposition((frame) => planInput(frame, options), options.layout),
      map((frame) => withMore(frame, { source: frame.sourceFrame?.handle })),
      paintFrames<OutputFrame<KnownFrame> & PlannedFrame>(painter, {
        ...(isAwaited && { maxInFlight: Number.POSITIVE_INFINITY }),
        mayPaint: options.mayPaint,
      }),
      finalize(() => {
        if (isAwaited) pace.semaphore.releaseAll();
      }),
    );
  });
}

/**
 * Brings frames to the backend's memory and detects people. The detector is told where to look first:
 * beside a live source where `tracked` says that people are now; where answers are awaited at the
 * detections before, because tracks may be a frame or more behind then, by chance.
 *
 * ```
 * frames              a b c d
 * result (later)      a b c' d     (what was found in a)
 * result (awaited)    - a' - b'
 * ```
 */
export function detectPeople<F extends Frame>(
  { pace, detector, detect, onDetected, ...options }: DetectPeopleOptions<F>,
  tracked: () => readonly Box[] = () => [],
): OperatorFunction<F, Detected<F>> {
  if (pace.answers === 'later') {
    return pipe(
      toBackendMemory<F>(options.toBackendMemory),
      detectLatest(detector, extendedOptions(detect, { hints: tracked })),
      tap(({ detections }) => onDetected?.(detections)),
    );
  }
  const { semaphore, ready } = pace;
  const { release } = options.toBackendMemory;
  return (frames$) =>
    defer(() => {
      let found: readonly Box[] = [];
      return frames$.pipe(
        admitFrames({ semaphore, ready, release }),
        toBackendMemory(options.toBackendMemory),
        tap(({ handle }) => semaphore.hold(handle)),
        detectEvery(detector, { ...detect, hints: () => found }),
        tap(({ detections }) => {
          if (detections) found = detections.detections.map(({ box }) => box);
          onDetected?.(detections);
        }),
      );
    });
}

/**
 * Tracks detected people and keeps their identities: one frame in, one out, in order.
 *
 * ```
 * detected   a' b c'
 * result     A  B C
 * ```
 */
export function followPeople<F extends DetectedFrame>({
  pace,
  onTracked,
  ...options
}: FollowPeopleOptions<F>): OperatorFunction<F, F & { readonly tracks: readonly Track[] }> {
  const identifyPeople = pace.answers === 'awaited' ? identifyEvery : identify;
  return (frames$) =>
    defer(() => {
      let isKnownByLooks: (trackId: TrackId) => boolean = () => false;
      return frames$.pipe(
        track<F>(options.track, (trackId) => isKnownByLooks(trackId)),
        tap(() => onTracked?.()),
        options.identify
          ? identifyPeople(options.identify, (keeper) => (isKnownByLooks = (trackId) => keeper.isKnownByLooks(trackId)))
          : identity,
      );
    });
}

/** Who fills which tile, how they are shown, and who has which name: one frame in, one out, synchronously, in order. */
function placePeople<F extends SlotInput & Size>({
  slots,
  shots,
  names,
}: Pick<TwoShotOptions<Frame>, 'slots' | 'shots' | 'names'>): OperatorFunction<F, F & PlacedPeople> {
  return (frames$) =>
    defer(() => {
      let known = NOBODY;
      return frames$.pipe(
        assignSlots<F>(extendedOptions(slots, { leftOut: leftOutBy(slots, (trackId) => known.get(trackId)) })),
        chooseShot<F & SlotsOfFrame>(shots),
        namePeople<F & SlotsOfFrame & Pick<KnownFrame, 'shot'>>(
          extendedOptions(names, {
            onNames: (now, given) => {
              known = now;
              names.onNames?.(now, given);
            },
          } satisfies Pick<NamePeopleOptions, 'onNames'>),
        ),
      );
    });
}

/** Who gets no tile; names are those of the frame before. */
const leftOutBy = (
  { leftOut = {} }: Pick<AssignSlotsOptions, 'leftOut'>,
  nameOf: (trackId: TrackId) => string | undefined,
): NonNullable<AssignSlotsOptions['leftOut']> => extendedOptions(leftOut, { nameOf });

type PlacedPeople = Pick<KnownFrame, 'slots' | 'shot' | 'names' | 'leftOut'>;

const NOBODY: NamesByPerson = new Map();

/** What the planner is told of an output frame. */
function planInput(
  { outPtsMs, sourceFrame }: OutputFrame<KnownFrame>,
  { condition, slate }: Pick<TwoShotOptions<Frame>, 'condition' | 'slate'>,
): LayoutInput {
  return {
    ptsMs: outPtsMs,
    source: sourceFrame,
    tracks: sourceFrame?.tracks ?? [],
    slots: sourceFrame?.slots ?? [],
    shot: sourceFrame?.shot,
    names: sourceFrame?.names ?? NOBODY,
    condition: condition(),
    slate,
  };
}
