import type { RecordingSegment, RecordingStatus } from '../shared/domain/recording.js';
import { element, setText } from './elements.js';
import { RecordingItem } from './recording-item.js';
import { RecordingsClient } from './recordings-client.js';
import { formatBytes, formatDuration, problemText, recordingLabel, sentence } from './wording.js';

const REFRESH_MS = 5_000;
/** Segments that are shown at first, and how many more at a time. */
const PAGE = 20;

/** Recording a stream: begin and end it, and what was recorded. */
export class RecordingPanel {
  readonly #client: RecordingsClient;
  readonly #state = element('span', { className: 'badge', aria: { role: 'status' } });
  readonly #facts = element('p', { className: 'facts' });
  /** Why it cannot be recorded, or what could not be done; empty otherwise. */
  readonly #problem = element('p', { className: 'problem', aria: { live: 'polite' } });
  readonly #button = element('button', { type: 'button', className: 'record' });
  readonly #list = element('ul', { className: 'recordings' });
  readonly #older = element('button', { type: 'button', className: 'older', hidden: true });
  readonly #items = new Map<string, RecordingItem>();
  #segments: readonly RecordingSegment[] = [];
  #shown = PAGE;
  #status: RecordingStatus | undefined;
  /** What the last click ended with, until the next one. */
  #refusal = '';

  constructor(streamId: string) {
    this.#client = new RecordingsClient(streamId);
    this.#button.addEventListener('click', () => void this.#toggle());
    this.#older.addEventListener('click', () => {
      this.#shown += PAGE;
      this.#showList();
    });
    setInterval(() => {
      if (!document.hidden) void this.#refresh();
    }, REFRESH_MS);
  }

  /** Its elements, to be put into the page once. */
  get content(): HTMLElement[] {
    return [this.#state, this.#problem, this.#facts, this.#button, this.#list, this.#older];
  }

  /** Shows a new status. */
  update(status: RecordingStatus): void {
    const before = this.#status;
    this.#status = status;
    const { state, since, bytes, error } = status;
    this.#state.dataset['state'] = state;
    setText(this.#state, recordingLabel(state));
    setText(this.#problem, error === undefined ? this.#refusal : problemText(error));
    const age = formatDuration((Date.now() - Date.parse(since)) / 1000);
    setText(this.#facts, state === 'recording' ? `for ${age} · ${formatBytes(bytes)} written` : '');
    setText(this.#button, state === 'off' ? 'Record' : 'Stop recording');
    this.#button.dataset['recording'] = String(state !== 'off');
    if (before?.state !== state || before.file !== status.file) void this.#refresh();
  }

  async #toggle(): Promise<void> {
    this.#button.disabled = true;
    await this.#try(() => this.#client.record(this.#status?.state === 'off'));
    this.#button.disabled = false;
  }

  async #refresh(): Promise<void> {
    try {
      this.#segments = await this.#client.list();
    } catch {
      // The page tells of a gateway that does not answer; the list is asked for again.
      return;
    }
    this.#showList();
  }

  #showList(): void {
    const shown = this.#segments.slice(0, this.#shown);
    for (const [name, { root }] of this.#items) {
      if (shown.some((segment) => segment.name === name)) continue;
      root.remove();
      this.#items.delete(name);
    }
    shown.forEach((segment, place) => {
      const item = this.#itemOf(segment);
      item.update(segment);
      // What is in its place is not moved, so that it keeps the focus.
      const there = this.#list.children[place];
      if (there !== item.root) this.#list.insertBefore(item.root, there ?? null);
    });
    const left = this.#segments.length - shown.length;
    this.#older.hidden = left <= 0;
    setText(this.#older, `${left.toLocaleString('en')} older`);
  }

  #itemOf(segment: RecordingSegment): RecordingItem {
    const { name } = segment;
    const item =
      this.#items.get(name) ??
      new RecordingItem(segment, this.#client, () => void this.#try(() => this.#client.remove(name)));
    this.#items.set(name, item);
    return item;
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#refusal = '';
    } catch (error) {
      this.#refusal = sentence(error instanceof Error ? error.message : String(error));
    }
    setText(this.#problem, this.#refusal);
    await this.#refresh();
  }
}
