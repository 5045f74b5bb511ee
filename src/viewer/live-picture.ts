import type { StreamView } from '../shared/domain/stream-status.js';
import type { MovedTo, Push } from '../shared/signaling/protocol.js';
import { onEachFrame } from './frame-callback.js';
import {
  firstAnsweringHost,
  followRunner,
  goOnWith,
  goTo,
  hasOthers,
  isAnswering,
  isSameHost,
  tryNextHost,
} from './hosts.js';
import { MediaReceiver, type ReceptionStats } from './media-receiver.js';
import { SignalingClient } from './signaling-client.js';
import { Subscription } from './subscription.js';
import { checkSession } from './session.js';
import { currentBase, socketProtocols, socketUrl } from './urls.js';
import type { Reception } from './wording.js';

/** Whom a {@link LivePicture} tells. */
export interface LivePictureListener {
  /** Something of `view`, `reception` or `retryInS` has changed. */
  readonly onChange: () => void;
  /** A message of the gateway that is about more than the picture. */
  readonly onPush?: (message: Push) => void;
  /** The media comes from elsewhere: what was known of former frames is void. */
  readonly onRestart?: () => void;
  /** The stream has another name. */
  readonly onRename?: (to: string) => void;
  /** A frame is on screen. @param rtpTimestamp - 90 kHz; absent where the browser does not report it */
  readonly onFrame?: (rtpTimestamp: number | undefined) => void;
}

/** A page of another version loads itself again, and not more often than this, ms. */
const RELOAD_AFTER_MS = 10_000;
/** From one move to another host to the next one, ms. */
const MOVE_AGAIN_MS = 500;
/** Until a host is asked again who runs a stream whose host was lost, ms. */
const ASK_AGAIN_MS = 300;
/** A host that shows no picture and has not answered by then is left, ms; one with much to do needs so long. */
const CHECK_LIMIT_MS = 2_000;

/** The live picture and sound of one stream in one element, which reconnects by itself, without words or controls. */
export class LivePicture {
  /** Holds the video; others may put things over it. */
  readonly root = document.createElement('div');
  #streamId: string;
  readonly #listener: LivePictureListener;
  readonly #signaling: SignalingClient;
  readonly #receiver: MediaReceiver;
  readonly #subscription: Subscription;
  readonly #sound = document.createElement('audio');
  #video: HTMLVideoElement | undefined;
  #view: StreamView | undefined;
  #retryAtMs = 0;
  /** Connections that were lost, or not made, one after another. */
  #losses = 0;
  /** Whether the stream was said to have gone to another host, and no host has said since that it runs it. */
  #hasMoved = false;
  #movedAtMs = -Infinity;
  #moveTimer: number | undefined;
  /** The host that did not answer any more; absent once another one has told of the stream. */
  #lostHost: string | undefined;
  #isChecking = false;
  #wasPlaying = false;

