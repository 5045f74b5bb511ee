import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { SlotAction } from '../../shared/domain/slot-action.js';
import { ActionButton } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { Problem } from '../parts/panel.js';
import { slotLabel } from '../wording.js';
import type { StreamModel } from './stream-model.js';
import { TileName } from './tile-name.js';

/** What was clicked on: a person, in a tile where they have one. */
export interface TileChoice {
  /** The person. */
  readonly trackId: number;
  /** Index of the tile, 0 is the leftmost. */
  readonly slot?: number;
}

/** What can be done with a tile and the person in it: name, pin, swap, lock. */
export function TileDialog({
  model,
  choice: { slot, trackId },
  onClose,
}: {
  readonly model: StreamModel;
  readonly choice: TileChoice;
  readonly onClose: () => void;
}): JSX.Element {
  const problem = useSignal('');
  const slots = [...new Set([0, 1, ...model.tiles.value.map((tile) => tile.slot)])].sort();
  const ask = async (action: SlotAction): Promise<void> => {
    await model.askOfTiles(action);
    onClose();
  };
  const onError = (text: string): void => {
    problem.value = text;
  };
  const people = (model.view.value?.people ?? []).map((person) => person.trackId).sort((a, b) => a - b);
  return (
    <Dialog
      title={slot === undefined ? `Person ${trackId}` : `${slotLabel(slot, slots)}: person ${trackId}`}
      onClose={onClose}
    >
      {slot !== undefined && model.canEdit.value && <TileName model={model} slot={slot} onClose={onClose} />}
      <h3>Pin</h3>
      <div class="actions">
        {slot === undefined
          ? slots.map((to) => (
              <ActionButton key={to} onAct={() => ask({ action: 'pin', slot: to, trackId })} onError={onError}>
                To the {slotLabel(to, slots).toLowerCase()}
              </ActionButton>
            ))
          : people.map((person) => (
              <ActionButton key={person} onAct={() => ask({ action: 'pin', slot, trackId: person })} onError={onError}>
                Person {person} here
              </ActionButton>
            ))}
      </div>
      <p class="help">Who is pinned keeps the tile until “Follow left and right”.</p>
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
      <Problem text={problem.value} />
    </Dialog>
  );
}
