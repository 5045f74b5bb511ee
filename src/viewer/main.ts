import { ListPage } from './list-page.js';
import { StreamPage } from './stream-page.js';

const root = document.getElementById('app');
if (root) {
  const streamId = /^\/s\/([^/]+)\/?$/.exec(location.pathname)?.[1];
  if (streamId === undefined) new ListPage(root);
  else new StreamPage(root, decodeURIComponent(streamId));
}
