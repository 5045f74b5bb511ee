import type { RecordingSegment } from '../shared/domain/recording.js';
import { element, icon, setText, type IconName } from './elements.js';
import type { RecordingsClient } from './recordings-client.js';
import { formatBytes, formatLength, formatMoment } from './wording.js';

/** A second click within this time deletes, ms. */
const CONFIRM_MS = 4_000;

/** One segment in the list: when, how long, how large; download it, see who was in it, delete it. */
export class RecordingItem {
  /** To be put into the list. */
  readonly root: HTMLElement;
  readonly #facts = element('span', { className: 'detail' });
  readonly #delete: HTMLButtonElement;
  #confirming: ReturnType<typeof setTimeout> | undefined;

  constructor({ name, startedAt }: RecordingSegment, client: RecordingsClient, onDelete: () => void) {
    const when = formatMoment(startedAt);
    this.#delete = element(
      'button',
      { type: 'button', className: 'small', title: 'Delete', aria: { label: `Delete the recording of ${when}` } },
      icon('delete'),
    );
    this.#delete.addEventListener('click', () => {
      if (this.#confirming === undefined) this.#askToConfirm();
      else onDelete();
    });
    this.root = element(
      'li',
      {},
      element('span', { className: 'name' }, when),
      this.#facts,
      element(
        'span',
        { className: 'actions' },
        link('download', 'Download', `Download the recording of ${when}`, client.address(name)),
        link(
          'people',
          'Who was in which tile when (JSON)',
          `Download who was in the recording of ${when}`,
          client.address(name.replace(/\.mp4$/, '.json')),
        ),
        this.#delete,
      ),
    );
  }

  /** Shows how it is now. */
  update({ durationS, bytes, state }: RecordingSegment): void {
    const isWriting = state === 'writing';
    const facts = [formatLength(durationS), formatBytes(bytes), ...(isWriting ? ['being written'] : [])];
    setText(this.#facts, facts.join(' · '));
    this.#delete.hidden = isWriting;
  }

  #askToConfirm(): void {
    this.#delete.replaceChildren('Delete?');
    this.#confirming = setTimeout(() => {
      this.#confirming = undefined;
      this.#delete.replaceChildren(icon('delete'));
    }, CONFIRM_MS);
  }
}

function link(name: IconName, title: string, label: string, href: string): HTMLAnchorElement {
  return element('a', { className: 'small', title, href, download: '', aria: { label } }, icon(name));
}
