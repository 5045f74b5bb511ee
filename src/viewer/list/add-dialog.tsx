import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { callApi } from '../api.js';
import { ActionButton } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { TextField } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Problem } from '../parts/panel.js';
import { at, streamPage } from '../urls.js';
import { settingsNamedIn } from '../stream/option-labels.js';
import type { ProbeResult } from './probe-result.js';
import { ProbeView } from './probe-view.js';
import { sourceOf, splitCredentials, suggestId, type SourceFields } from './source-fields.js';

/** Adds a stream: the camera's address, user and password apart; it can be tried before it is saved. @param taken - names in use */
export function AddDialog({
  taken,
  onClose,
}: {
  readonly taken: readonly string[];
  readonly onClose: () => void;
}): JSX.Element {
  const fields = useSignal<SourceFields>({ url: '', user: '', password: '' });
  const name = useSignal('');
  const probe = useProbe(fields.value);
  const set = (change: Partial<SourceFields>): void => {
    fields.value = splitCredentials({ ...fields.value, ...change });
    probe.forget();
  };
  const save = async (): Promise<void> => {
    const id = name.value.trim() || suggestId(fields.value.url, taken);
    await callApi('POST', at('api/v1/streams'), { id, source: sourceOf(fields.value) });
    location.assign(streamPage(id));
  };
  const { url } = fields.value;
  return (
    <Dialog title="Add a camera" onClose={onClose}>
      <Form submit="Save" onSubmit={save} aside={url !== '' && !url.startsWith('whip:') && probe.button}>
        <SourceInputs fields={fields.value} onChange={set} />
        <TextField
          label="Name"
          help="Letters, digits and dashes. It becomes the address of the page."
          placeholder={suggestId(url, taken)}
          value={name.value}
          onInput={(value) => (name.value = value)}
        />
        {probe.shown}
      </Form>
    </Dialog>
  );
}

/** Tries the source as it stands in the form: a button, and what came of it. */
function useProbe(fields: SourceFields): {
  readonly button: JSX.Element;
  readonly shown: JSX.Element;
  readonly forget: () => void;
} {
  const result = useSignal<ProbeResult | undefined>(undefined);
  const problem = useSignal('');
  const isBusy = useSignal(false);
  // A dialog that is closed waits for nothing any more.
  const closing = useMemo(() => new AbortController(), []);
  useEffect(() => () => closing.abort(), [closing]);
  const forget = (): void => {
    result.value = undefined;
    problem.value = '';
  };
  const probe = async (): Promise<void> => {
    forget();
    isBusy.value = true;
    try {
      result.value = await callApi<ProbeResult>('POST', at('api/v1/probe'), sourceOf(fields), closing.signal);
    } finally {
      isBusy.value = false;
    }
  };
  return {
    forget,
    button: (
      <ActionButton onAct={probe} onError={(text) => (problem.value = text)}>
        Try it
      </ActionButton>
    ),
    shown: (
      <div class="probe-place" aria-live="polite">
        {isBusy.value && <p class="help">Opening the camera; this takes up to 15 seconds…</p>}
        {result.value && <ProbeView result={result.value} />}
        <Problem text={problem.value} />
        <Later labels={settingsNamedIn(problem.value)} />
      </div>
    ),
  };
}

/** Where the options are that an error advises and this form does not have. */
const Later = ({ labels }: { readonly labels: readonly string[] }): JSX.Element | null =>
  labels.length === 0 ? null : (
    <p class="help">
      Save the camera first: {labels.map((label) => `“${label}”`).join(' and ')} is in the settings of the stream, under
      “More of source”.
    </p>
  );

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
