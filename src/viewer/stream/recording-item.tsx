import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { RecordingSegment } from '../../shared/domain/recording.js';
import { callApi } from '../api.js';
import { ActionButton } from '../parts/action.js';
import { Icon } from '../parts/icon.js';
import { may } from '../session.js';
import { streamApi } from '../urls.js';
import { formatBytes, formatLength, formatMoment } from '../format.js';

/** A second click within this time deletes, ms. */
const CONFIRM_MS = 4_000;

/** One segment in the list: when, how long, how large; download it, see who was in it, delete it. */
export function RecordingItem({
  streamId,
  segment: { name, startedAt, durationS, bytes, state },
  onChange,
  onError,
}: {
  readonly streamId: string;
  readonly segment: RecordingSegment;
  /** It was deleted. */
  readonly onChange: () => Promise<void>;
  readonly onError: (text: string) => void;
}): JSX.Element {
  const isSure = useSignal(false);
  const when = formatMoment(startedAt);
  const address = (file: string): string => streamApi(streamId, 'recordings', file);
  const isWriting = state === 'writing';
  const facts = [formatLength(durationS), formatBytes(bytes), ...(isWriting ? ['being written'] : [])];
  const remove = async (): Promise<void> => {
    if (isSure.value) {
      await callApi('DELETE', address(name));
      await onChange();
      return;
    }
    isSure.value = true;
    setTimeout(() => (isSure.value = false), CONFIRM_MS);
  };
  const link = (label: string, icon: 'download' | 'people', file: string): JSX.Element => (
    <a class="control small" title={label} aria-label={`${label} of ${when}`} href={address(file)} download="">
      <Icon name={icon} />
    </a>
  );
  return (
    <li>
      <span class="when">
        <span class="name">{when}</span>
        <span class="detail">{facts.join(' · ')}</span>
      </span>
      <span class="actions">
        {link('Download the recording', 'download', name)}
        {link('Download who was in the recording', 'people', name.replace(/\.mp4$/, '.json'))}
        {!isWriting && may('admin') && (
          <ActionButton
            className={isSure.value ? 'button small danger' : 'control small'}
            label={`Delete the recording of ${when}`}
            onAct={remove}
            onError={onError}
          >
            {isSure.value ? 'Delete?' : <Icon name="trash" />}
          </ActionButton>
        )}
      </span>
    </li>
  );
}
