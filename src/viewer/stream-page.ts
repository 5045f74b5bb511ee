import type { StreamView } from '../shared/domain/stream-status.js';
import type { Push } from '../shared/signaling/protocol.js';
import { brand, element, icon, setText, type IconName } from './elements.js';
import { MediaReceiver, type ReceptionStats } from './media-receiver.js';
import { OverlayCanvas } from './overlay-canvas.js';
import { OverlayTimeline } from './overlay-timeline.js';
import { SignalingClient } from './signaling-client.js';
import { StreamPanels } from './stream-panels.js';
import { Subscription } from './subscription.js';
import { displayState } from './wording.js';

const TICK_MS = 500;
const COPIED_SHOWN_MS = 1_500;

/** The page of one stream: the picture, what is known about it, and reconnecting by itself. */
export class StreamPage {
  readonly #streamId: string;
  readonly #signaling: SignalingClient;
  readonly #receiver: MediaReceiver;
  readonly #subscription: Subscription;
  readonly #timeline = new OverlayTimeline();
  readonly #panels = new StreamPanels();
  readonly #sound = element('audio', { autoplay: true });
  readonly #canvas = element('canvas', { className: 'overlay', aria: { hidden: 'true' } });
  readonly #overlay = new OverlayCanvas(this.#canvas);
  readonly #pill = element('span', { className: 'pill', aria: { role: 'status', live: 'polite' } });
  readonly #message = element('p', { className: 'message', aria: { live: 'polite' } });
  readonly #player = element('div', { className: 'player' });
  readonly #muteButton = controlButton('muted', 'Sound (m)', () => this.#toggleSound());
  readonly #overlayButton = controlButton('boxes', 'Boxes and names (o)', () => {
    this.#setOverlay(!this.#isOverlayOn);
  });
  readonly #linkButton = controlButton('link', 'Copy the link (c)', () => this.#copyLink());
  readonly #fullscreenButton = controlButton('fullscreen', 'Full screen (f)', () => this.#toggleFullscreen());
  #video: HTMLVideoElement | undefined;
  #isSoundOn = false;
  #view: StreamView | undefined;
  #stats: ReceptionStats = {};
  #retryAtMs = 0;
  #isOverlayOn = true;

  constructor(root: HTMLElement, streamId: string) {
    this.#streamId = streamId;
    document.title = `${streamId} · Diptych`;
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#signaling = new SignalingClient(`${scheme}//${location.host}/ws`, {
      onOpen: () => void this.#subscription.open(),
      onPush: (message) => {
        this.#onPush(message);
      },
      onLost: (retryMs) => {
        this.#retryAtMs = performance.now() + retryMs;
        this.#subscription.lost();
      },
      onRefused: () => {
        location.reload();
      },
    });
    this.#receiver = new MediaReceiver(this.#signaling, {
      onVideo: (track) => {
        this.#showTrack(track);
      },
      onAudio: (track) => {
        this.#sound.srcObject = track ? new MediaStream([track]) : null;
        if (track) void this.#sound.play().catch(() => undefined);
      },
      onBroken: () => {
        this.#subscription.broken();
      },
    });
    this.#subscription = new Subscription({
      ...{ streamId, signaling: this.#signaling, receiver: this.#receiver },
      onView: (view) => {
        this.#view = view;
      },
      onReception: () => {
        this.#render();
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
    this.#player.append(this.#canvas, this.#message);
    const controls = element(
      'div',
      { className: 'controls', aria: { role: 'toolbar', label: 'Player' } },
      this.#muteButton,
      this.#overlayButton,
      element('span', { className: 'spacer' }),
      this.#linkButton,
      this.#fullscreenButton,
    );
    const stage = element('div', { className: 'stage' }, this.#player, controls);
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

  #onPush(message: Push): void {
    switch (message.type) {
      case 'status':
        this.#view = message.status;
        this.#render();
        break;
      case 'overlay':
        this.#timeline.add(message.overlay);
        break;
      case 'producers':
        this.#timeline.clear();
        this.#subscription.setProducers(message);
        break;
      case 'gone':
        this.#subscription.gone();
        break;
      case 'streams':
        if (message.streams.some(({ id }) => id === this.#streamId)) this.#subscription.appeared();
        break;
      case 'event':
      case 'error':
        break;
    }
  }

  /** Shows another track from its first picture on; until then the former picture stays. */
  #showTrack(track: MediaStreamTrack): void {
    const next = element('video', { muted: true, autoplay: true, playsInline: true, aria: { label: 'Live picture' } });
    next.srcObject = new MediaStream([track]);
    for (const waiting of this.#player.querySelectorAll('video')) if (waiting !== this.#video) waiting.remove();
    this.#player.prepend(next);
    onEachFrame(next, (nowMs, rtpTimestamp) => {
      // A track that came later has taken over.
      if (!next.isConnected) return false;
      if (this.#video !== next) {
        this.#video?.remove();
        this.#video = next;
        this.#receiver.dropFormerVideo();
      }
      this.#subscription.picture(nowMs);
      this.#drawOverlay(rtpTimestamp);
      return true;
    });
    void next.play().catch(() => undefined);
  }

  #drawOverlay(rtpTimestamp: number | undefined): void {
    if (!this.#isOverlayOn || !this.#view) return;
    this.#overlay.draw(this.#timeline.at(rtpTimestamp), this.#view.output);
  }

  #tick(): void {
    void this.#receiver.stats().then((stats) => {
      this.#stats = stats;
    });
    this.#subscription.tick(performance.now(), document.hidden);
    this.#render();
  }

  #render(): void {
    const retryInS = (this.#retryAtMs - performance.now()) / 1000;
    const { state, label, message } = displayState(this.#view, { ...this.#subscription.reception, retryInS });
    this.#pill.dataset['state'] = state;
    setText(this.#pill, label);
    setText(this.#message, message ?? '');
    this.#message.hidden = message === undefined;
    this.#player.classList.toggle('dimmed', message !== undefined);
    if (this.#view) this.#panels.update(this.#view, this.#stats);
    this.#panels.show(
      this.#view === undefined ? 'nothing' : this.#subscription.reception.connection === 'open' ? 'now' : 'past',
    );
  }

  async #toggleSound(): Promise<void> {
    const isOn = !this.#isSoundOn;
    this.#isSoundOn = isOn;
    this.#muteButton.replaceChildren(icon(isOn ? 'sound' : 'muted'));
    this.#muteButton.setAttribute('aria-pressed', String(isOn));
    await this.#receiver.setAudioWanted(isOn);
  }

  #setOverlay(isOn: boolean): void {
    this.#isOverlayOn = isOn;
    this.#overlayButton.setAttribute('aria-pressed', String(isOn));
    this.#canvas.hidden = !isOn;
    if (!isOn && this.#view) this.#overlay.draw(undefined, this.#view.output);
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

/** Calls back for every frame on screen, with its RTP time stamp where the browser reports it, until `false`. */
function onEachFrame(video: HTMLVideoElement, callback: (nowMs: number, rtpTimestamp?: number) => boolean): void {
  if ('requestVideoFrameCallback' in video) {
    const onFrame: VideoFrameRequestCallback = (nowMs, { rtpTimestamp }) => {
      if (callback(nowMs, rtpTimestamp)) video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
    return;
  }
  let lastTimeS = 0;
  const onRefresh = (nowMs: number): void => {
    const { currentTime } = video as HTMLVideoElement;
    const isNew = currentTime !== lastTimeS;
    lastTimeS = currentTime;
    if (!isNew || callback(nowMs)) requestAnimationFrame(onRefresh);
  };
  requestAnimationFrame(onRefresh);
}

function controlButton(name: IconName, label: string, onClick: () => unknown): HTMLButtonElement {
  const button = element('button', { type: 'button', className: 'control', title: label, aria: { label } }, icon(name));
  button.addEventListener('click', () => void onClick());
  return button;
}
