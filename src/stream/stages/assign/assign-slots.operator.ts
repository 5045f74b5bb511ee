import { defer, finalize, map, type Observable, type OperatorFunction } from 'rxjs';
import type { SlotAction, TileHold } from '../../../shared/domain/slot-action.js';
import type { SlotAssignment } from '../../../shared/domain/track.js';
import { SlotAssigner } from './slot-assigner.js';
import type { SlotAssignerOptions, SlotInput } from './slot-options.js';

/** A user's command for the slots. */
export interface SlotCommand {
  /** What to do. */
  readonly action: SlotAction;
  /** The command failed with a {@link DiptychError} and changed nothing. */
  readonly onError?: (error: unknown) => void;
}

/** How slots are assigned. */
export interface AssignSlotsOptions extends SlotAssignerOptions {
  /** Commands of users; they take effect in the next frame. */
  readonly commands$?: Observable<SlotCommand>;
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
): OperatorFunction<F, F & { readonly slots: SlotAssignment; readonly hold: TileHold }> {
  return (frames$) =>
    defer(() => {
      const assigner = new SlotAssigner(options);
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
        map((frame) => ({ ...frame, slots: assigner.update(frame), hold: assigner.hold })),
        finalize(() => commands?.unsubscribe()),
      );
    });
}
