import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Form } from '../parts/form.js';
import { TextField } from '../parts/field.js';
import type { StreamModel } from './stream-model.js';

/** Who somebody is; the plate goes with the person. */
export function PersonName({
  model,
  trackId,
  name,
  onClose,
}: {
  readonly model: StreamModel;
  readonly trackId: number;
  /** As it is now; absent where they have none. */
  readonly name: string | undefined;
  readonly onClose: () => void;
}): JSX.Element {
  const text = useSignal(name ?? '');
  const save = async (): Promise<void> => {
    await model.askOfTiles({ action: 'name', trackId, name: text.value.trim() });
    onClose();
  };
  return (
    <>
      <Form submit="Save" onSubmit={save} isInline>
        <TextField label="This is" value={text.value} maxLength={40} onInput={(value) => (text.value = value)} />
      </Form>
      <p class="help">The name stays with the person. Empty: without a name.</p>
    </>
  );
}
