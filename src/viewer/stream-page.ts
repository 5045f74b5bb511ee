import { brand, element, icon, setText, type IconName } from './elements.js';
import { LivePicture } from './live-picture.js';
import type { ReceptionStats } from './media-receiver.js';
import { OverlayCanvas } from './overlay-canvas.js';
import { OverlayTimeline } from './overlay-timeline.js';
import { StreamPanels } from './stream-panels.js';
import { displayState } from './wording.js';

const TICK_MS = 500;
const COPIED_SHOWN_MS = 1_500;

/** The page of one stream: the picture, what is known about it, and reconnecting by itself. */
export class StreamPage {
  readonly #streamId: string;
  readonly #picture: LivePicture;
  readonly #timeline = new OverlayTimeline();
  readonly #panels: StreamPanels;
  readonly #canvas = element('canvas', { className: 'overlay', aria: { hidden: 'true' } });
  readonly #overlay = new OverlayCanvas(this.#canvas);
  readonly #pill = element('span', { className: 'pill', aria: { role: 'status', live: 'polite' } });
  readonly #message = element('p', { className: 'message', aria: { live: 'polite' } });
  readonly #muteButton = controlButton('muted', 'Sound (m)', () => this.#toggleSound());
  readonly #overlayButton = controlButton('boxes', 'Boxes and names (o)', () => {
    this.#setOverlay(!this.#isOverlayOn);
  });
  readonly #linkButton = controlButton('link', 'Copy the link (c)', () => this.#copyLink());
  readonly #fullscreenButton = controlButton('fullscreen', 'Full screen (f)', () => this.#toggleFullscreen());
  #isSoundOn = false;
  #stats: ReceptionStats = {};
  #isOverlayOn = true;

  constructor(root: HTMLElement, streamId: string) {
    this.#streamId = streamId;
    this.#panels = new StreamPanels(streamId);
    document.title = `${streamId} · Diptych`;
    this.#picture = new LivePicture(streamId, {
      onChange: () => {
        this.#render();
      },
      onPush: (message) => {
        if (message.type === 'overlay') this.#timeline.add(message.overlay);
      },
      onRestart: () => {
        this.#timeline.clear();
      },
      onFrame: (rtpTimestamp) => {
        this.#drawOverlay(rtpTimestamp);
      },
    });
    this.#build(root);
    this.#setOverlay(true);
    addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
    setInterval(() => {
      this.#tick();
    }, TICK_MS);
  }

  #build(root: HTMLElement): void {
    this.#picture.root.append(this.#canvas, this.#message);
    const controls = element(
      'div',
      { className: 'controls', aria: { role: 'toolbar', label: 'Player' } },
      this.#muteButton,
      this.#overlayButton,
      element('span', { className: 'spacer' }),
      this.#linkButton,
      this.#fullscreenButton,
    );
    const stage = element('div', { className: 'stage' }, this.#picture.root, controls);
    this.#stage = stage;
    root.replaceChildren(
      element('header', { className: 'bar' }, brand(), element('h1', {}, this.#streamId), this.#pill),
      element(
        'main',
        { className: 'stream' },
        element('div', { className: 'column' }, stage, this.#panels.footer),
        this.#panels.aside,
      ),
    );
    this.#render();
  }

  #stage: HTMLElement | undefined;

  #drawOverlay(rtpTimestamp: number | undefined): void {
    const { view } = this.#picture;
    if (this.#isOverlayOn && view) this.#overlay.draw(this.#timeline.at(rtpTimestamp), view.output);
  }

  #tick(): void {
    void this.#picture.stats().then((stats) => {
      this.#stats = stats;
    });
    this.#picture.tick();
    this.#render();
  }

  #render(): void {
    const { view, reception, retryInS, root } = this.#picture;
    const { state, label, message } = displayState(view, { ...reception, retryInS });
    this.#pill.dataset['state'] = state;
    setText(this.#pill, label);
    setText(this.#message, message ?? '');
    this.#message.hidden = message === undefined;
    root.classList.toggle('dimmed', message !== undefined);
    if (view) this.#panels.update(view, this.#stats);
    this.#panels.show(view === undefined ? 'nothing' : reception.connection === 'open' ? 'now' : 'past');
  }

  async #toggleSound(): Promise<void> {
    const isOn = !this.#isSoundOn;
    this.#isSoundOn = isOn;
    this.#muteButton.replaceChildren(icon(isOn ? 'sound' : 'muted'));
    this.#muteButton.setAttribute('aria-pressed', String(isOn));
    await this.#picture.setSound(isOn);
  }

  #setOverlay(isOn: boolean): void {
    this.#isOverlayOn = isOn;
    this.#overlayButton.setAttribute('aria-pressed', String(isOn));
    this.#canvas.hidden = !isOn;
    const { view } = this.#picture;
    if (!isOn && view) this.#overlay.draw(undefined, view.output);
  }

  async #toggleFullscreen(): Promise<void> {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await this.#stage?.requestFullscreen();
  }

  async #copyLink(): Promise<void> {
    try {
      await navigator.clipboard.writeText(location.href);
      this.#linkButton.dataset['note'] = 'Copied';
    } catch {
      this.#linkButton.dataset['note'] = 'Copy it from the address bar';
    }
    setTimeout(() => delete this.#linkButton.dataset['note'], COPIED_SHOWN_MS);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const buttons: Readonly<Record<string, HTMLButtonElement>> = {
      m: this.#muteButton,
      o: this.#overlayButton,
      f: this.#fullscreenButton,
      c: this.#linkButton,
    };
    buttons[event.key.toLowerCase()]?.click();
  }
}

function controlButton(name: IconName, label: string, onClick: () => unknown): HTMLButtonElement {
  const button = element('button', { type: 'button', className: 'control', title: label, aria: { label } }, icon(name));
  button.addEventListener('click', () => void onClick());
  return button;
}
