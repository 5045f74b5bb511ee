import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { callApi } from '../api.js';
import { Dialog } from '../parts/dialog.js';
import { TextField } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { streamApi } from '../urls.js';

/** Adds a server that the stream is published to. */
export function TargetDialog({
  streamId,
  onClose,
}: {
  readonly streamId: string;
  readonly onClose: () => void;
}): JSX.Element {
  const url = useSignal('');
  const key = useSignal('');
  const name = useSignal('');
  const save = async (): Promise<void> => {
    await callApi('POST', streamApi(streamId, 'targets'), {
      url: url.value.trim(),
      ...(key.value !== '' && { key: key.value.trim() }),
      ...(name.value !== '' && { id: name.value.trim() }),
    });
    onClose();
  };
  return (
    <Dialog title="Add a target" onClose={onClose}>
      <Form submit="Publish" onSubmit={save}>
        <TextField
          label="Server"
          help="What the platform calls the stream URL, such as rtmp://a.rtmp.youtube.com/live2. Over SRT: srt://host:port calls a receiver, srt://:port waits to be called."
          placeholder="rtmp://, rtmps:// or srt://"
          required
          value={url.value}
          onInput={(value) => (url.value = value)}
        />
        <TextField
          label="Stream key"
          help="It is never shown again. Leave it empty where the server’s address ends with it. Of SRT: the passphrase."
          type="password"
          autocomplete="off"
          value={key.value}
          onInput={(value) => (key.value = value)}
        />
        <TextField
          label="Name"
          help="Letters, digits and dashes; target-1 and so on where you give none."
          value={name.value}
          onInput={(value) => (name.value = value)}
        />
      </Form>
    </Dialog>
  );
}
