import type { StreamView } from '../shared/domain/stream-status.js';
import { Backoff } from '../shared/retry/backoff.js';
import type { Answers, MovedTo, ProducerIds } from '../shared/signaling/protocol.js';
import { NoWebRtcError, type MediaReceiver } from './media-receiver.js';
import { PictureWatch } from './picture-watch.js';
import { RequestError, type SignalingClient } from './signaling-client.js';
import { errorText } from './api.js';
import { sentence, type Reception } from './wording.js';

/** What a {@link Subscription} works with, and whom it tells. */
export interface SubscriptionOptions {
  /** Name of the stream. */
  readonly streamId: string;
  /** The connection to the gateway. */
  readonly signaling: Pick<SignalingClient, 'request'>;
  /** Gets the media. */
  readonly receiver: Pick<MediaReceiver, 'open' | 'setProducers' | 'detach' | 'close'>;
  /** Another host of the cluster runs the stream. */
  readonly onMoved: (to: MovedTo) => void;
  /** The status of the stream at the time of a subscription. */
  readonly onView: (view: StreamView) => void;
  /** What the page knows about getting the picture has changed. */
  readonly onReception: (reception: Reception) => void;
}

/** What was replaced is back in a moment, so the first delays are short. */
const RETRYING = { baseMs: 250, floorMs: 100, capMs: 8_000, healthyAfterS: 1 } as const;
/** There is no such stream, or no such consumer any more: which of them was asked for says what it means. */
const NOT_FOUND = 'DIPTYCH_E_NOT_FOUND';
/** The timers of the page stood still for longer than this, ms: it was suspended. */
const SUSPENDED_MS = 2_000;

