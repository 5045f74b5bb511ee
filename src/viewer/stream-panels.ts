import type { PersonStatus, StreamView, TargetStatus } from '../shared/domain/stream-status.js';
import type { ReceptionStats } from './media-receiver.js';
import { element, setText } from './elements.js';
import { GpuPanel } from './gpu-panel.js';
import { setRows } from './figures.js';
import { RecordingPanel } from './recording-panel.js';
import {
  formatBytes,
  formatDuration,
  formatMs,
  nextSourceText,
  problemText,
  slotLabel,
  targetLabel,
} from './wording.js';

const STAGES = [
  ['decode', 'Decode'],
  ['detect', 'Detect'],
  ['compose', 'Compose'],
  ['encode', 'Encode'],
  ['total', 'In Diptych'],
] as const;

/** The figures beside the picture. */
export class StreamPanels {
  /** Who is seen, how late, and where else. */
  readonly aside: HTMLElement;
  /** What comes in and goes out. */
  readonly footer: HTMLElement;
  readonly #people = element('ul', { className: 'people' });
  readonly #peopleCount = element('span', { className: 'count' });
  readonly #latency = element('dl', { className: 'figures' });
  readonly #headline = element('span', { className: 'headline' });
  readonly #targets = element('ul', { className: 'targets' });
  readonly #source = element('dl', { className: 'figures' });
  /** Why the camera is away, or which one is to take its place; empty while it is there. */
  readonly #sourceProblem = element('p', { className: 'problem' });
  readonly #output = element('dl', { className: 'figures' });
  readonly #frames = element('dl', { className: 'figures' });
  readonly #gpu = new GpuPanel();
  readonly #recording: RecordingPanel;

