import { defer, finalize, map, type Observable, type OperatorFunction } from 'rxjs';
import type { SlotAction, TileHold } from '../../../shared/domain/slot-action.js';
import type { SlotAssignment, TrackId } from '../../../shared/domain/track.js';
import { LeftOut, type LeftOutOptions } from './left-out.js';
import { SlotAssigner } from './slot-assigner.js';
import type { SlotAssignerOptions, SlotInput } from './slot-options.js';
import { withMore } from '../../../shared/with-more.js';

/** A user's command for the slots. */
export interface SlotCommand {
  /** What to do. */
  readonly action: SlotAction;
  /** The command failed with a {@link DiptychError} and changed nothing. */
  readonly onError?: (error: unknown) => void;
}

/** How slots are assigned. */
export interface AssignSlotsOptions extends SlotAssignerOptions {
  /** Who gets no slot. @defaultValue nobody */
  readonly leftOut?: LeftOutOptions;
  /** Commands of users; they take effect in the next frame. */
  readonly commands$?: Observable<SlotCommand>;
}

/** What is added to a frame. */
export interface SlotsOfFrame {
  /** Who has which slot. */
  readonly slots: SlotAssignment;
  /** What users have fixed. */
  readonly hold: TileHold;
  /** Who may have none, by name or number. */
  readonly leftOut: ReadonlySet<TrackId>;
}

/**
 * Adds who has which slot, and what users have fixed, to every frame: one in, one out, synchronously, in order. State is per
 * subscription. A PTS that does not rise errors the stream; a command that fails does not.
 *
 * ```text
 * in         a──b──c──d──|
 * commands   ─────s──────        swap, between b and c
 * out        a──b──c──d──|       c and d have the slots swapped
 * ```
 */
export function assignSlots<F extends SlotInput>(
  options: AssignSlotsOptions = {},
): OperatorFunction<F, F & SlotsOfFrame> {
  return (frames$) =>
    defer(() => {
      const assigner = new SlotAssigner(options);
      const people = new LeftOut(options.leftOut ?? {});
      const commands = options.commands$?.subscribe(({ action, onError }) => {
        // Names change no tile.
        if (action.action === 'name') return;
        try {
          assigner.apply(action);
        } catch (error) {
          onError?.(error);
        }
      });
      return frames$.pipe(
        map((frame) => {
          const { tracks, leftOut } = people.admit(frame);
          const { ptsMs, width } = frame;
          const slots = assigner.update({ ptsMs, width, tracks }, leftOut);
          return withMore(frame, { slots, hold: assigner.hold, leftOut });
        }),
        finalize(() => commands?.unsubscribe()),
      );
    });
}
