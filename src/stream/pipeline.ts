import { map, type Observable, type OperatorFunction } from 'rxjs';
import type { Size } from '../shared/domain/box.js';
import type { Frame } from '../shared/domain/frame.js';
import type { SourceCondition } from './domain/composition-plan.js';
import type { SlotAssignment, Track } from '../shared/domain/track.js';
import { assignSlots, type AssignSlotsOptions } from './stages/assign/assign-slots.operator.js';
import {
  fillGrid,
  type FillGridOptions,
  type OutputFrame,
  type SourceFrame,
} from './stages/compose/fill-grid.operator.js';
import type { LayoutPlannerOptions } from './stages/compose/layout-planner.js';
import {
  paintFrames,
  type PaintedFrame,
  type Painter,
  type PaintOptions,
  type PlannedFrame,
} from './stages/compose/paint.operator.js';
import { planComposition } from './stages/compose/plan.operator.js';
import type { Detected } from './stages/detect/detect.operator.js';
import type { ByteTrackerOptions } from './stages/track/byte-tracker.js';
import { track } from './stages/track/track.operator.js';

/** A source frame with all that is known of the people in it. */
export interface KnownFrame extends Frame, SourceFrame {
  readonly tracks: readonly Track[];
  readonly slots: SlotAssignment;
}

/** A frame of the output, painted; its receiver owns one reference to `picture`. */
export type ComposedFrame = OutputFrame<KnownFrame> & PlannedFrame & PaintedFrame;

/** A source frame with its tracks and, where detections are new, the picture they were found in. */
export type TrackedPicture<F> = Detected<F> & { readonly tracks: readonly Track[] };

export interface TwoShotOptions<F extends Frame> {
  /** `detectLatest` beside a live source, `detectEvery` where nothing may be lost. */
  readonly detect: OperatorFunction<F, Detected<F>>;
  readonly track: ByteTrackerOptions;
  /** Keeps identities through meetings and absences; without it tracks keep the ids of the tracker. */
  readonly identify?: OperatorFunction<TrackedPicture<F>, TrackedPicture<F>>;
  readonly slots: AssignSlotsOptions;
  readonly grid: FillGridOptions;
  readonly layout: LayoutPlannerOptions;
  readonly slate: Size;
  readonly condition: () => SourceCondition;
  readonly painter: Painter;
  readonly paint?: PaintOptions;
  /** Sees every source frame once its people are known, before it is drawn. */
  readonly onKnown?: (frame: F & KnownFrame) => void;
}

const asTheyAre = <F>(frames$: Observable<F>): Observable<F> => frames$;

/** The way of a frame, from the source to the composed picture; handles come in owned and go out owned. */
export function twoShot<F extends Frame>(
  frames$: Observable<F>,
  options: TwoShotOptions<F>,
): Observable<ComposedFrame> {
  const { condition, slate, onKnown, identify = asTheyAre } = options;
  return frames$.pipe(
    options.detect,
    track(options.track),
    identify,
    assignSlots(options.slots),
    map((frame) => {
      onKnown?.(frame);
      return frame;
    }),
    fillGrid<KnownFrame>(options.grid),
    planComposition(
      ({ outPtsMs, sourceFrame }) => ({
        ptsMs: outPtsMs,
        source: sourceFrame,
        tracks: sourceFrame?.tracks ?? [],
        slots: sourceFrame?.slots ?? [],
        condition: condition(),
        slate,
      }),
      options.layout,
    ),
    map((frame) => ({ ...frame, source: frame.sourceFrame?.handle })),
    paintFrames(options.painter, options.paint),
  );
}
