import type { StreamView } from '../shared/domain/stream-status.js';
import { CameraPublisher, type PublishingState } from './camera-publisher.js';
import { brand, element, icon, setText } from './elements.js';
import { setRows } from './figures.js';
import { LevelMeter } from './level-meter.js';
import { readSent, type SentBytes, type SentFigures, type StatsEntry } from './sent-figures.js';
import { formatMs, problemText, stateLabel } from './wording.js';

const TICK_MS = 1000;
const METER_MS = 80;
const NONE = 'none';

const STATES: Readonly<Record<PublishingState, { readonly state: string; readonly label: string }>> = {
  idle: { state: 'offline', label: 'Not sending' },
  connecting: { state: 'connecting', label: 'Connecting' },
  live: { state: 'live', label: 'Sending' },
  retrying: { state: 'connecting', label: 'Connecting again' },
};

/** The page that sends this device's camera to a stream. */
export class PublishPage {
  readonly #streamId: string;
  readonly #publisher: CameraPublisher;
  readonly #video = element('video', { muted: true, autoplay: true, playsInline: true });
  readonly #player = element('div', { className: 'player' }, this.#video);
  readonly #message = element('p', { className: 'message', aria: { live: 'polite' } });
  readonly #pill = element('span', { className: 'pill', aria: { role: 'status', live: 'polite' } });
  readonly #button = element('button', { className: 'primary', type: 'button' });
  readonly #cameras = element('select', { id: 'camera' });
  readonly #microphones = element('select', { id: 'microphone' });
  readonly #level = element('meter', { min: 0, max: 1, low: 0.2, high: 0.95, optimum: 0.6 });
  readonly #sent = element('dl', { className: 'figures' });
  readonly #received = element('dl', { className: 'figures' });
  readonly #receivedProblem = element('p', { className: 'problem' });
  #meter: LevelMeter | undefined;
  #bytes: SentBytes | undefined;
  #figures: SentFigures = {};
  #view: StreamView | undefined;
  #awake: WakeLockSentinel | undefined;