  /** Connects at once. */
  constructor(streamId: string, listener: LivePictureListener) {
    this.#streamId = streamId;
    this.#listener = listener;
    this.root.className = 'player';
    this.#sound.autoplay = true;
    this.#signaling = new SignalingClient(() => ({ url: socketUrl(), protocols: socketProtocols() }), {
      onOpen: () => {
        this.#losses = 0;
        void this.#subscription.open();
      },
      onPush: (message) => {
        this.#onPush(message);
      },
      onLost: (retryMs) => {
        this.#retryAtMs = performance.now() + retryMs;
        void checkSession();
        this.#subscription.lost();
        // A gateway that is only started again is back at once.
        if (++this.#losses > 1) tryNextHost();
        else this.#lostHost = currentBase();
        void this.#findHost();
      },
      onRefused: () => {
        setTimeout(() => location.reload(), Math.max(0, RELOAD_AFTER_MS - performance.now()));
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
      onMoved: (to) => this.#goTo(to),
      onView: (view) => {
        this.#setView(view);
        this.#hasMoved = false;
        this.#lostHost = undefined;
      },
      onReception: ({ isPlaying }) => {
        if (this.#wasPlaying && !isPlaying) void this.#checkHost();
        this.#wasPlaying = isPlaying;
        listener.onChange();
      },
    });
  }

  /** The status of the stream, as last told; absent before the first. */
  get view(): StreamView | undefined {
    return this.#view;
  }

  /** What the page knows about getting the picture. */
  get reception(): Reception {
    return this.#subscription.reception;
  }

  /** Until the gateway is asked again, where the connection was lost, s; negative when that was done. */
  get retryInS(): number {
    return (this.#retryAtMs - performance.now()) / 1000;
  }

  /** What was received of late. */
  stats(): Promise<ReceptionStats> {
    return this.#receiver.stats();
  }

  /** Whether the sound is received and played; it is not at first. */
  setSound(isOn: boolean): Promise<void> {
    return this.#receiver.setAudioWanted(isOn);
  }

  /** How loud the sound is, from 0 to 1; 1 at first. */
  set volume(volume: number) {
    this.#sound.volume = volume;
  }

  /** What is on screen; absent before the first picture. */
  get video(): HTMLVideoElement | undefined {
    return this.#video;
  }

  /** To be called twice a second: notices that no picture comes. */
  tick(): void {
    this.#subscription.tick(performance.now(), document.hidden);
  }

  #onPush(message: Push): void {
    switch (message.type) {
      case 'status':
        this.#setView(message.status);
        this.#listener.onChange();
        break;
      case 'producers':
        this.#listener.onRestart?.();
        this.#subscription.setProducers(message);
        break;
      case 'moved':
        this.#hasMoved = true;
        if (message.to) this.#goTo(message.to);
        else this.#subscription.waits(message.reason ?? '');
        break;
      case 'gone':
        // For clients that do not know of hosts.
        if (!this.#hasMoved) this.#subscription.gone();
        break;
      case 'renamed':
        this.#streamId = message.to;
        this.#subscription.renamed(message.to);
        history.replaceState(null, '', location.pathname.replace(/[^/]+$/, message.to) + location.search);
        this.#listener.onRename?.(message.to);
        break;
      case 'streams':
        if (message.streams.some(({ id }) => id === this.#streamId)) this.#subscription.appeared();
        break;
      case 'overlay':
      case 'event':
      case 'error':
        this.#listener.onPush?.(message);
        break;
    }
  }

  #setView(view: StreamView): void {
    this.#view = view;
    followRunner(view.host);
  }

  /** Asks all hosts at once for one that answers, and goes on with that. */
  async #findHost(): Promise<void> {
    const url = await firstAnsweringHost();
    if (url === undefined || this.#losses === 0) return;
    goOnWith(url);
    this.#signaling.move();
  }

  /** A host that has lost its power ends no connection: where no picture comes, it is asked whether it is there. */
  async #checkHost(): Promise<void> {
    const { connection, isPlaying } = this.#subscription.reception;
    const isStill = connection === 'open' && !isPlaying;
    if (!isStill || !hasOthers() || this.#isChecking) return;
    this.#isChecking = true;
    const base = currentBase();
    const isThere = await isAnswering(base, CHECK_LIMIT_MS);
    this.#isChecking = false;
    if (!isThere && this.#losses === 0 && currentBase() === base) this.#signaling.drop();
  }

  /** The host that was lost still has the stream for those who do not know: it is not waited for. */
  async #goToLost(to: MovedTo): Promise<void> {
    this.#subscription.moving();
    if (await isAnswering(to.url)) this.#lostHost = undefined;
    if (this.#lostHost === undefined) this.#goTo(to);
    else this.#subscription.again(ASK_AGAIN_MS);
  }

  /** Goes on with the host that runs the stream; hosts that do not agree are not asked in a tight circle. */
  #goTo(to: MovedTo): void {
    const { url, pass } = to;
    if (this.#lostHost !== undefined && isSameHost(this.#lostHost, url)) {
      void this.#goToLost(to);
      return;
    }
    const nowMs = performance.now();
    const waitMs = Math.max(0, this.#movedAtMs + MOVE_AGAIN_MS - nowMs);
    this.#movedAtMs = nowMs + waitMs;
    this.#subscription.moving();
    clearTimeout(this.#moveTimer);
    this.#moveTimer = setTimeout(() => {
      goTo(url, pass);
      this.#signaling.move();
    }, waitMs);
  }

  /** Shows another track from its first picture on; until then the former picture stays. */
  #showTrack(track: MediaStreamTrack): void {
    const next = document.createElement('video');
    Object.assign(next, { muted: true, autoplay: true, playsInline: true });
    next.setAttribute('aria-label', 'Live picture');
    next.srcObject = new MediaStream([track]);
    for (const waiting of this.root.querySelectorAll('video')) if (waiting !== this.#video) waiting.remove();
    this.root.prepend(next);
    onEachFrame(next, (nowMs, rtpTimestamp) => {
      // A track that came later has taken over.
      if (!next.isConnected) return false;
      if (this.#video !== next) {
        this.#video?.remove();
        this.#video = next;
        this.#receiver.dropFormerVideo();
      }
      this.#subscription.picture(nowMs);
      this.#listener.onFrame?.(rtpTimestamp);
      return true;
    });
    void next.play().catch(() => undefined);
  }
}
