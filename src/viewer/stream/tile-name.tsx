import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { callApi, errorText } from '../api.js';
import { Form } from '../parts/form.js';
import { TextField } from '../parts/field.js';
import { Problem } from '../parts/panel.js';
import { streamApi } from '../urls.js';
import type { StreamModel } from './stream-model.js';

const LABELS = 4;

interface Labelled {
  /** Absent where there are defaults only. */
  readonly slots?: { readonly labels?: readonly string[] };
}

/** The name that is shown at the foot of a tile. */
export function TileName({
  model: { streamId },
  slot,
  onClose,
}: {
  readonly model: StreamModel;
  readonly slot: number;
  readonly onClose: () => void;
}): JSX.Element {
  const labels = useSignal<readonly string[] | undefined>(undefined);
  const name = useSignal('');
  const problem = useSignal('');
  useEffect(() => {
    callApi<Labelled>('GET', streamApi(streamId, 'config')).then(
      ({ slots }) => {
        labels.value = slots?.labels ?? [];
        name.value = labels.value[slot] ?? '';
      },
      (error: unknown) => (problem.value = errorText(error)),
    );
  }, [streamId, slot]);
  const save = async (): Promise<void> => {
    const all = Array.from({ length: LABELS }, (_, index) => labels.value?.[index] ?? '');
    all[slot] = name.value.trim();
    while (all.at(-1) === '') all.pop();
    await callApi('PATCH', streamApi(streamId), { slots: { labels: all } });
    onClose();
  };
  return (
    <>
      <Form submit="Save" onSubmit={save} isReady={labels.value !== undefined} isInline>
        <TextField
          label="Name of this place"
          value={name.value}
          maxLength={40}
          onInput={(value) => (name.value = value)}
        />
      </Form>
      <p class="help">Shown here while whoever is in this tile has no name of their own.</p>
      <Problem text={problem.value} />
    </>
  );
}
