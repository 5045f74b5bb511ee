import { randomInt, randomUUID } from 'node:crypto';
import type { types } from 'mediasoup';
import type { IceServer } from '../../../shared/signaling/protocol.js';
import type { OpenedTransport } from '../../signaling/media-server.adapter.js';
import type { ShownIngress, ShownStream } from '../../signaling/shown-stream.js';
import { formatAnswer, type AnsweredMedia } from '../sdp/answer.js';
import { formatIceFragment } from '../sdp/ice-fragment.js';
import type { SessionOffer } from '../sdp/offer.js';
import type { Playback, PlayedMedia } from '../sdp/playback.js';
import { remoteDtls } from '../sdp/security.js';
import type { SdpSession } from '../sdp-endpoint.js';
import { playedAnswer, playerCapabilities } from './playback-media.js';
import type { BorrowedRouter } from './playback-routers.adapter.js';

/** What a session is made of. */
export interface WhepSessionParts {
  /** The stream that is played. */
  readonly stream: ShownStream;
  /** What the player offers. */
  readonly offer: SessionOffer;
  /** What it is sent of that. */
  readonly playback: Playback;
  /** Where the stream's media comes in. */
  readonly ingress: ShownIngress;
  /** Released when the session ends. */
  readonly borrowed: BorrowedRouter;
  /** Opens a transport of a router. */
  openTransport(router: types.Router): Promise<OpenedTransport>;
}

const MAX_SESSION_NUMBER = 2 ** 47;

/** One player: a transport with up to two consumers. It ends with its transport, whoever closes that. */
export class WhepSession implements SdpSession {
  /** Nobody can guess it. */
  readonly id = randomUUID();
  /** Name of the stream when it began: that of its path. */
  readonly streamId: string;
  readonly #parts: WhepSessionParts;
  readonly #opened: OpenedTransport;
  readonly #answer: string;
  readonly #onEnd: (session: WhepSession) => void;
  #etag = newTag();
  #clientUfrag: string;
  #isClosed = false;

  private constructor(
    parts: WhepSessionParts,
    opened: OpenedTransport,
    answer: string,
    onEnd: (session: WhepSession) => void,
  ) {
    this.#parts = parts;
    this.streamId = parts.stream.id;
    this.#opened = opened;
    this.#answer = answer;
    this.#onEnd = onEnd;
    this.#clientUfrag = parts.offer.ice.usernameFragment;
    this.#followTransport();
  }

  /**
   * Opens a transport, and answers the offer with what it sends.
   *
   * @param onEnd - told once, when the session has ended; must not throw
   * @throws what mediasoup says; the router is released then
   */
  static async open(parts: WhepSessionParts, onEnd: (session: WhepSession) => void): Promise<WhepSession> {
    let opened: OpenedTransport | undefined;
    try {
      opened = await parts.openTransport(parts.borrowed.router);
      const { transport, iceCandidates } = opened;
      await transport.connect({ dtlsParameters: remoteDtls(parts.offer.dtls) });
      const media = await consume(transport, parts);
      const { iceParameters, dtlsParameters } = transport;
      const answer = formatAnswer({
        offer: parts.offer,
        transport: { iceParameters, iceCandidates, dtlsParameters },
        media,
        sessionId: randomInt(1, MAX_SESSION_NUMBER),
      });
      return new WhepSession(parts, opened, answer, onEnd);
    } catch (error) {
      opened?.transport.close();
      parts.borrowed.release();
      throw error;
    }
  }

  /** The stream that it plays. */
  get stream(): ShownStream {
    return this.#parts.stream;
  }

  /** Where its media comes from. */
  get ingress(): ShownIngress {
    return this.#parts.ingress;
  }

  /** The SDP answer. */
  get answer(): string {
    return this.#answer;
  }

  /** Of the ICE session that goes on. */
  get etag(): string {
    return this.#etag;
  }

  /** Of the player. */
  get clientUfrag(): string {
    return this.#clientUfrag;
  }

  /** With user names that are valid from the begin of the session on. */
  get iceServers(): readonly IceServer[] {
    return this.#opened.iceServers;
  }

  /** New credentials; the media goes on over the old way until the player has found another. */
  async restartIce(clientUfrag: string): Promise<string> {
    const { transport, iceCandidates } = this.#opened;
    const iceParameters = await transport.restartIce();
    this.#clientUfrag = clientUfrag;
    this.#etag = newTag();
    const accepted = this.#parts.offer.media.filter(({ mid }) =>
      Object.values(this.#parts.playback).some((played: PlayedMedia) => played.mid === mid),
    );
    const [first] = accepted;
    if (!first) throw new Error('a session without media');
    return formatIceFragment({ iceParameters, iceCandidates, mids: accepted.map(({ mid }) => mid), tagged: first });
  }

  /** Ends it; the player is told by DTLS. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#opened.transport.close();
    this.#parts.borrowed.release();
    this.#onEnd(this);
  }

  #followTransport(): void {
    const { transport } = this.#opened;
    // Also where the player never connects.
    transport.observer.once('close', () => this.close());
    // A player that vanished: its consent to be sent media expired (RFC 7675).
    transport.on('icestatechange', (state) => {
      if (state === 'disconnected' || state === 'closed') this.close();
    });
    // A player that said goodbye.
    transport.on('dtlsstatechange', (state) => {
      if (state === 'closed' || state === 'failed') this.close();
    });
  }
}

async function consume(
  transport: types.WebRtcTransport,
  { stream, playback, ingress, borrowed }: WhepSessionParts,
): Promise<Map<string, AnsweredMedia>> {
  const kinds = (['video', 'audio'] as const).filter((kind) => playback[kind]);
  const answers = await Promise.all(
    kinds.map(async (kind): Promise<[string, AnsweredMedia][]> => {
      const played = playback[kind];
      if (!played) return [];
      const producerId = await borrowed.bring(ingress.producerId(kind));
      const rtpCapabilities = playerCapabilities(kind, played);
      const { rtpParameters } = await transport.consume({ producerId, rtpCapabilities, mid: played.mid });
      return [[played.mid, playedAnswer(played, rtpParameters, `diptych-${stream.id}`)]];
    }),
  );
  return new Map(answers.flat());
}

const newTag = (): string => `"${randomUUID()}"`;
