import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { ActionButton } from '../parts/action.js';
import { Icon } from '../parts/icon.js';
import { may, missingRole } from '../session.js';
import { Panel, Problem } from '../parts/panel.js';
import { personLabel, slotLabel } from '../wording.js';
import { peopleNow } from './people-now.js';
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
  const isCurrent = model.isCurrent.value;
  const people = isCurrent ? peopleNow(model.view.value?.people ?? [], model.shown.value) : [];
  const { isLocked, pinned } = model.hold.value;
  const slots = people.flatMap(({ slot }) => slot ?? []);
  return (
    <Panel title="People" name="people" aside={<span class="count">{people.length > 0 ? people.length : ''}</span>}>
      <ul class="people">
        {people.map((person) => (
          <li key={person.trackId}>
            <button type="button" class="person" disabled={!may('operate')} onClick={() => onPerson(person)}>
              <span class="swatch" data-slot={person.slot ?? 'none'} />
              <span class="name">{personLabel(person)}</span>
              <span class="detail">
                {person.isLeftOut === true ? 'Left out' : slotLabel(person.slot, slots)}
                {pinned.includes(person.trackId) && ', pinned'}
              </span>
              {may('operate') && <Icon name="edit" />}
            </button>
          </li>
        ))}
        {people.length === 0 && (
          <li class="empty">{isCurrent ? 'Nobody in the picture' : 'Not known without a picture'}</li>
        )}
      </ul>
      {isLocked && (
        <p class="help with-icon">
          <Icon name="lock" /> Locked: everybody keeps their tile until “Follow”.
        </p>
      )}
      {!may('operate') && <p class="help">{missingRole('operate', 'Naming people and arranging tiles')}</p>}
      <div class="actions" hidden={!isCurrent || !may('operate')}>
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
