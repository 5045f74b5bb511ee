import type { FrameMemory } from '../../shared/domain/frame.js';
import type { StagePlace } from '../../shared/domain/stream-status.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { decodePlace, encodePlace, type Coder } from './frame-residency.js';

export interface StageAuditOptions {
  readonly logger: Pick<Logger, 'info'>;
  /** Where the stream works, and where its own stages have their frames. */
  readonly engine: () => { readonly memory: FrameMemory; readonly places: readonly StagePlace[] };
  readonly encoder: () => Coder & { readonly memory: FrameMemory };
}

/** Knows where the frames of a stream lie, stage by stage, and logs a line for each when that changes. */
export class StageAudit {
  readonly #options: StageAuditOptions;
  #decoded: { readonly memory: FrameMemory; readonly coder: Coder } | undefined;
  #told = '';

  constructor(options: StageAuditOptions) {
    this.#options = options;
  }

  /** Where the decoder leaves its pictures; absent before the first one. */
  get decodedMemory(): FrameMemory | undefined {
    return this.#decoded?.memory;
  }

  /** A source frame has come. */
  decoded(memory: FrameMemory, coder: Coder): void {
    this.#decoded = { memory, coder };
  }

  /** In the order of the way of a frame. */
  get places(): readonly StagePlace[] {
    const { memory, places } = this.#options.engine();
    const encoder = this.#options.encoder();
    return [
      ...(this.#decoded ? [decodePlace(this.#decoded.memory, memory, this.#decoded.coder)] : []),
      ...places,
      encodePlace(encoder.memory, memory, encoder),
    ];
  }

  /** Logs the places where they are not those told before; not before there is a source frame. */
  tell(): void {
    const { places } = this;
    const text = JSON.stringify(places);
    if (!this.#decoded || text === this.#told) return;
    this.#told = text;
    for (const { stage, memory, reason } of places) {
      this.#options.logger.info({ stage, memory, reason }, `${stage}: frames lie in ${memory} memory`);
    }
  }
}
