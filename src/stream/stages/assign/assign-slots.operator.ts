import { defer, finalize, map, type Observable, type OperatorFunction } from 'rxjs';
import type { SlotAction } from '../../../shared/domain/slot-action.js';
import type { SlotAssignment } from '../../../shared/domain/track.js';
import { SlotAssigner, type SlotAssignerOptions, type SlotInput } from './slot-assigner.js';

export interface SlotCommand {
  readonly action: SlotAction;
  /** Told what was wrong with the command; it changed nothing then. */
  readonly onError?: (error: unknown) => void;
}

export interface AssignSlotsOptions extends SlotAssignerOptions {
  /** What people ask of the tiles; seen in the next frame. */
  readonly commands$?: Observable<SlotCommand>;
}

/**
 * Adds who fills which tile to every frame: one in, one out, synchronously, in order.
 * State is per subscription. A PTS that does not rise errors the stream; a command that cannot
 * be obeyed does not.
 */
export function assignSlots<F extends SlotInput>({ commands$, ...options }: AssignSlotsOptions = {}): OperatorFunction<
  F,
  F & { readonly slots: SlotAssignment }
> {
  return (frames$) =>
    defer(() => {
      const assigner = new SlotAssigner(options);
      const commands = commands$?.subscribe(({ action, onError }) => {
        try {
          assigner.apply(action);
        } catch (error) {
          onError?.(error);
        }
      });
      return frames$.pipe(
        map((frame) => ({ ...frame, slots: assigner.update(frame) })),
        finalize(() => commands?.unsubscribe()),
      );
    });
}
