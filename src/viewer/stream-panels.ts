import type { PersonStatus, StreamView, TargetStatus } from '#domain/stream-status.js';
import type { ReceptionStats } from './media-receiver.js';
import { element, setText } from './elements.js';
import { formatBytes, formatDuration, formatMs, slotLabel, targetLabel } from './wording.js';

const STAGES = [
  ['decode', 'Decode'],
  ['detect', 'Detect'],
  ['compose', 'Compose'],
  ['encode', 'Encode'],
  ['total', 'In the gateway'],
] as const;

/** The figures beside the picture. */
export class StreamPanels {
  readonly root: HTMLElement;
  readonly #people = element('ul', { className: 'people' });
  readonly #peopleCount = element('span', { className: 'count' });
  readonly #latency = element('dl', { className: 'figures' });
  readonly #headline = element('span', { className: 'headline' });
  readonly #targets = element('ul', { className: 'targets' });
  readonly #stream = element('dl', { className: 'figures' });
  readonly #frames = element('dl', { className: 'figures' });

  constructor() {
    const panel = (title: string, className: string, ...content: HTMLElement[]): HTMLElement =>
      element(
        'section',
        { className: `panel ${className}` },
        element('h2', {}, title, ...content.filter(({ tagName }) => tagName === 'SPAN')),
        ...content.filter(({ tagName }) => tagName !== 'SPAN'),
      );
    this.root = element(
      'aside',
      { className: 'panels', aria: { label: 'About this stream' } },
      panel('People', 'panel-people', this.#peopleCount, this.#people),
      panel('Delay', 'panel-latency', this.#headline, this.#latency),
      panel('Targets', 'panel-targets', this.#targets),
      panel('Picture', 'panel-stream', this.#stream),
      panel('Frames', 'panel-frames', this.#frames),
    );
  }

  update(view: StreamView, reception: ReceptionStats): void {
    this.#showPeople(view.people);
    this.#showLatency(view, reception);
    this.#showTargets(view.targets);
    this.#showStream(view, reception);
    const { frames } = view;
    setRows(this.#frames, [
      ['From the camera', frames.in.toLocaleString('en')],
      ['Published', frames.out.toLocaleString('en')],
      ['Repeated', frames.repeated.toLocaleString('en')],
      ['Left out', frames.dropped.toLocaleString('en')],
    ]);
  }

  #showPeople(people: readonly PersonStatus[]): void {
    setText(this.#peopleCount, people.length === 0 ? '' : String(people.length));
    const sorted = [...people].sort((a, b) => (a.slot ?? 99) - (b.slot ?? 99) || a.trackId - b.trackId);
    setItems(this.#people, 'Nobody in the picture', sorted.map(({ trackId, slot, score }) => [
      element('span', { className: 'swatch', dataset: { slot: String(slot ?? 'none') } }),
      element('span', { className: 'name' }, `Person ${trackId}`),
      element('span', { className: 'detail' }, slotLabel(slot)),
      element('span', { className: 'value', title: 'How sure the last find was' }, `${Math.round(score * 100)} %`),
    ]));
  }

  #showLatency({ latencyMs }: StreamView, { networkMs, bufferMs, decodeMs }: ReceptionStats): void {
    const here = [networkMs, bufferMs, decodeMs].filter((ms) => ms !== undefined);
    const hereMs = here.reduce((sum, ms) => sum + ms, 0);
    const hasTotal = latencyMs.total.p50 > 0;
    setText(this.#headline, hasTotal && here.length > 0 ? `≈ ${Math.round(latencyMs.total.p50 + hereMs)} ms` : '');
    this.#headline.title = 'From the camera’s packet to this screen, estimated';
    const rows: [string, string, string?][] = STAGES.map(([stage, label]) => {
      const { p50, p95 } = latencyMs[stage];
      return [label, p50 === 0 ? '–' : `${formatMs(p50)} ms`, p50 === 0 ? '' : `${formatMs(p95)} ms`];
    });
    rows.push(['To this screen', here.length === 0 ? '–' : `${formatMs(hereMs)} ms`, '']);
    setRows(this.#latency, rows, ['', 'usual', 'p95']);
  }

  #showTargets(targets: readonly TargetStatus[]): void {
    setItems(this.#targets, 'Not published anywhere else', targets.map(({ id, url, state, since, bytes, retries, error }) => {
      const age = formatDuration((Date.now() - Date.parse(since)) / 1000);
      const facts = [`for ${age}`, formatBytes(bytes), ...(retries > 0 ? [`${retries} ${retries === 1 ? 'retry' : 'retries'}`] : [])];
      return [
        element('span', { className: 'name', title: url }, id),
        element('span', { className: 'badge', dataset: { state } }, targetLabel(state)),
        element('span', { className: 'url' }, url),
        element('span', { className: 'detail' }, facts.join(' · ')),
        error === undefined ? undefined : element('span', { className: 'problem' }, error),
      ];
    }));
  }

  #showStream({ source, output, viewers }: StreamView, { fps, bitrateKbps }: ReceptionStats): void {
    const camera = [
      source.width === undefined ? undefined : `${source.width} × ${source.height ?? '?'}`,
      source.fps === undefined ? undefined : `${Math.round(source.fps)} fps`,
      source.codec,
    ].filter((part) => part !== undefined);
    setRows(this.#stream, [
      ['Camera', camera.length === 0 ? '–' : camera.join(' · ')],
      ['Sound', source.audio ?? '–'],
      ['Output', `${output.width} × ${output.height} · ${output.fps} fps`],
      ['Encoder', `${output.encoder} · ${(output.bitrateKbps / 1000).toFixed(1)} Mbit/s`],
      ['Received here', fps === undefined ? '–' : `${fps.toFixed(0)} fps · ${((bitrateKbps ?? 0) / 1000).toFixed(1)} Mbit/s`],
      ['Viewers', String(viewers)],
    ]);
  }
}

/** Fills a list of terms; rows are made once and afterwards only their text changes. */
function setRows(list: HTMLElement, rows: readonly (readonly [string, string, string?])[], heading?: readonly [string, string, string]): void {
  const all = heading ? [heading, ...rows] : rows;
  if (list.childElementCount !== all.length) {
    list.replaceChildren(
      ...all.map((cells, index) =>
        element('div', heading && index === 0 ? { className: 'heading', aria: { hidden: 'true' } } : {}, ...cells.map((_, place) => element(place === 0 ? 'dt' : 'dd'))),
      ),
    );
  }
  all.forEach((cells, index) => {
    const row = list.children[index];
    cells.forEach((text, place) => {
      const cell = row?.children[place];
      if (cell instanceof HTMLElement) setText(cell, text ?? '');
    });
  });
}

function setItems(list: HTMLElement, whenEmpty: string, items: readonly (readonly (Node | undefined)[])[]): void {
  const made = items.map((content) => element('li', {}, ...content));
  list.replaceChildren(...(made.length > 0 ? made : [element('li', { className: 'empty' }, whenEmpty)]));
}
