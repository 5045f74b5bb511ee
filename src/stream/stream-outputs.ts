import type { StreamStatus } from '../shared/domain/stream-status.js';
import { defaultRecordingsFolder } from '../shared/recordings/default-folder.adapter.js';
import type { Logger } from '../shared/telemetry/logger.js';
import type { EncodedTaps } from './domain/media-tap.js';
import type { ComposedFrame } from './pipeline.js';
import type { RecordOptions } from './stages/record/record-options.js';
import { TileLog } from './stages/record/tile-log.js';
import type { IdentityEvent } from './stages/reid/identity-events.js';
import { Reconciler, type ReconcilerOptions } from './supervision/reconciler.js';
import { RecordingSupervisor } from './supervision/recording-supervisor.adapter.js';
import { TargetSupervisor } from './supervision/target-supervisor.adapter.js';

/** What {@link StreamOutputs} are fed from, and whom they tell. */
export interface StreamOutputsOptions {
  /** The name that is shown with a person in a tile. */
  readonly nameOf: RecordOptions['nameOf'];
  /** Encoded video and audio. */
  readonly taps: EncodedTaps;
  /** Where recordings are kept. @defaultValue a folder of the user, which is made; also where it is empty */
  readonly recordingsFolder?: string;
  /** Of the stream. */
  readonly logger: Logger;
  /** Told after each change of the recording's state, and at each new segment. */
  readonly onRecording: () => void;
}

/** Where the encoded output goes besides browsers: targets, each by itself, and the recording. */
export class StreamOutputs {
  /** Servers that the stream is published to. */
  readonly targets: TargetSupervisor;
  /** Segments on the disk. */
  readonly recording: RecordingSupervisor;
  readonly #log = new TileLog();

  constructor({ taps, recordingsFolder = '', logger, nameOf, onRecording }: StreamOutputsOptions) {
    this.targets = new TargetSupervisor({ taps, logger });
    const root = { path: recordingsFolder || defaultRecordingsFolder(), mayMake: recordingsFolder === '' };
    this.recording = new RecordingSupervisor({
      ...{ root, nameOf, taps, logger },
      log: this.#log,
      onChange: onRecording,
    });
  }

  /** How both are now. */
  get status(): Pick<StreamStatus, 'targets' | 'recording'> {
    return { targets: this.targets.status, recording: this.recording.status };
  }

  /** A composed picture goes to the encoder. */
  composed({ outPtsMs, plan, sourceFrame }: Pick<ComposedFrame, 'outPtsMs' | 'plan' | 'sourceFrame'>): void {
    this.#log.picture(outPtsMs, { layout: plan.layout, slots: sourceFrame?.slots ?? [] });
    // Before the first segment nobody asks for what was.
    if (!this.recording.running) this.#log.forget(outPtsMs);
  }

  /** What happened to identities. */
  identities(events: readonly IdentityEvent[]): void {
    for (const { name, ptsMs, trackId, formerTrackId } of events) {
      if (name === 'reid_skipped' || trackId === undefined) continue;
      const details = { trackId, ...(formerTrackId !== undefined && { formerTrackId }) };
      this.#log.event({ ptsMs, type: name, details });
    }
  }

  /** Brings both to what is wanted. */
  reconciler(options: Omit<ReconcilerOptions, 'targets' | 'recording'>): Reconciler {
    return new Reconciler({ ...options, targets: this.targets, recording: this.recording });
  }

  /** Ends all of them properly. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.targets.close(), this.recording.end()]);
  }
}
