import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { ShotAction, ShotPreset, ShotReason, ShotStatus } from '../../shared/domain/shot.js';
import { ActionButton } from '../parts/action.js';
import { Panel, Problem } from '../parts/panel.js';
import { may, missingRole } from '../session.js';
import { useShortcuts } from './control.js';
import { personLabel } from '../wording.js';
import type { StreamModel } from './stream-model.js';

const CHOICES = [
  ['auto', 'Auto', '0', 'The rules decide, from now on'],
  ['split', 'Split', '1', 'Everybody in a tile of their own'],
  ['together', 'Together', '2', 'Everybody in one frame'],
  ['single', 'Single', '3', 'One person, the whole picture'],
  ['wide', 'Wide', '4', 'The whole scene'],
] as const;

const PRESETS: readonly (readonly [ShotPreset, string, string])[] = [
  ['calm', 'Calm', 'Shots last longer, and follow people slowly'],
  ['normal', 'Normal', 'As configured'],
  ['lively', 'Lively', 'Shots change sooner, and follow people quickly'],
];

const KINDS = { split: 'Split', together: 'Together', single: 'Single', wide: 'Wide' } as const;

const REASONS: Readonly<Record<ShotReason, string>> = {
  apart: 'people are apart',
  close: 'people are close to each other',
  same_person: 'both tiles would show the same person',
  alone: 'one person is there',
  entering: 'somebody comes in',
  nobody: 'nobody is there',
  too_soon: 'another shot follows as soon as this one has lasted long enough',
  busy: 'people come and go too quickly for other shots',
  by_hand: 'chosen by hand',
};

/** How people are shown now, and buttons that hold a shot until “Auto”. */
export function ShotPanel({ model }: { readonly model: StreamModel }): JSX.Element {
  const problem = useSignal('');
  const bar = useRef<HTMLDivElement>(null);
  useShortcuts(bar);
  const shot = model.isCurrent.value ? model.view.value?.shot : undefined;
  return (
    <Panel title="Shot" name="shot">
      <p class="help">{shot ? textOf(shot) : 'Not known without a picture'}</p>
      {!may('operate') && <p class="help">{missingRole('operate', 'Choosing shots')}</p>}
      <div class="actions" ref={bar} role="group" aria-label="Shot" hidden={!model.isCurrent.value || !may('operate')}>
        {CHOICES.map(([kind, label, key, title]) => (
          <ActionButton
            key={kind}
            data={{ 'data-key': key, 'aria-pressed': isChosen(kind, shot), 'aria-keyshortcuts': key }}
            onAct={() => model.askOfShot(actionOf(kind))}
            onError={(text) => {
              problem.value = text;
            }}
          >
            <span title={`${title} (${key})`}>{label}</span>
          </ActionButton>
        ))}
      </div>
      <p class="help" id="pace" hidden={!model.isCurrent.value || !may('operate')}>
        Pace
      </p>
      <div class="actions" role="group" aria-labelledby="pace" hidden={!model.isCurrent.value || !may('operate')}>
        {PRESETS.map(([preset, label, title]) => (
          <ActionButton
            key={preset}
            data={{ 'aria-pressed': shot?.preset === preset }}
            onAct={() => model.changeOptions({ shots: { preset } })}
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

type Choice = (typeof CHOICES)[number][0];

const actionOf = (kind: Choice): ShotAction => (kind === 'auto' ? { action: 'release' } : { action: 'hold', kind });

/** What is shown and why, and what is held and waits for people. */
function textOf({ kind, reason, held }: ShotStatus): string {
  const shown = `${KINDS[kind]}: ${REASONS[reason]}`;
  if (held?.trackId !== undefined && held.isMissing) {
    const who = personLabel({ name: held.name, trackId: held.trackId });
    return `${shown}. ${who} is held alone, and cannot be shown now${kind === held.kind ? ': somebody else is' : ''}`;
  }
  return held && held.kind !== kind ? `${shown}. ${KINDS[held.kind]} is held, and waits for people` : shown;
}

const isChosen = (kind: Choice, shot: ShotStatus | undefined): boolean =>
  kind === 'auto' ? shot?.isHeld !== true : shot?.held?.kind === kind;
