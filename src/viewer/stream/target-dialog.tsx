import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { callApi } from '../api.js';
import { Dialog } from '../parts/dialog.js';
import { TextField } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { streamApi } from '../urls.js';
import { platformAt, PLATFORMS, targetId } from './target-platforms.js';

/** Adds a server that the stream is published to. @param taken - names of targets in use */
export function TargetDialog({
  streamId,
  taken,
  onClose,
}: {
  readonly streamId: string;
  readonly taken: readonly string[];
  readonly onClose: () => void;
}): JSX.Element {
  const index = useSignal(0);
  const url = useSignal('');
  const key = useSignal('');
  const name = useSignal('');
  const platform = platformAt(index.value);
  const id = targetId(platform, taken);
  const { server } = platform;
  const save = async (): Promise<void> => {
    const named = name.value.trim() || id;
    await callApi('POST', streamApi(streamId, 'targets'), {
      url: server ?? url.value.trim(),
      ...(key.value !== '' && { key: key.value.trim() }),
      ...(named !== undefined && { id: named }),
    });
    onClose();
  };
  return (
    <Dialog title="Add a target" onClose={onClose}>
      <Form submit="Publish" onSubmit={save}>
        <PlatformField index={index.value} onInput={(chosen) => (index.value = chosen)} />
        {server === undefined && (
          <TextField
            label="Server"
            help="Its address with the application, such as rtmp://live.example.com/app. Over SRT: srt://host:port calls a receiver, srt://:port waits to be called."
            placeholder="rtmp://, rtmps:// or srt://"
            required
            value={url.value}
            onInput={(value) => (url.value = value)}
          />
        )}
        <TextField
          label="Stream key"
          help={keyHelp(server)}
          type="password"
          autocomplete="off"
          required={server !== undefined}
          value={key.value}
          onInput={(value) => (key.value = value)}
        />
        <TextField
          label="Name"
          help="Letters, digits and dashes."
          placeholder={id ?? 'target-1'}
          value={name.value}
          onInput={(value) => (name.value = value)}
        />
      </Form>
    </Dialog>
  );
}

/** Of the stream key. @param server - of a platform; absent where its address is typed */
const keyHelp = (server: string | undefined): string =>
  server === undefined
    ? 'It is never shown again. Leave it empty where the server’s address ends with it. Of SRT: the passphrase.'
    : `The platform shows it where a broadcast is set up. It is never shown again here. Server: ${server}`;

/** Where to publish to. */
function PlatformField({
  index,
  onInput,
}: {
  readonly index: number;
  readonly onInput: (index: number) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Platform</label>
      <select id={id} value={String(index)} onChange={({ currentTarget }) => onInput(Number(currentTarget.value))}>
        {PLATFORMS.map(({ name }, at) => (
          <option key={name} value={String(at)}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
