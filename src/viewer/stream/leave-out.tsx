import type { JSX } from 'preact';
import type { LeaveOutAction } from '../../shared/domain/slot-action.js';
import { ActionButton } from '../parts/action.js';

/** Whether a person may have a tile. */
export function LeaveOut({
  who,
  isLeftOut,
  onAct,
  onError,
}: {
  /** What the person is called. */
  readonly who: string;
  readonly isLeftOut: boolean;
  readonly onAct: (action: LeaveOutAction['action']) => Promise<void>;
  readonly onError: (text: string) => void;
}): JSX.Element {
  return (
    <>
      <h3>Show {who}</h3>
      <div class="actions">
        <ActionButton onAct={() => onAct(isLeftOut ? 'take_in' : 'leave_out')} onError={onError}>
          {isLeftOut ? 'Take in again' : 'Leave out: no tile'}
        </ActionButton>
      </div>
      <p class="help">Who is left out gets no tile, and is still seen in the whole scene and beside others.</p>
    </>
  );
}
