import { element } from './elements.js';
import { LivePicture } from './live-picture.js';

const TICK_MS = 500;

/**
 * The picture alone, as large as the window, for browser sources and frames of other pages: no words,
 * no controls. While nothing can be received the last picture stays; the gateway's own slate tells of
 * a camera that is away. Sound is played where `isSoundOn` and where the browser allows it.
 */
export class CleanPage {
  constructor(root: HTMLElement, streamId: string, { isSoundOn }: { readonly isSoundOn: boolean }) {
    document.title = `${streamId} · Diptych`;
    document.documentElement.classList.add('clean');
    const heading = element('h1', { className: 'sr-only' }, streamId);
    const picture = new LivePicture(streamId, { onChange: () => undefined });
    root.replaceChildren(element('main', {}, heading, picture.root));
    if (isSoundOn) void picture.setSound(true);
    setInterval(() => {
      picture.tick();
    }, TICK_MS);
  }
}
