import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { callApi } from '../api.js';
import { ActionButton } from '../parts/action.js';
import { Icon } from '../parts/icon.js';
import { Problem } from '../parts/panel.js';
import { at, streamApi } from '../urls.js';

/** What can be done with a stream as a whole: start it anew, or remove it, which is asked twice. */
export function StreamActions({
  streamId,
  onClose,
}: {
  readonly streamId: string;
  readonly onClose: () => void;
}): JSX.Element {
  const isSure = useSignal(false);
  const problem = useSignal('');
  const onError = (text: string): void => {
    problem.value = text;
  };
  const restart = async (): Promise<void> => {
    await callApi('POST', streamApi(streamId, 'restart'));
    onClose();
  };
  const remove = async (): Promise<void> => {
    await callApi('DELETE', streamApi(streamId));
    location.assign(at(''));
  };
  return (
    <section class="stream-actions" aria-label="The stream as a whole">
      <div class="actions">
        {isSure.value ? (
          <>
            <ActionButton className="button danger" onAct={remove} onError={onError}>
              Remove {streamId} and end its broadcast
            </ActionButton>
            <button type="button" class="button" onClick={() => (isSure.value = false)}>
              Keep it
            </button>
          </>
        ) : (
          <>
            <ActionButton onAct={restart} onError={onError}>
              <Icon name="retry" /> Restart the stream
            </ActionButton>
            <button type="button" class="button" onClick={() => (isSure.value = true)}>
              <Icon name="trash" /> Remove the stream
            </button>
          </>
        )}
      </div>
      <Problem text={problem.value} />
    </section>
  );
}