  constructor(root: HTMLElement, streamId: string) {
    this.#streamId = streamId;
    document.title = `Send a camera to ${streamId} · Diptych`;
    this.#publisher = new CameraPublisher(streamId, () => {
      this.#render();
    });
    this.#build(root);
    this.#button.addEventListener('click', () => void this.#toggle());
    for (const select of [this.#cameras, this.#microphones]) {
      select.addEventListener('change', () => void this.#changeDevice());
    }
    addEventListener('pagehide', () => void this.#publisher.stop());
    setInterval(() => void this.#tick(), TICK_MS);
    setInterval(() => {
      this.#level.value = this.#meter?.level ?? 0;
    }, METER_MS);
    void this.#listDevices();
    void this.#tick();
  }

  #build(root: HTMLElement): void {
    this.#player.append(this.#message);
    const back = element(
      'a',
      { className: 'control', href: this.#streamHref, title: 'To the stream', aria: { label: 'To the stream' } },
      icon('back'),
    );
    const panel = (title: string, ...content: HTMLElement[]): HTMLElement =>
      element('section', { className: 'panel panel-source' }, element('h2', {}, title), ...content);
    root.replaceChildren(
      element('header', { className: 'bar' }, brand(), element('h1', {}, `Camera for ${this.#streamId}`), this.#pill),
      element(
        'main',
        { className: 'stream' },
        element(
          'div',
          { className: 'column' },
          element(
            'div',
            { className: 'stage' },
            this.#player,
            element('div', { className: 'controls' }, back, element('span', { className: 'spacer' }), this.#button),
          ),
        ),
        element(
          'aside',
          { className: 'panels', aria: { label: 'Devices, and what is sent' } },
          panel('Devices', ...this.#devices()),
          panel('Sent from here', this.#sent),
          panel('Arrives at the gateway', this.#receivedProblem, this.#received),
        ),
      ),
    );
    this.#render();
  }

  #devices(): HTMLElement[] {
    return [
      element('label', { className: 'field', htmlFor: 'camera' }, 'Camera', this.#cameras),
      element('label', { className: 'field', htmlFor: 'microphone' }, 'Microphone', this.#microphones),
      element('div', { className: 'field' }, 'Level', this.#level),
    ];
  }

  get #streamHref(): string {
    return `/s/${encodeURIComponent(this.#streamId)}`;
  }

  async #toggle(): Promise<void> {
    if (this.#publisher.state === 'idle') await this.#start();
    else await this.#publisher.stop();
  }

  async #start(): Promise<void> {
    this.#button.disabled = true;
    try {
      const isOpen = await this.#publisher.open(this.#choice);
      await this.#listDevices();
      if (isOpen) await this.#publisher.start();
    } finally {
      this.#button.disabled = false;
    }
  }

  async #changeDevice(): Promise<void> {
    if (this.#publisher.state !== 'idle') await this.#start();
  }

  get #choice(): { readonly camera: string; readonly microphone: string } {
    return { camera: this.#cameras.value, microphone: this.#microphones.value };
  }

  /** Names are told once a camera was allowed. */
  async #listDevices(): Promise<void> {
    const devices = (await (navigator.mediaDevices as MediaDevices | undefined)?.enumerateDevices()) ?? [];
    const named = (kind: MediaDeviceKind, name: string): [string, string][] =>
      devices
        .filter((device) => device.kind === kind && device.deviceId !== '')
        .map(({ deviceId, label }, index) => [deviceId, label || `${name} ${index + 1}`]);
    const used = (kind: string): string | undefined =>
      this.#publisher.media
        ?.getTracks()
        .find((track) => track.kind === kind)
        ?.getSettings().deviceId;
    fill(this.#cameras, [...named('videoinput', 'Camera')], 'First camera', used('video'));
    const microphones: [string, string][] = [...named('audioinput', 'Microphone'), [NONE, 'No microphone']];
    fill(this.#microphones, microphones, 'First microphone', used('audio'));
  }

  async #tick(): Promise<void> {
    const stats = await this.#publisher.stats();
    const entries: StatsEntry[] = [];
    stats?.forEach((entry: StatsEntry) => entries.push(entry));
    const { figures, sent } = readSent(entries, this.#bytes);
    this.#figures = figures;
    this.#bytes = sent;
    try {
      const response = await fetch(`/api/v1/streams/${encodeURIComponent(this.#streamId)}`);
      this.#view = response.ok ? ((await response.json()) as StreamView) : undefined;
    } catch {
      this.#view = undefined;
    }
    this.#render();
  }

  #render(): void {
    const { state, media, problem } = this.#publisher;
    const shown = STATES[state];
    this.#pill.dataset['state'] = shown.state;
    setText(this.#pill, shown.label);
    setText(this.#button, state === 'idle' ? 'Use this camera' : 'Stop');
    this.#button.dataset['sending'] = String(state !== 'idle');
    const message = problem ?? (media ? undefined : 'The picture of this device goes to the stream once you start.');
    setText(this.#message, message ?? '');
    this.#message.hidden = message === undefined;
    this.#player.classList.toggle('dimmed', message !== undefined);
    if (this.#video.srcObject !== (media ?? null)) this.#show(media);
    this.#renderFigures();
  }

  #show(media: MediaStream | undefined): void {
    this.#video.srcObject = media ?? null;
    if (media) this.#meter ??= new LevelMeter();
    this.#meter?.listen(media);
    void this.#keepAwake(media !== undefined);
  }

  #renderFigures(): void {
    const { codec, width, height, fps, kbps, lostRatio, roundTripMs } = this.#figures;
    setRows(this.#sent, [
      ['Codec', codec ?? '–'],
      ['Picture', width === undefined ? '–' : `${width} × ${height ?? 0}`],
      ['Rate', `${fps === undefined ? '–' : `${Math.round(fps)} fps`}${kbps === undefined ? '' : ` · ${kbps} kbit/s`}`],
      ['There and back', roundTripMs === undefined ? '–' : `${formatMs(roundTripMs)} ms`],
    ]);
    const view = this.#view;
    const { source } = view ?? {};
    // That nobody sends is what this page is for.
    const isTold = view?.error?.code === 'DIPTYCH_E_SOURCE_UNPUBLISHED';
    setText(this.#receivedProblem, view?.error && !isTold ? problemText(view.error) : '');
    setRows(this.#received, [
      ['State', view ? stateLabel(view.state) : 'The gateway does not answer'],
      ['Codec', source?.codec ?? '–'],
      ['Picture', source?.width === undefined ? '–' : `${source.width} × ${source.height ?? 0}`],
      ['Rate', source?.fps === undefined ? '–' : `${Math.round(source.fps)} fps`],
      ['Lost on the way', lostRatio === undefined ? '–' : `${(lostRatio * 100).toFixed(1)} %`],
      ['Sound', source?.audio ?? '–'],
      ['People', view ? String(view.people.length) : '–'],
    ]);
  }

  /** The screen of a phone stays on while it sends. */
  async #keepAwake(isWanted: boolean): Promise<void> {
    const { wakeLock } = navigator as { readonly wakeLock?: WakeLock };
    try {
      if (isWanted) this.#awake ??= await wakeLock?.request('screen');
      else {
        await this.#awake?.release();
        this.#awake = undefined;
      }
    } catch {
      // Not given in a page that nobody sees, or on low battery: it sends all the same.
    }
  }
}

/** The options of a list, where they differ; what was chosen stays chosen. */
function fill(
  select: HTMLSelectElement,
  options: readonly (readonly [string, string])[],
  first: string,
  used: string | undefined,
): void {
  const all = options.some(([value]) => value !== NONE) ? options : [['', first] as const, ...options];
  const chosen = select.value === NONE ? NONE : (used ?? select.value);
  select.replaceChildren(...all.map(([value, label]) => element('option', { value }, label)));
  select.value = all.some(([value]) => value === chosen) ? chosen : (all[0]?.[0] ?? '');
}
