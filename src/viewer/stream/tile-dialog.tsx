import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { LeaveOutAction, SlotAction } from '../../shared/domain/slot-action.js';
import { ActionButton } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { Problem } from '../parts/panel.js';
import { personLabel, slotLabel } from '../wording.js';
import { LeaveOut } from './leave-out.js';
import { PersonName } from './person-name.js';
import { PinPerson } from './pin-person.js';
import type { StreamModel } from './stream-model.js';
import { TileName } from './tile-name.js';

/** What was clicked on: a person, in a tile where they have one. */
export interface TileChoice {
  /** The person. */
  readonly trackId: number;
  /** Of the person; absent where they have none. */
  readonly name?: string | undefined;
  /** Index of the tile, 0 is the leftmost. */
  readonly slot?: number | undefined;
  /** Present for somebody who gets no tile. */
  readonly isLeftOut?: true | undefined;
}

/** What can be done with a person and their tile: name, pin, swap, lock. */
export function TileDialog({
  model,
  choice,
  onClose,
}: {
  readonly model: StreamModel;
  readonly choice: TileChoice;
  readonly onClose: () => void;
}): JSX.Element {
  const problem = useSignal('');
  const { slot, trackId, name, isLeftOut = false } = choice;
  const slots = [...new Set([0, 1, ...model.tiles.value.map((tile) => tile.slot)])].sort();
  const ask = async (action: SlotAction | LeaveOutAction): Promise<void> => {
    await model.askOfTiles(action);
    onClose();
  };
  const onError = (text: string): void => {
    problem.value = text;
  };
  const who = personLabel(choice);
  return (
    <Dialog title={slot === undefined ? who : `${slotLabel(slot, slots)}: ${who}`} onClose={onClose}>
      <PersonName model={model} trackId={trackId} name={name} onClose={onClose} />
      <LeaveOut who={who} isLeftOut={isLeftOut} onAct={(action) => ask({ action, trackId })} onError={onError} />
      {!isLeftOut && (
        <PinPerson
          who={who}
          slot={slot}
          slots={slots}
          onPin={(to) => ask({ action: 'pin', slot: to, trackId })}
          onError={onError}
        />
      )}
      <h3>All tiles</h3>
      <div class="actions">
        <ActionButton onAct={() => ask({ action: 'swap' })} onError={onError}>
          Swap the two people
        </ActionButton>
        <ActionButton onAct={() => ask({ action: 'lock' })} onError={onError}>
          Lock: everybody keeps their tile
        </ActionButton>
        <ActionButton onAct={() => ask({ action: 'unlock' })} onError={onError}>
          Follow left and right
        </ActionButton>
      </div>
      {slot !== undefined && model.canEdit.value && (
        <details>
          <summary>Name the place instead</summary>
          <TileName model={model} slot={slot} onClose={onClose} />
        </details>
      )}
      <Problem text={problem.value} />
    </Dialog>
  );
}
