import { Subject, type Observable } from 'rxjs';
import type { MediaTap } from '../../domain/media-tap.js';
import { Graph } from '../../gst/graph.adapter.js';
import type { BusMessage, NativeFrame } from '../../native/types.js';
import { decodeLaunch, decoderName, type DecoderChoice, type VideoCodec } from './decoder-choice.js';
import { DecodePatience } from './decode-patience.js';
import { decoderFailureOf, turnedPicturesFailure } from './decoder-failure.js';
import { UPRIGHT } from './picture-shape.js';
import type { RtpPicturesOptions } from './rtp-pictures-options.js';
import { explainSourceError, isMissingPlugin } from './source-error.js';

/** Counts over all graphs of an {@link RtpPictures}. */
export interface PictureCounts {
  /** Compressed pictures that were dropped because the decoder could not follow. */
  readonly dropped: number;
  /** Decoded pictures that were replaced by newer ones before they were taken. */
  readonly late: number;
  /** Compressed pictures that decoding can begin with. */
  readonly keyframes: number;
  /** Graphs that gave up because of what came. */
  readonly failures: number;
  /** Packets that were refused, and pictures that were decoded with errors, since the first picture. */
  readonly damaged: number;
  /** How often the depayloader asked for a keyframe, because packets were lost. */
  readonly keyframeRequests: number;
}

type GraphCounts = Omit<PictureCounts, 'failures'>;

const NOTHING: GraphCounts = { dropped: 0, late: 0, keyframes: 0, damaged: 0, keyframeRequests: 0 };
const VIDEO = 'video';
/** A packet that waits longer than this is dropped, ms: nothing here takes so long that works. */
const MAX_PACKET_WAIT_MS = 10_000;
/** The same of what comes ahead of its time, ms. */
const MAX_PACED_WAIT_MS = 60_000;
/** A picture that waits longer than this to be decoded is dropped, with all up to the next keyframe, ms. */
const MAX_WAIT_MS = 1000;
/**
 * Where the oldest has waited for longer than this when a keyframe comes, all before it are dropped, ms: more than a busy
 * moment, and with keyframes that are not far apart what bounds the delay.
 */
const SKIP_AFTER_MS = 300;
/** How often it is looked at whether pictures come, ms. */
const LOOK_MS = 1000;
/** A graph that gives up sooner than this after the one before is replaced later, ms. */
const STEADY_MS = 1000;
/** How much later, ms. */
const RESTART_MS = 200;

/**
 * Decodes the pictures of an RTSP source in a graph of its own. Where that gives up because of what came, such as a
 * packet that its depayloader takes for a mistake, another one takes its place, from the next keyframe on; the
 * connection to the camera goes on.
 */
export class RtpPictures {
  /** Decoded pictures, the subscriber's to release; to be subscribed to once, before packets come. */
  readonly frames$: Observable<NativeFrame>;

  readonly #options: RtpPicturesOptions;
  readonly #frames = new Subject<NativeFrame>();
  #graph: Graph | undefined;
  #packets: MediaTap | undefined;
  #onEnd: (error: Error) => void = () => undefined;
  #replacing: Promise<void> | undefined;
  #isClosed = false;
  /** Whether the graph has decoded a picture. */
  #hasDecoded = false;
  #hasEverDecoded = false;
  #startedMs = Number.NEGATIVE_INFINITY;
  readonly #patience = new DecodePatience();
  #shown = 0;
  #watch: NodeJS.Timeout | undefined;
  /** Of the graphs before. */
  #earlier: GraphCounts = NOTHING;
  #failures = 0;
  #refused = 0;
  #lastFailure: string | undefined;

  private constructor(options: RtpPicturesOptions, graph: Graph) {
    this.#options = options;
    this.#graph = graph;
    this.frames$ = this.#frames.asObservable();
  }

  /** Builds the first graph. @throws `DIPTYCH_E_ELEMENT_MISSING`, `DIPTYCH_E_GRAPH` */
  static async open(options: RtpPicturesOptions): Promise<RtpPictures> {
    return new RtpPictures(options, await build(options));
  }