/**
 * One page's subscription to a stream, from the first request to the last picture. It is broken when
 * a request fails, when the transport fails, and when no picture comes for three seconds, whoever is
 * at fault; then everything is torn down and subscribed to anew, with back-off and without end.
 *
 * ```
 *   opening ──picture──▶ playing ──no picture──▶ waiting (back-off) ──▶ opening
 *      └────────failed, or no picture────────────▶ waiting
 *   any ──connection lost──▶ lost ──connected──▶ opening
 * ```
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #watch = new PictureWatch();
  readonly #backoff = new Backoff(RETRYING);
  #reception: Reception = { connection: 'connecting', isPlaying: false };
  /** Answers to an attempt before this one mean nothing. */
  #streamId: string;
  #attempt = 0;
  #retryTimer: number | undefined;
  /** There is no such stream: nothing to try again until the gateway says that there is. */
  #isGone = false;
  /** This browser cannot play it: nothing to try again. */
  #isHopeless = false;
  #tickedAtMs = 0;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#streamId = options.streamId;
  }

  /** What the page knows about getting the picture. */
  get reception(): Reception {
    return this.#reception;
  }

  /** Subscribes, and gets the media anew: connected, or because what there was is broken. Never rejects. */
  async open(): Promise<void> {
    const attempt = this.#beginAttempt();
    this.#isGone = false;
    this.#watch.begin(performance.now());
    try {
      const subscribed = await this.#subscribe(attempt);
      if (subscribed) await this.#options.receiver.open(subscribed.producers);
    } catch (error) {
      if (attempt === this.#attempt) this.#fail(error);
    }
  }

  /** The stream has come into being, as the gateway says. */
  appeared(): void {
    if (this.#isGone) void this.open();
  }

  /** The stream has another name from now on; its media goes on. */
  renamed(streamId: string): void {
    this.#streamId = streamId;
  }

  /** Another host is asked next; what is on screen stays until there is a picture of that one. */
  moving(): void {
    this.#beginAttempt();
    this.#watch.expect(performance.now());
  }

  /** Whoever is said to run the stream does not answer: the same host is asked again so much later, ms. */
  again(afterMs: number): void {
    this.#beginAttempt();
    this.#retryTimer = setTimeout(() => void this.open(), afterMs);
  }

  /** No host runs the stream at the moment; asked again a moment later. @param reason - why, for people */
  waits(reason: string): void {
    this.#beginAttempt();
    this.#options.receiver.detach();
    this.#tell({ connection: 'open', isPlaying: false, problem: sentence(`No host runs this stream: ${reason}`) });
    this.broken();
  }

  /** The stream was deleted. */
  gone(): void {
    this.#beginAttempt();
    this.#isGone = true;
    this.#options.receiver.close();
    this.#tell({ connection: 'open', isPlaying: false, isGone: true, problem: 'This stream was ended.' });
  }

  /** The connection to the gateway is gone; the signalling makes another. */
  lost(): void {
    this.#beginAttempt();
    this.#options.receiver.detach();
    this.#tell({ connection: 'lost', isPlaying: false });
  }

  /** The media comes from elsewhere: the stream was started again. */
  setProducers(producers: ProducerIds): void {
    this.#watch.expect(performance.now());
    this.#options.receiver.setProducers(producers);
  }

  /** The media cannot get through any more. */
  broken(): void {
    if (this.#reception.connection !== 'open' || this.#isGone || this.#isHopeless || this.#retryTimer !== undefined)
      return;
    this.#tell({ ...this.#reception, isPlaying: false });
    const delayMs = this.#backoff.nextDelayMs(this.#watch.playedMs);
    this.#retryTimer = setTimeout(() => void this.open(), delayMs);
  }

  /** A picture is on screen. */
  picture(nowMs: number): void {
    this.#watch.picture(nowMs);
    const { connection, isPlaying } = this.#reception;
    if (!isPlaying && connection === 'open') this.#tell({ connection, isPlaying: true });
  }

  /** To be called twice a second. @param isHidden - a page that nobody sees is shown no pictures */
  tick(nowMs: number, isHidden: boolean): void {
    const wasSuspended = nowMs - this.#tickedAtMs > SUSPENDED_MS;
    this.#tickedAtMs = nowMs;
    if (isHidden || wasSuspended) this.#watch.expect(nowMs);
    else if (this.#watch.isBroken(nowMs)) this.broken();
  }

  #beginAttempt(): number {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    return ++this.#attempt;
  }

  /**
   * Asks for the stream, and tells what is known of it.
   *
   * @returns the answer; nothing where it means nothing any more, or says that there is no such stream
   */
  async #subscribe(attempt: number): Promise<Answers['subscribe'] | undefined> {
    const { signaling, onView } = this.#options;
    try {
      const answer = await signaling.request('subscribe', { streamId: this.#streamId });
      if (attempt !== this.#attempt) return undefined;
      onView(answer.status);
      // Why the last attempt failed holds until there is a picture.
      const { problem, isGone } = this.#reception;
      const isKept = problem !== undefined && isGone !== true;
      this.#tell({ connection: 'open', isPlaying: false, ...(isKept && { problem }) });
      return answer;
    } catch (error) {
      if (attempt !== this.#attempt) return undefined;
      if (!(error instanceof RequestError) || error.code !== NOT_FOUND) throw error;
      this.#isGone = true;
      const problem = `There is no stream “${this.#streamId}” on this gateway.`;
      this.#tell({ connection: 'open', isPlaying: false, isGone: true, problem });
      return undefined;
    }
  }

  #fail(error: unknown): void {
    const { code, moved } = error instanceof RequestError ? error : { code: undefined, moved: undefined };
    if (moved) {
      this.#options.onMoved(moved);
      return;
    }
    this.#isHopeless = error instanceof NoWebRtcError;
    if (this.#isHopeless) {
      this.#tell({ connection: 'open', isPlaying: false, problem: errorText(error) });
      return;
    }
    // What is not ready yet, or was replaced while it was asked for, needs no words.
    if (code !== 'DIPTYCH_E_NOT_READY' && code !== NOT_FOUND) {
      const text = errorText(error);
      const problem = sentence(code === 'DIPTYCH_E_PENDING' ? text : `The picture cannot be played: ${text}`);
      this.#tell({ connection: 'open', isPlaying: false, problem });
    }
    this.broken();
  }

  #tell(reception: Reception): void {
    this.#reception = reception;
    this.#options.onReception(reception);
  }
}
