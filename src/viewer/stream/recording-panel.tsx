import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { RecordingSegment, RecordingStatus } from '../../shared/domain/recording.js';
import { callApi } from '../api.js';
import { ActionButton } from '../parts/action.js';
import { ErrorText } from '../parts/error-text.js';
import { Panel } from '../parts/panel.js';
import { streamApi } from '../urls.js';
import { formatBytes, formatDuration } from '../format.js';
import { recordingLabel } from '../wording.js';
import { RecordingItem } from './recording-item.js';

const REFRESH_MS = 5_000;
/** Segments that are shown at first, and how many more at a time. */
const PAGE = 20;

/** Recording a stream: begin and end it, and what was recorded. */
export function RecordingPanel({
  streamId,
  status: { state, since, bytes, error, file },
  nowMs,
}: {
  readonly streamId: string;
  readonly status: RecordingStatus;
  /** Unix time. */
  readonly nowMs: number;
}): JSX.Element {
  const { segments, refresh } = useSegments(streamId, `${state} ${file ?? ''}`);
  const refusal = useSignal('');
  const record = (): Promise<unknown> =>
    callApi('PATCH', streamApi(streamId), { record: { enabled: state === 'off' } });
  const onError = (text: string): void => {
    refusal.value = text;
  };
  const badge = (
    <span class="badge" data-state={state} role="status">
      {recordingLabel(state)}
    </span>
  );
  return (
    <Panel title="Recordings" name="recordings" aside={badge}>
      <p class="problem" aria-live="polite">
        {error === undefined ? refusal.value : <ErrorText error={error} nowMs={nowMs} />}
      </p>
      {state === 'recording' && (
        <p class="detail">
          for {formatDuration((nowMs - Date.parse(since)) / 1000)} · {formatBytes(bytes)} written
        </p>
      )}
      <div class="actions">
        <ActionButton
          className="button record"
          data={{ 'data-recording': state !== 'off' }}
          onAct={record}
          onError={onError}
        >
          {state === 'off' ? 'Record' : 'Stop recording'}
        </ActionButton>
      </div>
      <SegmentList segments={segments.value}>
        {(segment) => (
          <RecordingItem
            key={segment.name}
            streamId={streamId}
            segment={segment}
            onChange={refresh}
            onError={onError}
          />
        )}
      </SegmentList>
    </Panel>
  );
}

/** Newest first, asked for again and again. @param key - they are asked for at once when it changes */
function useSegments(
  streamId: string,
  key: string,
): { readonly segments: Signal<readonly RecordingSegment[]>; readonly refresh: () => Promise<void> } {
  const segments = useSignal<readonly RecordingSegment[]>([]);
  const refresh = async (): Promise<void> => {
    try {
      segments.value = await callApi<RecordingSegment[]>('GET', streamApi(streamId, 'recordings'));
    } catch {
      // The page tells of a gateway that does not answer; the list is asked for again.
    }
  };
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => {
      if (!document.hidden) void refresh();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [streamId, key]);
  return { segments, refresh };
}

/** The newest segments, and older ones on demand. */
function SegmentList({
  segments,
  children,
}: {
  readonly segments: readonly RecordingSegment[];
  readonly children: (segment: RecordingSegment) => JSX.Element;
}): JSX.Element {
  const shown = useSignal(PAGE);
  const left = segments.length - shown.value;
  return (
    <>
      <ul class="recordings">{segments.slice(0, shown.value).map(children)}</ul>
      {left > 0 && (
        <button type="button" class="button small" onClick={() => (shown.value += PAGE)}>
          {left.toLocaleString('en')} older
        </button>
      )}
    </>
  );
}
