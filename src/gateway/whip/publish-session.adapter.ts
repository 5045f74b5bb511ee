import { randomBytes, randomInt } from 'node:crypto';
import type { types } from 'mediasoup';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Publication as PublishedStream } from '../../shared/ipc/messages.js';
import type { IceServer } from '../../shared/signaling/protocol.js';
import type { MediaServer, OpenedTransport } from '../signaling/media-server.adapter.js';
import { formatAnswer } from '../webrtc-http/sdp/answer.js';
import { formatIceFragment, type IceFragment } from '../webrtc-http/sdp/ice-fragment.js';
import { parseOffer, type SessionOffer } from '../webrtc-http/sdp/offer.js';
import { choosePublication } from '../webrtc-http/sdp/publication.js';
import { remoteDtls } from '../webrtc-http/sdp/security.js';
import { MediaHandover } from './media-handover.adapter.js';
import { publishCapabilities, publishedTrack, withStartBitrate } from './publish-codecs.js';
import { SilenceClock } from './silence-clock.js';

/** What a publisher's session is opened with. */
export interface PublishSessionOptions {
  /** Receives. */
  readonly media: Pick<MediaServer, 'openTransport' | 'publishRouter' | 'portRange'>;
  /** The SDP offer. */
  readonly offer: string;
  /** Encoding names of pictures that can be decoded, best first. */
  readonly publishableVideo: readonly string[];
  /** It ended of itself, once, with the reason. Must not throw. */
  readonly onEnd: (reason: string) => void;
}

const ID_BYTES = 16;
const MAX_SESSION_NUMBER = 2 ** 31;
const WATCH_MS = 500;
/** A publisher from whom nothing comes for so long, not even what shows that it is there, has gone, ms. */
const GONE_AFTER_MS = 10_000;
/** A publisher from whom nothing comes for so long may be replaced by another, ms. */
const REPLACEABLE_AFTER_MS = 3000;

/** One publisher: its transport, and what it sends. It ends when its owner says so, when it is gone, or with the media process. */
export class PublishSession {
  /** Cannot be guessed. */
  readonly id = randomBytes(ID_BYTES).toString('hex');
  /** STUN and TURN servers for it. */
  readonly iceServers: readonly IceServer[];
  /** The SDP answer. */
  readonly answer: string;
  /** For the stream process. */
  readonly published: PublishedStream;
  /** Passes it on to the stream process. */
  readonly handover: MediaHandover;
  /** Layers of pictures that come in several sizes; 1: in one. */
  readonly layers: number;

  readonly #transport: types.WebRtcTransport;
  readonly #opened: OpenedTransport;
  readonly #offer: SessionOffer;
  readonly #mids: readonly string[];
  readonly #onEnd: (reason: string) => void;
  readonly #silence = new SilenceClock(performance.now());
  readonly #watch: NodeJS.Timeout;
  #silentForMs = 0;
  #iceGeneration = 1;
  /** Of the publisher, in its latest ICE session. */
  #usernameFragment: string;
  #isClosed = false;

