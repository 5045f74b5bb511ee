import { render, type JSX } from 'preact';
import { CleanPage } from './clean-page.js';
import { ListPage } from './list/list-page.js';
import { MissingPage } from './parts/missing-page.js';
import { PublishPage } from './publish/publish-page.js';
import { StreamPage } from './stream/stream-page.js';
import { at } from './urls.js';
import './viewer.css';

/** The page of an address; the path is that below the gateway's own. */
function Page({ path, query }: { readonly path: string; readonly query: URLSearchParams }): JSX.Element {
  const [, kind, name] = /^(s|publish)\/([^/]+)\/?$/.exec(path) ?? [];
  if (path === '') return <ListPage />;
  if (kind === undefined || name === undefined) {
    return <MissingPage title="No such page" text={`There is no page at ${location.pathname}.`} />;
  }
  const streamId = decodeURIComponent(name);
  if (kind === 'publish') return <PublishPage streamId={streamId} />;
  if (query.get('view') === 'clean') return <CleanPage streamId={streamId} isSoundOn={query.get('sound') === 'on'} />;
  return <StreamPage streamId={streamId} />;
}

const root = document.getElementById('app');
if (root) {
  const base = at('');
  // Also where somebody goes past the proxy, which has the pages below the folder.
  const path = location.pathname.slice(location.pathname.startsWith(base) ? base.length : 1);
  render(<Page path={path} query={new URLSearchParams(location.search)} />, root);
}
