import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { Bar } from '../parts/bar.js';
import { TextField } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { may } from '../session.js';
import { AddDialog } from './add-dialog.js';
import { HostList } from './host-list.js';
import { StreamCard } from './stream-card.js';
import { searchStreams, StreamList } from './stream-list.js';

/** From so many streams on there is a search. */
const MANY = 7;

/** All streams of the gateway, with a picture of each. */
export function ListPage(): JSX.Element {
  const list = useMemo(() => new StreamList(), []);
  const search = useSignal('');
  const isAdding = useSignal(false);
  useEffect(() => {
    document.title = 'Diptych';
  }, []);
  const streams = list.streams.value;
  const found = searchStreams(streams ?? [], search.value);
  const add = may('admin') ? (
    <button type="button" class="button primary" onClick={() => (isAdding.value = true)}>
      <Icon name="plus" /> Add a camera
    </button>
  ) : (
    <></>
  );
  return (
    <>
      <Bar title="Streams" isList>
        {streams && streams.length > 0 && add}
      </Bar>
      <main class="list">
        <p class="lost" role="status">
          {list.isLost.value && 'The gateway does not answer. Trying again…'}
        </p>
        {streams && streams.length >= MANY && (
          <TextField label="Search" type="search" value={search.value} onInput={(value) => (search.value = value)} />
        )}
        {streams?.length === 0 && <Welcome>{add}</Welcome>}
        <ul class="grid">
          {found.map((stream) => (
            <li key={stream.id}>
              <StreamCard stream={stream} isKnown={!list.isLost.value} />
            </li>
          ))}
        </ul>
        {streams && streams.length > 0 && found.length === 0 && (
          <p class="notice">No stream has “{search.value}” in its name, address or state.</p>
        )}
        <HostList />
      </main>
      {isAdding.value && (
        <AddDialog taken={(streams ?? []).map(({ id }) => id)} onClose={() => (isAdding.value = false)} />
      )}
    </>
  );
}

/** What to do where there is no stream. */
function Welcome({ children }: { readonly children: JSX.Element }): JSX.Element {
  return (
    <div class="notice">
      <span class="brand-mark large" aria-hidden="true">
        <i />
        <i />
      </span>
      <h2>No streams yet</h2>
      <p>
        Add a camera by its address, such as <code>rtsp://192.168.1.20/stream</code>. People are found, framed side by
        side, and shown here a few seconds later.
      </p>
      {children}
      <p>
        On the command line: <code>diptych run rtsp://camera/stream</code>
      </p>
    </div>
  );
}