  private constructor(
    { onEnd }: PublishSessionOptions,
    opened: OpenedTransport,
    offer: SessionOffer,
    { answer, video, audio, handover, mids }: Receiving,
  ) {
    this.#onEnd = onEnd;
    this.#opened = opened;
    this.#transport = opened.transport;
    this.#offer = offer;
    this.#mids = mids;
    this.#usernameFragment = offer.ice.usernameFragment;
    this.iceServers = opened.iceServers;
    this.answer = answer;
    this.handover = handover;
    this.layers = video.rtpParameters.encodings?.length ?? 1;
    const sound = audio && { audio: publishedTrack(audio) };
    this.published = { id: this.id, video: publishedTrack(video), ...sound };
    const { transport } = opened;
    transport.on('dtlsstatechange', (state) => {
      if (state === 'failed' || state === 'closed') this.#end(`the encrypted connection to the publisher is ${state}`);
    });
    transport.observer.on('close', () => this.#end('the media server was started again'));
    this.#watch = setInterval(() => void this.#look(), WATCH_MS);
  }

  /**
   * Takes an offer.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT`, `DIPTYCH_E_NOT_ACCEPTABLE`, `DIPTYCH_E_NOT_READY`
   */
  static async open(options: PublishSessionOptions): Promise<PublishSession> {
    const { media } = options;
    const offer = parseOffer(options.offer);
    const { publishRouter: router } = media;
    const chosen = choosePublication(offer, {
      routerCapabilities: publishCapabilities(router.rtpCapabilities),
      preference: [...options.publishableVideo.map((name) => `video/${name.toLowerCase()}`), 'audio/opus'],
    });
    if (!chosen.video) {
      throw new DiptychError(
        'DIPTYCH_E_NOT_ACCEPTABLE',
        'the offer cannot be accepted: it sends no video; offer a section for it',
      );
    }
    const opened = await media.openTransport(router);
    const { transport, iceCandidates } = opened;
    try {
      await transport.connect({ dtlsParameters: remoteDtls(offer.dtls) });
      const produce = async (
        { rtpParameters }: { readonly rtpParameters: types.RtpParameters },
        kind: types.MediaKind,
      ) => transport.produce({ kind, rtpParameters });
      const video = await produce(chosen.video, 'video');
      const audio = chosen.audio && (await produce(chosen.audio, 'audio'));
      const taken = [chosen.video, ...(chosen.audio ? [chosen.audio] : [])];
      const answer = formatAnswer({
        offer,
        transport: { iceParameters: transport.iceParameters, iceCandidates, dtlsParameters: transport.dtlsParameters },
        media: new Map(
          taken.map(({ mid, answered }) => {
            const isVideo = mid === chosen.video?.mid;
            return [mid, isVideo ? { ...answered, codecs: withStartBitrate(answered.codecs) } : answered];
          }),
        ),
        sessionId: randomInt(1, MAX_SESSION_NUMBER),
      });
      const handover = new MediaHandover({ router, portRange: media.portRange, video, ...(audio && { audio }) });
      const mids = taken.map(({ mid }) => mid);
      return new PublishSession(options, opened, offer, { answer, video, handover, mids, ...(audio && { audio }) });
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  /** Of the ICE session; another one after a restart. */
  get etag(): string {
    return `"${this.id.slice(0, 8)}-${this.#iceGeneration}"`;
  }

  /** Whether nothing comes any more, so that another publisher may take its place. */
  get isReplaceable(): boolean {
    return this.#silentForMs >= REPLACEABLE_AFTER_MS;
  }

  /** Whether credentials are others than those of the offer: an ICE restart. */
  isRestart({ ice }: IceFragment): boolean {
    return ice !== undefined && ice.usernameFragment !== this.#usernameFragment;
  }

  /** Begins a new ICE session. Returns the fragment to answer with. */
  async restartIce({ ice }: IceFragment): Promise<string> {
    const iceParameters = await this.#transport.restartIce();
    this.#iceGeneration++;
    this.#usernameFragment = ice?.usernameFragment ?? this.#usernameFragment;
    const tagged = this.#offer.media.find(({ mid }) => mid === this.#mids[0]);
    return formatIceFragment({
      ...{ iceParameters, iceCandidates: this.#opened.iceCandidates, mids: this.#mids },
      tagged: { type: tagged?.type ?? 'video', protocol: tagged?.protocol ?? '', formats: tagged?.formats ?? '' },
    });
  }

  /** Ends it without a word to its owner. Idempotent. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#watch);
    this.handover.close();
    this.#transport.close();
  }

  async #look(): Promise<void> {
    let received: number;
    try {
      const [stats] = await this.#transport.getStats();
      received = stats?.bytesReceived ?? 0;
    } catch {
      // It was closed, which is told by another event.
      return;
    }
    this.#silentForMs = this.#silence.next(received, performance.now());
    if (this.#silentForMs >= GONE_AFTER_MS) this.#end(`nothing came from the publisher for ${GONE_AFTER_MS / 1000} s`);
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    this.close();
    this.#onEnd(reason);
  }
}

/** What was made of an offer. */
interface Receiving {
  readonly answer: string;
  readonly video: types.Producer;
  readonly audio?: types.Producer;
  readonly handover: MediaHandover;
  readonly mids: readonly string[];
}
