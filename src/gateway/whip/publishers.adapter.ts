import { isPublishedSource } from '../../shared/config/source-url.js';
import type { LimitsConfig } from '../../shared/config/limits-schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { limitError } from '../access/limit-error.js';
import { explainMediaError } from '../signaling/media-error.js';
import type { MediaServer } from '../signaling/media-server.adapter.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import type { SdpEndpoint, SdpRequest } from '../webrtc-http/sdp-endpoint.js';
import { LayerChoice } from './layer-choice.js';
import { PublishSession } from './publish-session.adapter.js';

/** What {@link Publishers} work with. */
export interface PublishersOptions {
  /** The streams that are published to. */
  readonly registry: Pick<StreamRegistry, 'get' | 'list' | 'on'>;
  /** Receives. */
  readonly media: Pick<MediaServer, 'openTransport' | 'publishRouter' | 'portRange'>;
  /** Told who comes and goes. */
  readonly logger: Logger;
  /** How many publishers there may be. */
  readonly limits: Pick<LimitsConfig, 'whipPublishers'>;
}

/** What is known of a stream that is published to. */
interface PublishedTo {
  readonly stream: ManagedStream;
  /** Who publishes. */
  session?: PublishSession;
  /** Who was answered and is to connect; until then nothing is taken from who publishes, and no port is opened. */
  next?: PublishSession;
  layer?: LayerChoice;
  /** Of the session whose place the one now took. */
  replacedId?: string;
  /** An offer is being answered; a second one waits for nothing, and is refused. */
  isOpening: boolean;
}

/** WHIP (RFC 9725): whoever publishes to the streams of this gateway, at most one to each. */
export class Publishers implements SdpEndpoint {
  readonly #options: PublishersOptions;
  readonly #streams = new Map<string, PublishedTo>();

  constructor(options: PublishersOptions) {
    this.#options = options;
    const { registry } = options;
    for (const stream of registry.list()) this.#follow(stream);
    registry.on('added', (stream) => this.#follow(stream));
  }

  /**
   * Takes somebody who publishes to a stream.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` without such a stream; `DIPTYCH_E_CONFLICT` where its source
   * is another one, or somebody publishes to it already; as {@link PublishSession.open}
   */
  async open({ streamId, offer }: SdpRequest): Promise<PublishSession> {
    const { registry, media } = this.#options;
    const stream = registry.get(streamId);
    const known = this.#streams.get(streamId) ?? this.#follow(stream);
    this.#requirePlace(known);
    known.isOpening = true;
    try {
      const session: PublishSession = await PublishSession.open({
        ...{ media, streamId, offer, publishableVideo: stream.publishableVideo },
        onConnected: () => this.#begin(known, session),
        onEnd: (reason) => this.#ended(known, session, reason),
      });
      known.next?.end('another publisher asks for the place');
      known.next = session;
      return session;
    } catch (error) {
      throw explainMediaError(error) ?? error;
    } finally {
      known.isOpening = false;
    }
  }

  /**
   * A session that goes on.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` where another publisher took its place
   */
  find(streamId: string, sessionId: string): PublishSession | undefined {
    const { session, next, replacedId } = this.#streams.get(streamId) ?? {};
    if (session && replacedId === sessionId) {
      throw new DiptychError('DIPTYCH_E_CONFLICT', 'another publisher took the place of this session');
    }
    return [session, next].find((one) => one?.id === sessionId);
  }

  #requirePlace({ stream, session, next, isOpening }: PublishedTo): void {
    const sessions = [...this.#streams.values()].filter((known) => known.session ?? known.next).length;
    if (!session && !next && sessions >= this.#options.limits.whipPublishers) {
      const advice = 'come again when one of them has left';
      throw limitError('DIPTYCH_E_LIMIT_SESSIONS', `publishers: ${sessions}`, 'whipPublishers', advice);
    }
    const { id, config } = stream;
    if (!isPublishedSource(config.source.url)) {
      throw new DiptychError(
        'DIPTYCH_E_CONFLICT',
        `nobody can publish to stream "${id}", whose source is another one; set its source.url to whip:`,
      );
    }
    const isTaken = [session, next].some((one) => one?.isReplaceable === false) && !config.source.takeover;
    if (!isOpening && !isTaken) return;
    throw new DiptychError(
      'DIPTYCH_E_CONFLICT',
      `somebody publishes to stream "${id}" already; end that first, or set source.takeover so that the last who comes is taken`,
    );
  }

  /** It has connected: its media takes the place of what there was. */
  #begin(known: PublishedTo, session: PublishSession): void {
    if (known.next !== session) return;
    delete known.next;
    const { stream } = known;
    if (known.session) {
      known.replacedId = known.session.id;
      known.session.end('another publisher takes its place');
    }
    known.session = session;
    if (session.layers > 1) {
      known.layer = new LayerChoice({ layers: session.layers, outputWidth: stream.config.output.width });
    }
    const { video, audio } = session.published;
    this.#options.logger.info(
      { stream: stream.id, session: session.id, video: video.encoding, audio: audio?.encoding, layers: session.layers },
      'somebody publishes',
    );
    stream.publish(session.published);
  }

  #ended(known: PublishedTo, session: PublishSession, reason: string): void {
    if (known.next === session) {
      delete known.next;
      this.#options.logger.info({ stream: known.stream.id, session: session.id, reason }, 'nobody publishes after all');
    }
    if (known.session !== session) return;
    delete known.session;
    delete known.layer;
    this.#options.logger.info({ stream: known.stream.id, session: session.id, reason }, 'a publisher is gone');
    known.stream.publish(undefined);
  }

  #follow(stream: ManagedStream): PublishedTo {
    const known: PublishedTo = { stream, isOpening: false };
    this.#streams.set(stream.id, known);
    stream.on('receives', (ports) => {
      const { session } = known;
      if (session?.id === ports.publicationId) this.#try(known, session.handover.connect(ports));
    });
    stream.on('keyframeWanted', () => {
      if (known.session) this.#try(known, known.session.handover.requestKeyframe());
    });
    stream.on('status', ({ state, source }) => {
      const { session, layer } = known;
      // It is shown until the source that is wanted in its place has a picture.
      if (session && ![stream.config.source.url, source.url].some(isPublishedSource)) {
        session.end('the stream has another source now');
        known.next?.end('the stream has another source now');
      } else if (session && state === 'live' && source.width !== undefined && layer?.measured(source.width) === true) {
        this.#try(known, session.handover.takeLayer(layer.layer));
      }
    });
    stream.on('closed', () => {
      known.session?.end('the stream was removed');
      known.next?.end('the stream was removed');
      if (this.#streams.get(stream.id) === known) this.#streams.delete(stream.id);
    });
    return known;
  }

  /** What cannot be passed on now is passed on when the stream asks again, or the publisher comes again. */
  #try({ stream }: PublishedTo, work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#options.logger.warn({ err: error, stream: stream.id }, 'what is published could not be passed on');
    });
  }
}
