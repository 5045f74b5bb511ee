import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { TargetStatus } from '../../shared/domain/stream-status.js';
import { callApi } from '../api.js';
import { ActionButton } from '../parts/action.js';
import { ErrorText } from '../parts/error-text.js';
import { Icon } from '../parts/icon.js';
import { may } from '../session.js';
import { Panel, Problem } from '../parts/panel.js';
import { streamApi } from '../urls.js';
import { formatBytes, formatDuration } from '../format.js';
import { shownUrl, targetError, targetLabel } from '../wording.js';
import type { StreamModel } from './stream-model.js';
import { TargetDialog } from './target-dialog.js';

/** Where else the stream goes: state and figures of each target, and what can be done with it. */
export function TargetsPanel({ model }: { readonly model: StreamModel }): JSX.Element {
  const isAdding = useSignal(false);
  const targets = model.view.value?.targets ?? [];
  const open = (isOpen: boolean) => (): void => {
    isAdding.value = isOpen;
  };
  return (
    <Panel
      title="Targets"
      name="targets"
      aside={
        may('admin') && (
          <button type="button" class="button small" onClick={open(true)}>
            <Icon name="plus" /> Add a target
          </button>
        )
      }
    >
      <ul class="targets">
        {targets.map((target) => (
          <Target key={target.id} model={model} target={target} />
        ))}
        {targets.length === 0 && <li class="empty">Not published anywhere else</li>}
      </ul>
      {isAdding.value && (
        <TargetDialog streamId={model.streamId} taken={targets.map(({ id }) => id)} onClose={open(false)} />
      )}
    </Panel>
  );
}

function Target({ model, target }: { readonly model: StreamModel; readonly target: TargetStatus }): JSX.Element {
  const problem = useSignal('');
  const isSure = useSignal(false);
  const { id, url, state, since, bytes, retries, dropped, error } = target;
  const nowMs = model.nowMs.value;
  const kbps = state === 'live' ? model.rates.kbpsOf(id) : undefined;
  const facts = [
    `for ${formatDuration((nowMs - Date.parse(since)) / 1000)}`,
    ...(kbps === undefined ? [] : [`${(kbps / 1000).toFixed(1)} Mbit/s`]),
    `${formatBytes(bytes)} sent`,
    ...(retries > 0 ? [`${retries} ${retries === 1 ? 'retry' : 'retries'}`] : []),
    ...(dropped > 0 ? [`${dropped.toLocaleString('en')} left out`] : []),
  ];
  const onError = (text: string): void => {
    problem.value = text;
  };
  const path = streamApi(model.streamId, 'targets', id);
  return (
    <li>
      <span class="name">{id}</span>
      <span class="badge" data-state={state}>
        {targetLabel(state, url)}
      </span>
      <span class="url">{shownUrl(url)}</span>
      <span class="detail">{facts.join(' · ')}</span>
      {error && (
        <p class="problem">
          <ErrorText error={targetError(error)} nowMs={nowMs} />
        </p>
      )}
      <div class="actions">
        {state === 'retrying' && may('operate') && (
          <ActionButton className="button small" onAct={() => callApi('POST', `${path}/retry`)} onError={onError}>
            <Icon name="retry" /> Try now
          </ActionButton>
        )}
        {!may('admin') ? null : isSure.value ? (
          <>
            <ActionButton className="button small danger" onAct={() => callApi('DELETE', path)} onError={onError}>
              Stop publishing to {id}
            </ActionButton>
            <button type="button" class="button small" onClick={() => (isSure.value = false)}>
              Keep
            </button>
          </>
        ) : (
          <button type="button" class="button small" aria-label={`Remove ${id}`} onClick={() => (isSure.value = true)}>
            <Icon name="trash" /> Remove
          </button>
        )}
      </div>
      <Problem text={problem.value} />
    </li>
  );
}
