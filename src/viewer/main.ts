import { CleanPage } from './clean-page.js';
import { ListPage } from './list-page.js';
import { PublishPage } from './publish-page.js';
import { StreamPage } from './stream-page.js';

const root = document.getElementById('app');
if (root) {
  const streamId = /^\/s\/([^/]+)\/?$/.exec(location.pathname)?.[1];
  const publishedId = /^\/publish\/([^/]+)\/?$/.exec(location.pathname)?.[1];
  const query = new URLSearchParams(location.search);
  if (publishedId !== undefined) new PublishPage(root, decodeURIComponent(publishedId));
  else if (streamId === undefined) new ListPage(root);
  else if (query.get('view') === 'clean') {
    new CleanPage(root, decodeURIComponent(streamId), { isSoundOn: query.get('sound') === 'on' });
  } else new StreamPage(root, decodeURIComponent(streamId));
}