  /**
   * Takes packets from now on.
   *
   * @param packets - the sink that they reach
   * @param onEnd - told when no other graph would do better: a decoder in hardware fails, or something is not installed
   */
  start(packets: MediaTap, onEnd: (error: Error) => void): void {
    this.#packets = packets;
    this.#onEnd = onEnd;
    this.#watch = setInterval(() => this.#checkProgress(), LOOK_MS);
    if (this.#graph) this.#use(this.#graph, packets);
  }

  /** What decodes. */
  get decoder(): DecoderChoice {
    return this.#options.decoder;
  }

  /** Of the pictures. */
  get codec(): VideoCodec {
    return this.#options.codec;
  }

  /** Why a graph gave up last, in one sentence; `undefined` where none did. */
  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  /** So far. */
  get counts(): PictureCounts {
    const { damaged, ...counts } = this.#sum(this.#graph);
    return { ...counts, failures: this.#failures, damaged: this.#refused + this.#failures + damaged };
  }

  /** How long the oldest picture has waited for the decoder, ms. */
  get lagMs(): number {
    return this.#graph ? this.#options.addon.sourceStats(this.#graph.id, 'decode').waitedMs : 0;
  }

  /** Frees the graph. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watch);
    this.#earlier = this.#sum(this.#graph);
    const graph = this.#graph;
    this.#graph = undefined;
    await graph?.close();
    await this.#replacing;
    this.#frames.complete();
  }

  #use(graph: Graph, packets: MediaTap): void {
    const { addon, decoder, advanceMs = 0, isPaced = false } = this.#options;
    const { id: graphId } = graph;
    const { factor } = this.#patience;
    this.#graph = graph;
    this.#hasDecoded = false;
    this.#startedMs = addon.nowMs();
    graph.messages$.subscribe((message) => this.#onMessage(graph, message));
    graph.frames(VIDEO).subscribe((frame) => this.#onFrame(graphId, frame));
    // The decoder of H.264 marks pictures without a reference as corrupt, and they are left out; that of H.265 shows
    // them grey. H.264 may also begin without a keyframe, where the camera refreshes its pictures piece by piece.
    addon.link(
      { graphId, element: 'coded' },
      { graphId, element: 'decode' },
      {
        ...{ maxQueueMs: MAX_WAIT_MS * factor, skipAfterMs: SKIP_AFTER_MS * factor, limit: 'wait' },
        startOnKeyframe: decoder.codec === 'h265',
      },
    );
    if (decoder.isAvailable) addon.damagedPictures(graphId, decoderName(decoder.codec));
    addon.keyframeRequests(graphId, 'rtp');
    this.#cutPackets(graphId);
    this.#followOrientation(graphId);
    graph.play();
    addon.link(
      packets,
      { graphId, element: 'rtp' },
      {
        ...{ maxQueueMs: isPaced ? MAX_PACED_WAIT_MS : MAX_PACKET_WAIT_MS, advanceMs },
        ...{ startOnKeyframe: false, limit: 'wait' },
      },
    );
  }

  /** Packets that ended too soon, and were left out. */
  #cutPackets(graphId: string): number {
    const { addon, codec } = this.#options;
    return codec === 'h264' || codec === 'h265' ? addon.cutPackets(graphId, 'rtp', codec) : 0;
  }

  /** What turns pictures is told how; what cannot turn them is replaced. @returns how they are meant to be shown */
  #followOrientation(graphId: string): string {
    const { addon, codec, isTurnedBySource } = this.#options;
    if (!isTurnedBySource || (codec !== 'h264' && codec !== 'h265')) return UPRIGHT;
    return addon.tagOrientation(graphId, 'decode', codec);
  }

  #onFrame(graphId: string, frame: NativeFrame): void {
    const { decoder } = this.#options;
    if (decoder.memory === 'cuda' && this.#followOrientation(graphId) !== UPRIGHT) {
      this.#onEnd(turnedPicturesFailure(decoder.element));
    }
    this.#hasDecoded = true;
    this.#shown += 1;
    this.#hasEverDecoded = true;
    if (this.#frames.observed) this.#frames.next(frame);
    else this.#options.addon.release(frame.handle);
  }

