import { maskUrl } from '../shared/config/mask-url.js';
import type { StreamConfig } from '../shared/config/schema.js';
import type { FrameMemory } from '../shared/domain/frame.js';
import { problemOf, statusError, type StatusError } from '../shared/domain/status-error.js';
import type { PoseCounts } from '../shared/domain/detection.js';
import type { TrackId } from '../shared/domain/track.js';
import type { Shot } from './domain/shot.js';
import { overlayBoxes } from './domain/overlay-boxes.js';
import type { NextSourceStatus, SourceStatus, SourceTrouble } from '../shared/domain/stream-status.js';
import type { StreamEvent, StreamReport } from '../shared/ipc/messages.js';
import type { Logger } from '../shared/telemetry/logger.js';
import type { FailoverBackend } from './backend/failover-backend.js';
import type { SwitchingSource } from './switching-source.js';
import { ResidencyLog } from './monitor/residency-log.js';
import { OverloadWatch } from './monitor/overload-watch.js';
import { StreamMonitor, type IdentityTally } from './monitor/stream-monitor.js';
import type { StreamOutputs } from './stream-outputs.js';
import type { NativeAddon, NativeFrame } from './native/types.js';
import type { ComposedFrame, KnownFrame } from './pipeline.js';
import type { EncodeSession } from './stages/encode/encode-session.adapter.js';
import { rtpOriginMs } from './stages/encode/rtp-origin.adapter.js';
import { rtpTimestampOf } from './stages/encode/rtp-time.js';
import type { SourceInfo } from './stages/ingest/source-session.js';
import type { IdentityEvent } from './stages/reid/identity-events.js';

/** What a {@link StreamReporter} sums up, and whom it tells. */
export interface StreamReporterOptions {
  /** Of the stream. */
  readonly config: Pick<StreamConfig, 'source' | 'output'>;
  /** Encodes the composed pictures. */
  readonly encoder: EncodeSession;
  /** Analyzes and paints frames. */
  readonly backend: FailoverBackend;
  /** Asked when a status is due. */
  readonly source: () => Pick<SwitchingSource, 'condition' | 'damaged' | 'droppedBy' | 'info' | 'trouble'>;
  /** Asked when a status is due; told what a recording notes. */
  readonly outputs: () => Pick<StreamOutputs, 'status' | 'composed' | 'identities'>;
  /** Tells the running time. */
  readonly addon: Pick<NativeAddon, 'nowMs'>;
  /** Told where frames lie. */
  readonly logger: Pick<Logger, 'info'>;
  /** Takes reports to the gateway. */
  readonly report: (report: StreamReport) => void;
}

/** Tells the gateway how a stream is: its status, what happens in it, and the overlay of each output frame. */
export class StreamReporter {
  readonly #options: StreamReporterOptions;
  readonly #monitor: StreamMonitor;
  readonly #residencies: ResidencyLog;
  #reportedState: string | undefined;
  #nextSince: string | undefined;
  #reportedTrouble: SourceTrouble | undefined;
  #reportedShotMs: number | undefined;
  readonly #overload = new OverloadWatch();

