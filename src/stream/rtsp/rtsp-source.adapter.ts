import { randomInt } from 'node:crypto';
import { maskUrl } from '../../shared/config/mask-url.js';
import type { DiptychError } from '../../shared/domain/errors.js';
import type { SourceTrackStatus } from '../../shared/domain/source-track-status.js';
import { repackingOf, type SoundRepacking } from './g726-packing.js';
import { keyframeRequest } from './keyframe-request.js';
import type { Credentials } from './rtsp-auth.js';
import { RtspClient, type SetUp } from './rtsp-client.adapter.js';
import type { TlsPolicy } from './rtsp-connection.adapter.js';
import { FRAME_HEADER_BYTES } from './rtsp-message.js';
import { relayControl, RtspRelay } from './rtsp-relay.adapter.js';
import type { RtspSource } from './rtsp-source.js';
import { SenderReportFilter } from './sender-report.js';
import { describeTrack, writeSessionDescription, type OfferedTrack } from './session-description.js';
import { chooseTracks, type TrackChoice, type TrackWish } from './track-choice.js';

/** Which camera, and what of it. */
export interface RtspSourceOptions {
  /** Of the camera, without user and password. */
  readonly url: string;
  /** As it was configured; messages show it masked. */
  readonly shownUrl: string;
  /** Absent: none are sent. */
  readonly credentials?: Credentials;
  /** How RTP travels; `auto`: over TCP, and over UDP where the camera refuses that. */
  readonly transport: 'auto' | 'tcp' | 'udp';
  /** For each step, and without a packet, s. */
  readonly timeoutS: number;
  /** How certificates are checked. */
  readonly tls: TlsPolicy;
  /** Which tracks are wanted. */
  readonly wish: TrackWish;
  /** Why a format cannot be played here; `undefined` where it can. */
  readonly lackOf: (track: OfferedTrack) => string | undefined;
  /** Ends the attempt while it is being opened. */
  readonly signal: AbortSignal;
}

const WATCH_MS = 250;
const RTP_HEADER_BYTES = 12;
const MAX_SSRC = 2 ** 32;
/** The pictures are the first of the tracks that are set up. */
const VIDEO_SLOT = 0;
const AUDIO_SLOT = 1;

/**
 * Asks a camera what it offers, chooses, and sets it up; it plays once the receiver does.
 *
 * @throws {@link DiptychError} by kind, with what to do
 */
