import { isShowing, type StreamView } from '../shared/domain/stream-status.js';
import { brand, element, setText } from './elements.js';
import { problemText, stateLabel } from './wording.js';

const REFRESH_MS = 2_000;
/** How often a thumbnail is loaded, ms; each one costs the gateway a JPEG. */
const THUMBNAIL_MS = 5_000;

interface Card {
  readonly root: HTMLElement;
  readonly image: HTMLImageElement;
  readonly pill: HTMLElement;
  readonly detail: HTMLElement;
  thumbnailMs: number;
}

/** All streams of the gateway, with a picture of each. */
export class ListPage {
  readonly #grid = element('ul', { className: 'grid' });
  readonly #notice = element('div', { className: 'notice', hidden: true, aria: { live: 'polite' } });
  readonly #cards = new Map<string, Card>();

  constructor(root: HTMLElement) {
    document.title = 'Diptych';
    root.replaceChildren(
      element('header', { className: 'bar' }, brand(), element('h1', { className: 'sr-only' }, 'Streams')),
      element('main', { className: 'list' }, this.#notice, this.#grid),
    );
    void this.#refresh();
    setInterval(() => {
      if (!document.hidden) void this.#refresh();
    }, REFRESH_MS);
  }

  async #refresh(): Promise<void> {
    try {
      const response = await fetch('/api/v1/streams', { headers: { accept: 'application/json' } });
      if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
      this.#show((await response.json()) as StreamView[]);
    } catch {
      this.#notice.replaceChildren(element('p', {}, 'The gateway does not answer. Trying again…'));
      this.#notice.hidden = false;
    }
  }

  #show(streams: readonly StreamView[]): void {
    this.#notice.hidden = streams.length > 0;
    if (streams.length === 0) {
      this.#notice.replaceChildren(
        element('h2', {}, 'No streams yet'),
        element('p', {}, 'Start one with a camera’s address:'),
        element('code', {}, 'diptych run --source rtsp://camera/stream'),
      );
    }
    for (const [id, { root }] of this.#cards) {
      if (streams.some((stream) => stream.id === id)) continue;
      root.remove();
      this.#cards.delete(id);
    }
    for (const stream of streams) this.#showCard(stream);
  }

  #showCard({ id, state, error, viewers, people, source }: StreamView): void {
    const card = this.#cards.get(id) ?? this.#addCard(id);
    card.pill.dataset['state'] = state;
    setText(card.pill, stateLabel(state));
    const facts = [
      `${people.length} ${people.length === 1 ? 'person' : 'people'}`,
      `${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}`,
    ];
    setText(card.detail, isShowing(state) ? facts.join(' · ') : error ? problemText(error) : source.url);
    const nowMs = performance.now();
    if (nowMs - card.thumbnailMs < THUMBNAIL_MS) return;
    card.thumbnailMs = nowMs;
    void loadThumbnail(card.image, id);
  }

  #addCard(id: string): Card {
    const image = element('img', { alt: '', decoding: 'async', hidden: true });
    const pill = element('span', { className: 'pill' });
    const detail = element('span', { className: 'detail' });
    const root = element(
      'li',
      {},
      element(
        'a',
        { className: 'card', href: `/s/${encodeURIComponent(id)}` },
        element('span', { className: 'thumbnail' }, image, pill),
        element('span', { className: 'name' }, id),
        detail,
      ),
    );
    const card = { root, image, pill, detail, thumbnailMs: Number.NEGATIVE_INFINITY };
    this.#cards.set(id, card);
    this.#grid.append(root);
    return card;
  }
}

/** The former picture stays until the next one is there. */
async function loadThumbnail(image: HTMLImageElement, id: string): Promise<void> {
  const next = new Image();
  next.src = `/api/v1/streams/${encodeURIComponent(id)}/snapshot.jpg?t=${Date.now()}`;
  try {
    await next.decode();
    image.src = next.src;
    image.hidden = false;
  } catch {
    // No picture at the moment: an older one is better than none.
  }
}
