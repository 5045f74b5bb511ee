import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { ActionButton } from '../parts/action.js';
import { Panel, Problem } from '../parts/panel.js';
import { slotLabel } from '../wording.js';
import type { StreamModel } from './stream-model.js';
import type { TileChoice } from './tile-dialog.js';

const ACTIONS = [
  ['swap', 'Swap', 'Exchange the two people'],
  ['lock', 'Lock', 'Everybody keeps their tile, wherever they go'],
  ['unlock', 'Follow', 'Tiles follow again who is on the left and who is on the right'],
] as const;

/** Who is seen, in which tile, and what can be done about it. */
export function PeoplePanel({
  model,
  onPerson,
}: {
  readonly model: StreamModel;
  readonly onPerson: (choice: TileChoice) => void;
}): JSX.Element {
  const problem = useSignal('');
  const people = peopleNow(model);
  const slots = people.flatMap(({ slot }) => slot ?? []);
  const isCurrent = model.isCurrent.value;
  return (
    <Panel title="People" name="people" aside={<span class="count">{people.length > 0 ? people.length : ''}</span>}>
      <ul class="people">
        {people.map(({ trackId, slot, score }) => (
          <li key={trackId}>
            <button
              type="button"
              class="person"
              onClick={() => onPerson({ trackId, ...(slot !== undefined && { slot }) })}
            >
              <span class="swatch" data-slot={slot ?? 'none'} />
              <span class="name">Person {trackId}</span>
              <span class="detail">{slotLabel(slot, slots)}</span>
              <span class="value" title="How sure the last find was">
                {Math.round(score * 100)} %
              </span>
            </button>
          </li>
        ))}
        {people.length === 0 && (
          <li class="empty">{isCurrent ? 'Nobody in the picture' : 'Not known without a picture'}</li>
        )}
      </ul>
      <div class="actions">
        {ACTIONS.map(([action, label, title]) => (
          <ActionButton
            key={action}
            onAct={() => model.askOfTiles({ action })}
            onError={(text) => {
              problem.value = text;
            }}
          >
            <span title={title}>{label}</span>
          </ActionButton>
        ))}
      </div>
      <Problem text={problem.value} />
    </Panel>
  );
}

interface Person {
  readonly trackId: number;
  readonly slot: number | undefined;
  readonly score: number;
}

/** Everybody who is followed; their tiles are those of the picture on screen. Nobody while the camera is away. */
function peopleNow(model: StreamModel): readonly Person[] {
  const view = model.view.value;
  if (!view || !model.isCurrent.value) return [];
  const tiles = model.tiles.value;
  const tileOf = (trackId: number): number | undefined => tiles.find((tile) => tile.trackId === trackId)?.slot;
  return view.people
    .map(({ trackId, slot, score }) => ({ trackId, score, slot: tiles.length > 0 ? tileOf(trackId) : slot }))
    .sort((a, b) => (a.slot ?? 99) - (b.slot ?? 99) || a.trackId - b.trackId);
}