export async function openRtspSource(options: RtspSourceOptions): Promise<RtspSource> {
  const session = new Session(options);
  try {
    await session.open();
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

class Session implements RtspSource {
  readonly ended: Promise<DiptychError>;

  readonly #options: RtspSourceOptions;
  readonly #client: RtspClient;
  #relay: RtspRelay | undefined;
  #reports = new SenderReportFilter([]);
  #offered: readonly OfferedTrack[] = [];
  #choice: TrackChoice = {};
  #setUp: SetUp | undefined;
  #watch: NodeJS.Timeout | undefined;
  #end: (error: DiptychError) => void = () => undefined;
  #bytes = 0;
  #playedAtMs: number | undefined;
  #lastPacketMs: number | undefined;
  #isFull = false;
  #isFlushing = false;
  /** Of the camera's pictures, from their first packet on. */
  #videoSsrc: number | undefined;
  readonly #ownSsrc = randomInt(1, MAX_SSRC);
  #keyframeRequests = 0;
  #repacking: SoundRepacking | undefined;

  constructor(options: RtspSourceOptions) {
    const { url, shownUrl, credentials, transport, timeoutS, tls, signal } = options;
    this.#options = options;
    this.#client = new RtspClient({
      url,
      name: maskUrl(shownUrl),
      ...(credentials ? { credentials } : {}),
      transport,
      timeoutS,
      tls,
      signal,
      onPacket: (slot, isRtcp, frame) => this.#onPacket(slot, isRtcp, frame),
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    void this.#client.ended.then((error) => this.#end(error));
  }

  async open(): Promise<void> {
    const { wish, lackOf } = this.#options;
    const { tracks } = await this.#client.describe();
    this.#offered = tracks;
    this.#choice = chooseTracks(tracks, wish, lackOf);
    const { video, audio, videoReason } = this.#choice;
    if (!video) throw this.#client.errors.noVideo(videoReason ?? '', tracks.map(describeTrack).join(', '));
    this.#setUp = await this.#client.setUp(audio ? [video, audio] : [video]);
    const refused = audio && this.#setUp.refused.get(audio);
    if (refused !== undefined) this.#choice = { video, audioReason: refused };
    const taken = this.#choice.audio ? [video, this.#choice.audio] : [video];
    this.#reports = new SenderReportFilter(taken.map(({ clockRate }) => clockRate));
    this.#repacking = this.#choice.audio && repackingOf(this.#choice.audio.encoding);
    const received = taken.map((track) => (track === video ? track : (this.#repacking?.describe(track) ?? track)));
    this.#relay = await RtspRelay.open({
      description: writeSessionDescription(received, (track) => relayControl(received.indexOf(track))),
      onPlay: () => void this.#play(),
      onRtcp: (slot, packet) => this.#client.sendRtcp(slot, packet),
      onFull: (isFull) => this.#setFull(isFull),
    });
  }

  get url(): string {
    return this.#relay?.url ?? '';
  }

  get transport(): 'tcp' | 'udp' {
    return this.#setUp?.transport ?? 'tcp';
  }

  get transportReason(): string {
    return this.#setUp?.transportReason ?? '';
  }

  get tracks(): readonly SourceTrackStatus[] {
    const { video, audio } = this.#choice;
    return this.#offered.map((track) => ({
      index: track.index,
      kind: track.kind,
      format: describeTrack(track)
        .replace(/^\d+: (?:video|audio) /, '')
        .replace(/^\d+: /, ''),
      isTaken: track === video || track === audio,
    }));
  }

  get video(): OfferedTrack {
    if (!this.#choice.video) throw new TypeError('the source is not open');
    return this.#choice.video;
  }

  get audio(): OfferedTrack | undefined {
    return this.#choice.audio;
  }

  get audioReason(): string | undefined {
    return this.#choice.audioReason;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get silentForMs(): number {
    const since = this.#lastPacketMs ?? this.#playedAtMs;
    return since === undefined || this.#isFull ? 0 : performance.now() - since;
  }

  requestKeyframe(): boolean {
    const { feedback = [] } = this.#choice.video ?? {};
    const [kind] = feedback;
    if (kind === undefined || this.#videoSsrc === undefined) return false;
    const ids = { senderSsrc: this.#ownSsrc, mediaSsrc: this.#videoSsrc, sequence: ++this.#keyframeRequests };
    this.#client.sendRtcp(VIDEO_SLOT, keyframeRequest(kind, ids));
    return true;
  }

  whySilent(): DiptychError {
    const { errors } = this.#client;
    if (this.#lastPacketMs === undefined) return errors.noPackets(this.transport);
    return this.silentForMs < this.#options.timeoutS * 1000 ? errors.noPictures() : errors.stopped();
  }

  async close(): Promise<void> {
    clearInterval(this.#watch);
    this.#relay?.close();
    await this.#client.close();
  }

  async #play(): Promise<void> {
    this.#watch = setInterval(() => this.#checkSilence(), WATCH_MS);
    try {
      await this.#client.play();
      this.#playedAtMs = performance.now();
    } catch (error) {
      this.#end(error as DiptychError);
    }
  }

  #checkSilence(): void {
    if (this.silentForMs < this.#options.timeoutS * 1000) return;
    this.#end(this.whySilent());
  }

  #onPacket(slot: number, isRtcp: boolean, frame: Buffer): void {
    this.#flushSoon();
    if (isRtcp) {
      const passed = this.#reports.report(slot, frame.subarray(FRAME_HEADER_BYTES), frame);
      for (const { slot: track, item } of passed) this.#relay?.send(track, true, item);
      return;
    }
    if (frame.length < FRAME_HEADER_BYTES + RTP_HEADER_BYTES) return;
    // What cannot wait in the camera is lost here, as it would be in the network.
    if (this.#isFull && this.transport === 'udp') return;
    const nowMs = performance.now();
    this.#lastPacketMs = nowMs;
    this.#bytes += frame.length - FRAME_HEADER_BYTES;
    if (slot === AUDIO_SLOT) this.#repacking?.repack(frame.subarray(FRAME_HEADER_BYTES));
    if (slot === VIDEO_SLOT) this.#videoSsrc = frame.readUInt32BE(FRAME_HEADER_BYTES + 8);
    this.#reports.packet(slot, frame.readUInt32BE(FRAME_HEADER_BYTES + 4), nowMs);
    this.#relay?.send(slot, false, frame);
  }

  /** What came at once goes on at once. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    process.nextTick(() => {
      this.#isFlushing = false;
      this.#relay?.flush();
    });
  }

  #setFull(isFull: boolean): void {
    this.#isFull = isFull;
    this.#lastPacketMs &&= performance.now();
    if (this.transport === 'udp') return;
    if (isFull) this.#client.pause();
    else this.#client.resume();
  }
}