  constructor(options: StreamReporterOptions) {
    const { config, encoder, backend, source, outputs, logger, addon } = options;
    this.#options = options;
    this.#residencies = new ResidencyLog({
      logger,
      backend: () => backend,
      encoder: () => ({ memory: encoder.inputMemory, element: encoder.encoder, reason: encoder.reason }),
    });
    const { width, height, fps, bitrateKbps } = config.output;
    this.#monitor = new StreamMonitor(
      maskUrl(config.source.url),
      { width, height, fps, bitrateKbps, encoder: encoder.encoder },
      {
        condition: () => source().condition,
        trouble: () => this.#trouble(),
        droppedBy: () => source().droppedBy,
        damaged: () => source().damaged,
        targets: () => outputs().status.targets,
        recording: () => outputs().status.recording,
        nowMs: () => addon.nowMs(),
      },
    );
    encoder.info$.subscribe((info) => this.#monitor.describeEncoder(info.encoder, info.reason));
  }

  /** Where decoded frames lie; absent before the first one. */
  get decodedMemory(): FrameMemory | undefined {
    return this.#residencies.decodedMemory;
  }

  /** A frame of the source is there, decoded. */
  decoded({ memory }: Pick<NativeFrame, 'memory'>): void {
    const { decoder, decoderReason } = this.#options.source().info;
    this.#residencies.decoded(memory, { element: decoder, reason: decoderReason });
  }

  /** A call of the backend took so long, ms. */
  took(stage: 'detect' | 'reid' | 'compose', durationMs: number): void {
    this.#monitor.took(stage, durationMs);
  }

  /** A network that reads poses looked at so many people. */
  posed(counts: PoseCounts): void {
    this.#monitor.posed(counts);
  }

  /** The people of a source frame are known. */
  known(frame: NativeFrame & KnownFrame): void {
    this.#monitor.took('decode', Math.max(0, frame.arrivedMs - frame.ptsMs));
    this.#monitor.frameIn(frame);
    this.#tellShot(frame.shot);
    if (this.#reportedState !== this.#monitor.state) this.sendStatus();
  }

  /** A source frame was left out, because it came too fast. */
  frameDropped(): void {
    this.#monitor.frameDropped();
  }

  /** A source frame was left out, because this machine is too slow. */
  frameLeftOut(): void {
    this.#monitor.frameDropped();
    this.#overload.leftOut(this.#options.addon.nowMs());
  }

  /** What happened to identities since the frame before, and the counts so far. */
  identities(
    events: readonly IdentityEvent[],
    counts: IdentityTally,
    nameOf: (trackId: TrackId) => string | undefined,
  ): void {
    this.#monitor.identities(counts);
    this.#options.outputs().identities(events);
    for (const { name, ptsMs, ...details } of events) {
      const { trackId, formerTrackId } = details;
      const names = {
        ...(trackId !== undefined && { name: nameOf(trackId) }),
        ...(formerTrackId !== undefined && { formerName: nameOf(formerTrackId) }),
      };
      this.#options.report({ type: 'event', event: { ptsMs, name, details: { ...details, ...names } } });
    }
  }

  /** A composed picture went to the encoder. */
  composed(frame: ComposedFrame): void {
    const { outPtsMs, sourceFrame, isNew, isLate, plan } = frame;
    this.#options.outputs().composed(frame);
    const { encoder, addon, report } = this.#options;
    this.#monitor.frameOut({ isNew: isNew && !isLate });
    if (isLate) this.#monitor.frameDropped();
    const nowMs = addon.nowMs();
    const arrivedMs = sourceFrame?.arrivedMs;
    this.#overload.shown({ isNew, isLate, lagMs: arrivedMs === undefined ? undefined : nowMs - arrivedMs }, nowMs);
    if (isNew && sourceFrame) {
      const { encodeMs } = encoder.stats;
      this.#monitor.took('encode', encodeMs);
      this.#monitor.took('total', nowMs - sourceFrame.ptsMs + encodeMs);
    }
    report({
      type: 'overlay',
      overlay: {
        rtpTimestamp: rtpTimestampOf(outPtsMs, rtpOriginMs()),
        layout: plan.layout,
        ...(sourceFrame && { shot: { kind: sourceFrame.shot.kind, reason: sourceFrame.shot.reason } }),
        boxes: sourceFrame ? overlayBoxes(plan, sourceFrame.tracks, sourceFrame.slots, sourceFrame.names) : [],
      },
    });
  }

  /** More is known of the source. */
  describeSource(info: SourceInfo): void {
    this.#monitor.describeSource(info);
  }

  /** Another source is shown; what was known of the former one is forgotten. */
  replaceSource(source: SourceStatus): void {
    this.#monitor.replaceSource(source);
  }

  /** Another source is to be shown, or how it is has changed; `undefined` where none is any more. */
  describeNextSource(next: Omit<NextSourceStatus, 'since'> | undefined): void {
    const since = next?.error && this.#nextSince !== undefined ? this.#nextSince : new Date().toISOString();
    this.#nextSince = next && since;
    this.#monitor.describeNextSource(next && { ...next, since });
  }

  /** The bitrate of the video is another one, kbit/s. */
  describeBitrate(bitrateKbps: number): void {
    this.#monitor.describeBitrate(bitrateKbps);
  }

  /** The source is lost, and all people with it. */
  sourceLost(error: StatusError): void {
    this.#monitor.sourceLost(error);
  }

  /** The stream ends by a failure. */
  failed(error: unknown): void {
    this.#monitor.fail(statusError(problemOf(error)));
  }

  /** The recording began, failed or ended, or another segment began. */
  recordingChanged(): void {
    this.sendEvent('recording', { ...this.#options.outputs().status.recording });
    this.sendStatus();
  }

  /** Sends an event that happens now. */
  sendEvent(name: string, details: StreamEvent['details']): void {
    this.#options.report({ type: 'event', event: { ptsMs: this.#options.addon.nowMs(), name, details } });
  }

  /** Sends the status, and logs where frames lie where that has changed. */
  sendStatus(): void {
    const { backend, encoder, report } = this.#options;
    backend.check();
    this.#residencies.logChanges();
    this.#tellTrouble();
    const status = { ...this.#monitor.read(), gpu: backend.status(this.#residencies.residencies) };
    this.#reportedState = status.state;
    const sent = encoder.media?.position;
    report({ type: 'status', status, timings: this.#monitor.timings, ...(sent && { sent }) });
  }

  /** An event at each change of shots. */
  #tellShot({ kind, reason, sincePtsMs }: Shot): void {
    if (sincePtsMs === this.#reportedShotMs) return;
    this.#reportedShotMs = sincePtsMs;
    this.sendEvent('shot', { kind, reason });
  }

  /** What is the matter with the pictures of the source, with the wall clock's time. */
  #trouble(): { readonly kind: SourceTrouble; readonly since: string } | undefined {
    const { addon } = this.#options;
    const trouble = this.#currentTrouble();
    if (trouble === undefined) return undefined;
    const since = new Date(Date.now() - Math.max(0, addon.nowMs() - trouble.sinceMs)).toISOString();
    return { kind: trouble.kind, since };
  }

  /** That of the source; a machine that is too slow for its pictures is told before a picture that stands still. */
  #currentTrouble(): { readonly kind: SourceTrouble; readonly sinceMs: number } | undefined {
    const { trouble, condition } = this.#options.source();
    const { sinceMs } = this.#overload;
    const isHere =
      sinceMs !== undefined && condition === 'live' && (trouble === undefined || trouble.kind === 'frozen');
    return isHere ? { kind: 'overloaded', sinceMs } : trouble;
  }

  /** An event at each beginning and end. */
  #tellTrouble(): void {
    const kind = this.#currentTrouble()?.kind;
    if (kind === this.#reportedTrouble) return;
    if (this.#reportedTrouble !== undefined) this.sendEvent('source_recovered', { from: this.#reportedTrouble });
    if (kind !== undefined) this.sendEvent(`source_${kind}`, {});
    this.#reportedTrouble = kind;
  }
}