  constructor(streamId: string) {
    this.#recording = new RecordingPanel(streamId);
    const panel = (title: string, className: string, ...content: HTMLElement[]): HTMLElement =>
      element(
        'section',
        { className: `panel ${className}` },
        element('h2', {}, title, ...content.filter(({ tagName }) => tagName === 'SPAN')),
        ...content.filter(({ tagName }) => tagName !== 'SPAN'),
      );
    this.aside = element(
      'aside',
      { className: 'panels', aria: { label: 'People, delay, what does the work, targets, and recordings' } },
      panel('People', 'panel-people', this.#peopleCount, this.#people),
      panel('Delay', 'panel-latency', this.#headline, this.#latency),
      panel('Works on', 'panel-gpu', ...this.#gpu.content),
      panel('Targets', 'panel-targets', this.#targets),
      panel('Recordings', 'panel-recordings', ...this.#recording.content),
    );
    this.footer = element(
      'div',
      { className: 'panels panels-wide' },
      panel('Camera', 'panel-source', this.#sourceProblem, this.#source),
      panel('Output', 'panel-output', this.#output),
      panel('Frames', 'panel-frames', this.#frames),
    );
  }

  /** Whether the figures are there at all, and whether they still hold. */
  show(what: 'nothing' | 'past' | 'now'): void {
    for (const part of [this.aside, this.footer]) {
      part.classList.toggle('absent', what === 'nothing');
      part.classList.toggle('past', what === 'past');
    }
  }

  /** Shows a new status and what the browser receives. */
  update(view: StreamView, reception: ReceptionStats): void {
    this.#showPeople(view.people);
    this.#showLatency(view, reception);
    this.#showTargets(view.targets);
    this.#recording.update(view.recording);
    this.#showStream(view, reception);
    // That it is only starting is no problem.
    const problem = view.error?.code === 'DIPTYCH_E_NOT_READY' ? undefined : view.error;
    setText(this.#sourceProblem, problem === undefined ? nextSourceText(view.source.next) : problemText(problem));
    this.#gpu.update(view);
    const { frames } = view;
    setRows(this.#frames, [
      ['From the camera', frames.in.toLocaleString('en')],
      ['Published', frames.out.toLocaleString('en')],
      ['Repeated', frames.repeated.toLocaleString('en')],
      ['Left out', frames.dropped.toLocaleString('en')],
      ['Came damaged', frames.damaged.toLocaleString('en')],
    ]);
  }

  #showPeople(people: readonly PersonStatus[]): void {
    setText(this.#peopleCount, people.length === 0 ? '' : String(people.length));
    const sorted = [...people].sort((a, b) => (a.slot ?? 99) - (b.slot ?? 99) || a.trackId - b.trackId);
    const slots = sorted.flatMap(({ slot }) => slot ?? []);
    setItems(
      this.#people,
      'Nobody in the picture',
      sorted.map(({ trackId, slot, score }) => [
        element('span', { className: 'swatch', dataset: { slot: String(slot ?? 'none') } }),
        element('span', { className: 'name' }, `Person ${trackId}`),
        element('span', { className: 'detail' }, slotLabel(slot, slots)),
        element('span', { className: 'value', title: 'How sure the last find was' }, `${Math.round(score * 100)} %`),
      ]),
    );
  }

  #showLatency({ latencyMs }: StreamView, { networkMs, bufferMs, decodeMs }: ReceptionStats): void {
    const hereMs = bufferMs === undefined ? undefined : (networkMs ?? 0) + bufferMs + (decodeMs ?? 0);
    const totalMs = latencyMs.total.p50;
    setText(this.#headline, hereMs === undefined || totalMs === 0 ? '' : `≈ ${Math.round(totalMs + hereMs)} ms`);
    this.#headline.title = 'From the camera’s packet to this screen, estimated';
    const rows: [string, string, string?][] = STAGES.map(([stage, label]) => {
      const { p50, p95 } = latencyMs[stage];
      return [label, p50 === 0 ? '–' : `${formatMs(p50)} ms`, p50 === 0 ? '' : `${formatMs(p95)} ms`];
    });
    rows.push(['To this screen', hereMs === undefined ? '–' : `${formatMs(hereMs)} ms`, '']);
    setRows(this.#latency, rows, ['', 'typical', 'p95']);
  }

  #showTargets(targets: readonly TargetStatus[]): void {
    setItems(
      this.#targets,
      'Not published anywhere else',
      targets.map(({ id, url, state, since, bytes, retries, dropped, error }) => {
        const age = formatDuration((Date.now() - Date.parse(since)) / 1000);
        const facts = [
          `for ${age}`,
          formatBytes(bytes),
          ...(retries > 0 ? [`${retries} ${retries === 1 ? 'retry' : 'retries'}`] : []),
          ...(dropped > 0 ? [`${dropped.toLocaleString('en')} left out`] : []),
        ];
        return [
          element('span', { className: 'name', title: url }, id),
          element('span', { className: 'badge', dataset: { state } }, targetLabel(state)),
          element('span', { className: 'url' }, url),
          element('span', { className: 'detail' }, facts.join(' · ')),
          error === undefined ? undefined : element('span', { className: 'problem' }, problemText(error)),
        ];
      }),
    );
  }

  #showStream({ source, output, viewers }: StreamView, { fps, bitrateKbps }: ReceptionStats): void {
    const { width, height, fps: sourceFps, codec, audio, audioReason } = source;
    const megabits = (kilobits: number): string => `${(kilobits / 1000).toFixed(1)} Mbit/s`;
    setRows(this.#source, [
      ['Size', width === undefined || height === undefined ? '–' : `${width} × ${height}`],
      ['Frame rate', sourceFps === undefined ? '–' : `${Math.round(sourceFps)} fps`],
      ['Video', codec ?? '–'],
      ['Sound', audioReason === undefined ? (audio ?? '–') : `None: ${audioReason}`],
    ]);
    setRows(this.#output, [
      ['Size', `${output.width} × ${output.height}`],
      ['Encoder', `${output.encoder} · ${megabits(output.bitrateKbps)}`],
      ['Here', fps === undefined ? '–' : `${Math.round(fps)} fps · ${megabits(bitrateKbps ?? 0)}`],
      ['Viewers', String(viewers)],
    ]);
  }
}

function setItems(list: HTMLElement, whenEmpty: string, items: readonly (readonly (Node | undefined)[])[]): void {
  const made = items.map((content) => element('li', {}, ...content));
  list.replaceChildren(...(made.length > 0 ? made : [element('li', { className: 'empty' }, whenEmpty)]));
}
