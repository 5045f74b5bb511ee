import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { HostAddress } from '../../shared/domain/host-address.js';
import { isShowing, type StreamView } from '../../shared/domain/stream-status.js';
import { Pill } from '../parts/bar.js';
import { ErrorText } from '../parts/error-text.js';
import { passFor } from '../hosts.js';
import { authorization, streamApi, streamPage } from '../urls.js';
import { edgeTexts, shownUrl, statePill } from '../wording.js';

/** How often a thumbnail is loaded, ms; each one costs the gateway a JPEG. */
const THUMBNAIL_MS = 3_000;

const several = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;

/** A stream in the list: its picture, state and reason, and who watches it. @param isKnown - whether the gateway answers: otherwise only the last picture is shown */
export function StreamCard({
  stream,
  isKnown,
}: {
  readonly stream: StreamView;
  readonly isKnown: boolean;
}): JSX.Element {
  const { id, state, error, viewers, people, targets, source, host } = stream;
  const isThere = isShowing(state);
  const live = targets.filter((target) => target.state === 'live').length;
  const facts = [
    ...(isThere ? [several(people.length, 'person', 'people')] : []),
    several(viewers, 'viewer', 'viewers'),
    ...edgeTexts(stream),
    ...(host ? [`on ${host.host}`] : []),
    ...(targets.length > 0 ? [`${live} of ${several(targets.length, 'target', 'targets')} live`] : []),
  ];
  const failing = targets.filter((target) => target.error !== undefined).map((target) => target.id);
  const isUnpublished = error?.code === 'DIPTYCH_E_SOURCE_UNPUBLISHED';
  return (
    <article class="card" aria-labelledby={`stream-${id}`}>
      <Thumbnail streamId={id} host={host} isDimmed={!isThere || !isKnown} />
      <Pill {...(isKnown ? statePill(stream) : { state: 'idle', label: 'Not known' })} />
      <h2>
        <a id={`stream-${id}`} href={streamPage(id)}>
          {id}
        </a>
      </h2>
      <p class="detail">{isKnown && facts.join(' · ')}</p>
      {isKnown && failing.length > 0 && <p class="warning">Not published to {failing.join(', ')}</p>}
      {isKnown && !isThere && (
        <p class={error && !isUnpublished ? 'problem' : 'detail'}>
          {error ? <ErrorText error={error} /> : shownUrl(source.url)}
        </p>
      )}
    </article>
  );
}

/** Asks the host that has it: where another one is asked, what says who this is gets lost on the way. */
const snapshotOf = (streamId: string, hostUrl: string | undefined): Promise<Response> =>
  hostUrl === undefined
    ? fetch(streamApi(streamId, 'snapshot.jpg'), { headers: authorization() })
    : fetch(`${hostUrl}/api/v1/streams/${encodeURIComponent(streamId)}/snapshot.jpg`, { headers: passFor() });

/** The picture now; the former one stays until the next one is there. */
function Thumbnail({
  streamId,
  host,
  isDimmed,
}: {
  readonly streamId: string;
  readonly host: HostAddress | undefined;
  readonly isDimmed: boolean;
}): JSX.Element {
  const url = host?.url;
  const shown = useSignal<string | undefined>(undefined);
  useEffect(() => {
    const load = async (): Promise<void> => {
      if (document.hidden) return;
      const response = await snapshotOf(streamId, url).catch(() => undefined);
      // No picture at the moment: an older one is better than none.
      if (!response?.ok) return;
      const former = shown.value;
      shown.value = URL.createObjectURL(await response.blob());
      if (former !== undefined) setTimeout(() => URL.revokeObjectURL(former), THUMBNAIL_MS);
    };
    void load();
    const timer = setInterval(() => void load(), THUMBNAIL_MS);
    return () => {
      clearInterval(timer);
      if (shown.value !== undefined) URL.revokeObjectURL(shown.value);
    };
  }, [streamId, url]);
  return (
    <span class={isDimmed ? 'thumbnail dimmed' : 'thumbnail'}>
      {shown.value !== undefined && <img src={shown.value} alt="" decoding="sync" />}
    </span>
  );
}
