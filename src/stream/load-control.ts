import type { Logger } from '../shared/telemetry/logger.js';
import type { NativeAddon } from './native/types.js';
import type { ComposedFrame } from './pipeline.js';
import { PictureBacklog } from './stages/compose/picture-backlog.js';
import { PictureRate } from './stages/compose/picture-rate.js';
import { DetectionShare } from './stages/detect/detection-share.js';
import type { EncodeSession } from './stages/encode/encode-session.adapter.js';
import type { StreamReporter } from './stream-reporter.js';
import type { SwitchingSource } from './switching-source.js';

/** What a {@link LoadControl} measures, and whom it tells. */
export interface LoadControlOptions {
  /** Of the output, frames a second. */
  readonly fps: number;
  /** Encodes what is painted. */
  readonly encoder: Pick<EncodeSession, 'stats'>;
  /** Asked for each picture. */
  readonly source: () => Pick<SwitchingSource, 'lagMs'>;
  /** Told what is left out. */
  readonly reporter: () => Pick<StreamReporter, 'frameLeftOut' | 'sendEvent'>;
  /** Tells the running time. */
  readonly addon: Pick<NativeAddon, 'nowMs'>;
  /** Told when the machine becomes too slow. */
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** A compressed picture that waits for its decoder for longer than this, ms: the machine is behind. */
const BEHIND_MS = 150;

/**
 * What a stream leaves out where the machine has not enough time for all of it: detections first, then pictures. It
 * knows how long pictures wait everywhere on their way: before the decoder, in painting, before the encoder.
 */
export class LoadControl {
  readonly #options: LoadControlOptions;
  readonly #pictureRate: PictureRate;
  readonly #detectionShare = new DetectionShare();
  readonly #backlog = new PictureBacklog();

  constructor(options: LoadControlOptions) {
    this.#options = options;
    this.#pictureRate = new PictureRate({ fps: options.fps });
  }

  /** Detections a second there is time for, of `maxFps`. */
  affordableDetections(maxFps: number): number {
    return this.#detectionShare.fps(maxFps, this.#options.source().lagMs > BEHIND_MS);
  }

  /** Whether the next picture of the output is painted; to be called once for each. */
  mayPaint(isNew: boolean): boolean {
    const { encoder, source, reporter, addon } = this.#options;
    const nowMs = addon.nowMs();
    const waitedMs = Math.max(this.#backlog.waitedMs(nowMs), encoder.stats.waitedMs, source().lagMs);
    const mayPaint = this.#pictureRate.take({ isNew, waitedMs, nowMs });
    if (mayPaint) this.#backlog.begun(nowMs);
    else if (isNew) reporter().frameLeftOut();
    return mayPaint;
  }

  /** A composed picture goes to the encoder. */
  composed({ isNew, isLate, sourceFrame }: ComposedFrame): void {
    this.#backlog.done();
    if (!isNew || isLate || sourceFrame?.arrivedMs === undefined) return;
    const nowMs = this.#options.addon.nowMs();
    const lagMs = nowMs - sourceFrame.arrivedMs + this.#options.encoder.stats.encodeMs;
    this.#pictureRate.measured(lagMs, nowMs);
    this.#detectionShare.measured(lagMs, nowMs);
  }

  /** Tells when the machine becomes too slow for all pictures, and when it is not any more; to be called now and then. */
  tellChanges(): void {
    const { logger, reporter } = this.#options;
    const isReduced = this.#pictureRate.takeChange();
    if (isReduced === undefined) return;
    const details = { picturesPerS: Math.round(this.#pictureRate.fps) };
    if (isReduced) logger.warn(details, 'the machine is too slow for all pictures; some are left out');
    else logger.info(details, 'the machine is fast enough for all pictures again');
    reporter().sendEvent(isReduced ? 'pictures_reduced' : 'pictures_restored', details);
  }
}