  #onMessage(graph: Graph, message: BusMessage): void {
    if (this.#isClosed || graph !== this.#graph) return;
    const { source, logger, decoder } = this.#options;
    if (message.type === 'warning') {
      if (this.#hasEverDecoded) this.#refused += 1;
      const { element, text, debug } = message;
      logger.debug({ source, element, debug }, text);
    }
    if (message.type !== 'error') return;
    const failure = decoderFailureOf(message, decoder, VIDEO);
    const isOfDecoder = message.element === decoderName(decoder.codec) || message.element === VIDEO;
    // A decoder that has worked is not to blame for a format that could not be agreed upon.
    if (failure && (isOfDecoder || !this.#hasDecoded)) this.#onEnd(failure);
    else if (isMissingPlugin(message)) this.#onEnd(explainSourceError(message, source));
    else this.#replace(graph, message);
  }

  #replace(graph: Graph, { element, text, debug }: Extract<BusMessage, { type: 'error' | 'warning' }>): void {
    const { source, logger } = this.#options;
    logger.debug({ source, element, debug }, 'decoding gave up because of what came; it begins anew');
    this.#failures += 1;
    this.#lastFailure = `${text} (${element})`;
    this.#beginAnew(graph);
  }

  #checkProgress(): void {
    const graph = this.#graph;
    const { addon, source, logger } = this.#options;
    if (!graph) return;
    const { dropped } = addon.sourceStats(graph.id, 'decode');
    if (!this.#patience.isRaisedBy({ nowMs: addon.nowMs(), shown: this.#shown, dropped })) return;
    logger.debug({ source, factor: this.#patience.factor }, 'all pictures are dropped; they may wait for longer');
    this.#beginAnew(graph);
  }

  #beginAnew(graph: Graph): void {
    this.#earlier = this.#sum(graph);
    this.#graph = undefined;
    this.#replacing = this.#begin(graph).catch((error: unknown) => this.#onEnd(error as Error));
  }

  async #begin(broken: Graph): Promise<void> {
    const isSteady = this.#options.addon.nowMs() - this.#startedMs >= STEADY_MS;
    if (!isSteady) await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    const closed = broken.close();
    const graph = this.#isClosed ? undefined : await build(this.#options);
    // It may have been closed meanwhile.
    if (graph && this.#packets && !this.#hasBeenClosed) this.#use(graph, this.#packets);
    else await graph?.close();
    await closed;
  }

  /** As `#isClosed`, of which the compiler believes that it cannot change while something is awaited. */
  get #hasBeenClosed(): boolean {
    return this.#isClosed;
  }

  /** With the graphs before. */
  #sum(graph: Graph | undefined): GraphCounts {
    const { dropped, late, keyframes, damaged, keyframeRequests } = this.#earlier;
    const now = graph ? this.#countedBy(graph) : NOTHING;
    return {
      dropped: dropped + now.dropped,
      late: late + now.late,
      keyframes: keyframes + now.keyframes,
      damaged: damaged + now.damaged,
      keyframeRequests: keyframeRequests + now.keyframeRequests,
    };
  }

  #countedBy({ id }: Graph): GraphCounts {
    const { addon, decoder } = this.#options;
    // Without a keyframe to begin with, every picture is an error to a decoder.
    const hasErrors = decoder.isAvailable && this.#hasDecoded;
    return {
      dropped: addon.sourceStats(id, 'decode').dropped,
      late: addon.sinkStats(id, VIDEO).dropped,
      keyframes: addon.sinkStats(id, 'coded').keyframes,
      damaged: this.#cutPackets(id) + (hasErrors ? addon.damagedPictures(id, decoderName(decoder.codec)) : 0),
      keyframeRequests: addon.keyframeRequests(id, 'rtp'),
    };
  }
}

const build = ({ depayloader, decoder, shape }: RtpPicturesOptions): Promise<Graph> =>
  Graph.load('ingest-pictures', { depayloader, decoder: decodeLaunch(decoder, shape) });
