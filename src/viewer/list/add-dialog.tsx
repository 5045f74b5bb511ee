import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { callApi } from '../api.js';
import { Dialog } from '../parts/dialog.js';
import { TextField } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { at, streamPage } from '../urls.js';
import { sourceOf, splitCredentials, suggestId, type SourceFields } from './source-fields.js';

/** Adds a stream: the camera's address, user and password apart. @param taken - names in use */
export function AddDialog({
  taken,
  onClose,
}: {
  readonly taken: readonly string[];
  readonly onClose: () => void;
}): JSX.Element {
  const fields = useSignal<SourceFields>({ url: '', user: '', password: '' });
  const name = useSignal('');
  const set = (change: Partial<SourceFields>): void => {
    fields.value = splitCredentials({ ...fields.value, ...change });
  };
  const save = async (): Promise<void> => {
    const id = name.value.trim() || suggestId(fields.value.url, taken);
    await callApi('POST', at('api/v1/streams'), { id, source: sourceOf(fields.value) });
    location.assign(streamPage(id));
  };
  return (
    <Dialog title="Add a camera" onClose={onClose}>
      <Form submit="Save" onSubmit={save}>
        <SourceInputs fields={fields.value} onChange={set} />
        <TextField
          label="Name"
          help="Letters, digits and dashes. It becomes the address of the page."
          placeholder={suggestId(fields.value.url, taken)}
          value={name.value}
          onInput={(value) => (name.value = value)}
        />
      </Form>
    </Dialog>
  );
}

/** Address, user and password; what is pasted in one line is taken apart. */
function SourceInputs({
  fields: { url, user, password },
  onChange,
}: {
  readonly fields: SourceFields;
  readonly onChange: (change: Partial<SourceFields>) => void;
}): JSX.Element {
  return (
    <>
      <TextField
        label="Address"
        help="Of the camera’s stream, such as rtsp://192.168.1.20:554/stream1. http:// (Motion JPEG, HLS), srt://, v4l2:/dev/video0, a file’s path and whip: (what a browser or OBS sends) work as well."
        placeholder="rtsp://"
        required
        value={url}
        onInput={(value) => onChange({ url: value })}
      />
      <div class="pair">
        <TextField label="User" autocomplete="off" value={user} onInput={(value) => onChange({ user: value })} />
        <TextField
          label="Password"
          type="password"
          autocomplete="new-password"
          value={password}
          onInput={(value) => onChange({ password: value })}
        />
      </div>
    </>
  );
}
