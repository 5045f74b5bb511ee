import { randomBytes, randomInt } from 'node:crypto';
import type { types } from 'mediasoup';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Publication as PublishedStream } from '../../shared/ipc/messages.js';
import type { IceServer } from '../../shared/signaling/protocol.js';
import type { MediaServer, OpenedTransport } from '../signaling/media-server.adapter.js';
import { formatAnswer } from '../webrtc-http/sdp/answer.js';
import { formatIceFragment } from '../webrtc-http/sdp/ice-fragment.js';
import { parseOffer, type SessionOffer } from '../webrtc-http/sdp/offer.js';
import { choosePublication } from '../webrtc-http/sdp/publication.js';
import { remoteDtls } from '../webrtc-http/sdp/security.js';
import type { SdpSession } from '../webrtc-http/sdp-endpoint.js';
import { MediaHandover } from './media-handover.adapter.js';
import { publishCapabilities, publishedTrack, withStartBitrate } from './publish-codecs.js';
import { SilenceClock } from './silence-clock.js';

/** What a publisher's session is opened with. */
export interface PublishSessionOptions {
  /** Receives. */
  readonly media: Pick<MediaServer, 'openTransport' | 'publishRouter' | 'portRange'>;
  /** The stream that is published to. */
  readonly streamId: string;
  /** The SDP offer. */
  readonly offer: string;
  /** Encoding names of pictures that can be decoded, best first. */
  readonly publishableVideo: readonly string[];
  /** Told once that the publisher has connected: media may come from now on. Must not throw. */
  readonly onConnected: () => void;
  /** Told once that it has ended, and why. Must not throw. */
  readonly onEnd: (reason: string) => void;
}

const ID_BYTES = 16;
const MAX_SESSION_NUMBER = 2 ** 31;
const WATCH_MS = 500;
/** A publisher from whom nothing comes for so long, not even what shows that it is there, has gone, ms. */
const GONE_AFTER_MS = 10_000;
/** A publisher from whom nothing comes for so long may be replaced by another, ms. */
const REPLACEABLE_AFTER_MS = 3000;

/** One publisher: its transport, and what it sends. It ends when it is told to, when it is gone, or with the media process. */
export class PublishSession implements SdpSession {
  /** Cannot be guessed. */
  readonly id = randomBytes(ID_BYTES).toString('hex');
  /** The stream that is published to. */
  readonly streamId: string;
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
  #clientUfrag: string;
  #isConnected = false;
  #isEnded = false;

  private constructor(
    { streamId, onConnected, onEnd }: PublishSessionOptions,
    opened: OpenedTransport,
    offer: SessionOffer,
    { answer, video, audio, handover, mids }: Receiving,
  ) {
    this.streamId = streamId;
    this.#onEnd = onEnd;
    this.#opened = opened;
    this.#transport = opened.transport;
    this.#offer = offer;
    this.#mids = mids;
    this.#clientUfrag = offer.ice.usernameFragment;
    this.iceServers = opened.iceServers;
    this.answer = answer;
    this.handover = handover;
    this.layers = video.rtpParameters.encodings?.length ?? 1;
    const sound = audio && { audio: publishedTrack(audio) };
    this.published = { id: this.id, video: publishedTrack(video), ...sound, from: handover.origin };
    const { transport } = opened;
    transport.on('dtlsstatechange', (state) => {
      if (state === 'connected' && !this.#isConnected) {
        this.#isConnected = true;
        onConnected();
      }
      if (state === 'failed' || state === 'closed') this.end(`the encrypted connection to the publisher is ${state}`);
    });
    transport.observer.on('close', () =>
      this.end(
        this.#isConnected ? 'the media server was started again' : 'the publisher did not connect for media in time',
      ),
    );
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
      const handover = await MediaHandover.open({ router, portRange: media.portRange, video, ...(audio && { audio }) });
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

  /** Of the publisher, in its latest ICE session. */
  get clientUfrag(): string {
    return this.#clientUfrag;
  }

  /** Begins a new ICE session with a publisher that has this name now. Returns the fragment to answer with. */
  async restartIce(clientUfrag: string): Promise<string> {
    const iceParameters = await this.#transport.restartIce();
    this.#iceGeneration++;
    this.#clientUfrag = clientUfrag;
    const tagged = this.#offer.media.find(({ mid }) => mid === this.#mids[0]);
    return formatIceFragment({
      ...{ iceParameters, iceCandidates: this.#opened.iceCandidates, mids: this.#mids },
      tagged: { type: tagged?.type ?? 'video', protocol: tagged?.protocol ?? '', formats: tagged?.formats ?? '' },
    });
  }

  /** Ends it, because the publisher says so. Idempotent. */
  close(): void {
    this.end('the publisher ended it');
  }

  /** Ends it, frees what it has and tells its owner. Idempotent. @param reason - for the log */
  end(reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearInterval(this.#watch);
    this.handover.close();
    this.#transport.close();
    this.#onEnd(reason);
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
    if (this.#silentForMs >= GONE_AFTER_MS) this.end(`nothing came from the publisher for ${GONE_AFTER_MS / 1000} s`);
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
