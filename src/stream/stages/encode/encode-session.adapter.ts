import { BehaviorSubject, firstValueFrom, race, timer, type Observable } from 'rxjs';
import type { OutputConfig } from '../../../shared/config/schema.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { FrameHandle, FrameMemory } from '../../../shared/domain/frame.js';
import type { EncodedTaps, MediaTap } from '../../domain/media-tap.js';
import type { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { drain, loadAudio, opusTapOf, untilEncoded, videoTapOf, type SessionGraphs } from './encode-graphs.adapter.js';
import type { EncodeOptions, EncoderInfo, EncodeSession, EncodeStats } from './encode-session.js';
import { pickEncoder } from './encoder-probe.adapter.js';
import { KeyframePacer } from './keyframe-pacer.js';
import { RtpSender } from './rtp-sender.adapter.js';
import { EncodeTimer } from './encode-timer.js';
import { PendingPictures } from './pending-pictures.js';
import { infoOf, videoEncoders, type VideoEncoder } from './video-encoder.adapter.js';

export type { EncodeOptions, EncoderInfo, EncodeSession } from './encode-session.js';

/** An encoder without output for pictures of so many seconds hangs. Opening NVENC takes one at worst. */
const HANG_S = 3;
/** How long closing waits for an encoder that is being replaced. */
const GIVEN_UP_MS = 500;
/** More pictures in the wrong memory in a row do not come from before a change of encoder. */
const MAX_STRAY = 15;

/**
 * Starts encoding; pictures come by `push`.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_ELEMENT_MISSING`, `DIPTYCH_E_GRAPH`.
 */
export async function openEncoder(config: OutputConfig, options: EncodeOptions): Promise<EncodeSession> {
  const [first, ...others] = options.encoders ?? (await encodersHere(config, options));
  if (first === undefined) throw new DiptychError('DIPTYCH_E_ELEMENT_MISSING', 'there is no encoder to encode with');
  const graphs: Graph[] = [];
  try {
    const keep = (graph: Graph): Graph => {
      graphs.push(graph);
      return graph;
    };
    const video = keep(await first.load());
    const audio = keep(await loadAudio(config));
    const { video: pictures, audio: sound } = options;
    const rtp = pictures && sound && (await RtpSender.load({ ...options, video: pictures, audio: sound }));
    if (rtp) keep(rtp.graph);
    return new Session({ encoder: first, video, others }, { audio, ...(rtp && { rtp }) }, config, options);
  } catch (error) {
    await Promise.all(graphs.map((graph) => graph.close()));
    throw error;
  }
}

async function encodersHere(
  config: OutputConfig,
  { logger, memory = 'system', device = 0 }: EncodeOptions,
): Promise<readonly VideoEncoder[]> {
  const choice = await pickEncoder(config.encoder, memory, memory === 'cuda' ? device : 0);
  const { element, reason, rejected } = choice;
  logger.info({ encoder: element, reason, rejected }, 'encoder chosen');
  return videoEncoders(config, choice, memory);
}

interface VideoPart {
  readonly encoder: VideoEncoder;
  readonly video: Graph;
  /** What goes on when it fails, best first. */
  readonly others: readonly VideoEncoder[];
}

class Session implements EncodeSession {
  readonly info$: Observable<EncoderInfo>;
  readonly audioInput: MediaTap;
  readonly taps: EncodedTaps;
  readonly failed: Promise<never>;
  readonly media: EncodeSession['media'];

  readonly #addon = loadAddon();
  readonly #graphs: SessionGraphs;
  readonly #logger: EncodeOptions['logger'];
  readonly #info: BehaviorSubject<EncoderInfo>;
  readonly #timer = new EncodeTimer();
  readonly #keyframes: KeyframePacer;
  #part: VideoPart;
  #reject: (error: DiptychError) => void = () => undefined;
  #encodeMs = 0;
  #encodedPtsMs: number | undefined;
  /** PTS of the first picture that was pushed since an encoded one was seen. */
  #unansweredMs: number | undefined;
  #strays = 0;
  /** Of encoders that failed. */
  #earlier = { dropped: 0, bytes: 0 };
  #isReplacing = false;
  #replacing: Promise<void> | undefined;
  readonly #pending = new PendingPictures(this.#addon);
  #closing: Promise<void> | undefined;
  #lastPtsMs = 0;

  constructor(part: VideoPart, graphs: SessionGraphs, { fps, gopS }: OutputConfig, options: EncodeOptions) {
    const { audio, rtp } = graphs;
    this.#part = part;
    this.#graphs = graphs;
    this.#keyframes = new KeyframePacer(Math.round(gopS * fps), fps);
    this.#logger = options.logger;
    this.media = rtp;
    this.#info = new BehaviorSubject(infoOf(part.encoder));
    this.info$ = this.#info.asObservable();
    this.audioInput = { graphId: audio.id, element: 'audio' };
    const videoTap = (): MediaTap => videoTapOf(this.#part.video);
    this.taps = {
      get video() {
        return videoTap();
      },
      audio: { graphId: audio.id, element: 'aac' },
    };
    this.failed = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    // `failed` need not be handled: a closed session cannot fail.
    this.failed.catch(() => undefined);
    const failWith = (said: string): void => {
      this.#reject(new DiptychError('DIPTYCH_E_GRAPH', `encoding failed: ${said}`));
    };
    this.#watch(audio, failWith);
    if (rtp !== undefined) {
      this.#watch(rtp.graph, failWith);
      if (options.isHeld !== true) rtp.begin(this.taps.video, opusTapOf(audio));
    }
    audio.play();
    this.#play(part.video);
  }

  get encoder(): string {
    return this.#info.value.encoder;
  }

  get reason(): string {
    return this.#info.value.reason;
  }

  get inputMemory(): FrameMemory {
    return this.#info.value.inputMemory;
  }

  get stats(): EncodeStats {
    const { video } = this.#part;
    const { lastPtsMs, bytes } = this.#addon.sinkStats(video.id, 'h264');
    return {
      encodeMs: this.#encodeMs,
      waitedMs: this.#isReplacing ? 0 : this.#timer.waitedMs(lastPtsMs, this.#addon.nowMs()),
      dropped: this.#earlier.dropped + this.#addon.sourceStats(video.id, 'video').dropped,
      bytes: this.#earlier.bytes + bytes,
    };
  }

  push(picture: FrameHandle, ptsMs: number): void {
    if (this.#closing !== undefined) return;
    if (this.#isReplacing) {
      this.#pending.keep(picture, ptsMs);
      return;
    }
    if (!this.#fits(picture)) return;
    const { video } = this.#part;
    const { audio, rtp } = this.#graphs;
    const encodedPtsMs = (): number | undefined => this.#addon.sinkStats(video.id, 'h264').lastPtsMs;
    const begins = rtp?.beginIfDue(encodedPtsMs, this.taps.video, opusTapOf(audio)) ?? false;
    if (this.#keyframes.isDue(ptsMs) || begins) this.#addon.forceKeyUnit(video.id, 'video');
    // Before it is: the picture may be encoded before this thread goes on.
    this.#timer.pushed(ptsMs, this.#addon.nowMs());
    this.#addon.pushFrame(video.id, 'video', picture, ptsMs);
    this.#lastPtsMs = ptsMs;
    const { keyframes, lastPtsMs, lastArrivedMs } = this.#addon.sinkStats(video.id, 'h264');
    this.#keyframes.observe(keyframes, lastPtsMs);
    if (lastPtsMs !== this.#encodedPtsMs) this.#unansweredMs = undefined;
    this.#encodedPtsMs = lastPtsMs;
    this.#unansweredMs ??= ptsMs;
    if (ptsMs - this.#unansweredMs > HANG_S * 1000 && this.#part.others.length > 0) {
      this.#fail(`it gave nothing for ${HANG_S} s`);
    }
    if (lastPtsMs === undefined || lastArrivedMs === undefined) return;
    this.#encodeMs = this.#timer.encoded(lastPtsMs, lastArrivedMs) ?? this.#encodeMs;
  }

  setBitrate(bitrateKbps: number): void {
    if (this.#closing !== undefined) return;
    const { encoder, video } = this.#part;
    if (encoder.setBitrate && !this.#isReplacing) encoder.setBitrate(video, bitrateKbps);
    else this.#replacing = (this.#replacing ?? Promise.resolve()).then(() => this.#reload());
  }

  requestKeyframe(minDistanceMs: number): void {
    this.#keyframes.request(minDistanceMs);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #watch(graph: Graph, onError: (said: string) => void): void {
    graph.messages$.subscribe((message) => {
      if (message.type === 'error') onError(`${message.element}: ${message.text} [${message.debug}]`);
      if (message.type === 'warning') {
        this.#logger.warn({ element: message.element, debug: message.debug }, message.text);
      }
    });
  }

  #play(video: Graph): void {
    this.#watch(video, (said) => {
      // A graph that was replaced may still report errors.
      if (this.#part.video === video) this.#fail(said);
    });
    video.play();
  }

  /** Whether the picture is in the encoder's memory. Where many in a row are not, another encoder is needed. */
  #fits(picture: FrameHandle): boolean {
    const { inputMemory, encoder } = this.#info.value;
    const { memory } = this.#addon.frameInfo(picture);
    this.#strays = memory === inputMemory ? 0 : this.#strays + 1;
    if (this.#strays > MAX_STRAY) {
      this.#fail(`pictures come in ${memory} memory, and ${encoder} takes them from ${inputMemory} memory`);
    }
    return this.#strays === 0;
  }

  /** The encoder failed; the next one takes over. */
  #fail(problem: string): void {
    if (this.#isReplacing || this.#closing !== undefined) return;
    const [next, ...others] = this.#part.others;
    if (next === undefined) {
      this.#reject(new DiptychError('DIPTYCH_E_GRAPH', `encoding failed: ${problem}`));
      return;
    }
    const { element } = this.#part.encoder;
    this.#logger.warn({ encoder: element, reason: problem, next: next.element }, 'the encoder failed; another goes on');
    this.#isReplacing = true;
    this.#replacing = this.#replace(next, others, `${element} failed: ${problem}`).catch((cause: unknown) => {
      this.#isReplacing = false;
      this.#reject(
        cause instanceof DiptychError ? cause : new DiptychError('DIPTYCH_E_GRAPH', String(cause), { cause }),
      );
    });
  }

  async #replace(encoder: VideoEncoder, others: readonly VideoEncoder[], problem: string): Promise<void> {
    const video = await encoder.load();
    const info = infoOf(encoder);
    await this.#switch({ encoder, video, others }, { ...info, reason: `${info.reason}; ${problem}` });
  }

  /** The same encoder begins anew with its options of now; the one before encodes until that is ready. */
  async #reload(): Promise<void> {
    const { encoder, others, video: former } = this.#part;
    try {
      const video = await encoder.load();
      if (this.#isReplacing || this.#part.video !== former || this.#closing !== undefined) {
        await video.close();
        return;
      }
      this.#isReplacing = true;
      await untilEncoded(former, this.#lastPtsMs);
      await this.#switch({ encoder, video, others }, this.#info.value);
    } catch (error) {
      if (this.#part.video === former) this.#isReplacing = false;
      this.#logger.warn({ err: error }, 'the encoder could not be started with other options; it goes on as it was');
    }
  }

  /** Another graph encodes from now on, beginning with what was kept meanwhile. */
  async #switch(part: VideoPart, info: EncoderInfo): Promise<void> {
    const { video: failed } = this.#part;
    const { video } = part;
    const { dropped, bytes } = this.stats;
    this.#earlier = { dropped, bytes };
    this.#addon.moveLinks(videoTapOf(failed), videoTapOf(video));
    this.#part = part;
    this.#encodedPtsMs = undefined;
    this.#unansweredMs = undefined;
    this.#timer.restart();
    this.#strays = 0;
    this.#keyframes.restart();
    this.#info.next(info);
    this.#play(video);
    this.#isReplacing = false;
    this.#pending.take((picture, ptsMs) => this.push(picture, ptsMs));
    await failed.close();
  }

  async #end(): Promise<void> {
    const { audio, rtp } = this.#graphs;
    await firstValueFrom(race(this.#replacing ?? Promise.resolve(), timer(GIVEN_UP_MS)));
    this.#pending.take(() => undefined);
    const { video } = this.#part;
    await Promise.all([drain(video), drain(audio)]);
    // RTCP BYE, so that the media server knows at once.
    if (rtp?.isSending) await drain(rtp.graph);
    await Promise.all([video.close(), audio.close(), rtp?.graph.close()]);
    this.#info.complete();
  }
}
