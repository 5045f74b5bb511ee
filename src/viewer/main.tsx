import { render, type JSX } from 'preact';
import { CleanPage } from './clean-page.js';
import { ListPage } from './list/list-page.js';
import { MissingPage } from './parts/missing-page.js';
import { PublishPage } from './publish/publish-page.js';
import { StreamPage } from './stream/stream-page.js';
import { PublishRefused, StreamRefused } from './parts/refused-page.js';
import { endedText, loadSession, may, mayUse, session, signIn, tokenOfAddress } from './session.js';
import { followHosts } from './hosts.js';
import { SignInPage } from './sign-in-page.js';
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
  if (!mayUse(streamId)) return <StreamRefused streamId={streamId} />;
  if (kind === 'publish' && !may('operate')) return <PublishRefused streamId={streamId} />;
  if (kind === 'publish') return <PublishPage streamId={streamId} />;
  if (query.get('view') === 'clean') return <CleanPage streamId={streamId} isSoundOn={query.get('sound') === 'on'} />;
  return <StreamPage streamId={streamId} />;
}

/** Shows the page of this address to those who may see it, and the page to sign in to others. */
async function start(root: HTMLElement): Promise<void> {
  const base = at('');
  const query = new URLSearchParams(location.search);
  // Also where somebody goes past the proxy, which has the pages below the folder.
  const path = location.pathname.slice(location.pathname.startsWith(base) ? base.length : 1);
  const token = tokenOfAddress();
  // Tried before it is known whether one is needed: it may be another one than that of the cookie.
  const problem = token === undefined ? endedText() : await signIn(token);
  // The clean view has its token in the address, for frames whose cookies are not sent.
  const isClean = query.get('view') === 'clean' && query.has('token');
  const { required, signedIn } = isClean ? session.value : await loadSession();
  followHosts(isClean ? query.get('token') : null);
  render(required && !signedIn ? <SignInPage problem={problem} /> : <Page path={path} query={query} />, root);
}

const root = document.getElementById('app');
if (root) void start(root);
