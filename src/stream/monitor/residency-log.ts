import type { FrameMemory } from '../../shared/domain/frame.js';
import type { FrameResidency } from '../../shared/domain/stream-status.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { decodeResidency, encodeResidency, type Coder } from './frame-residency.js';

/** What a {@link ResidencyLog} asks, and whom it tells. */
export interface ResidencyLogOptions {
  /** Gets a line for each stage, whenever one of them changes. */
  readonly logger: Pick<Logger, 'info'>;
  /** Where the stream works, and where its own stages have their frames. */
  readonly backend: () => { readonly memory: FrameMemory; readonly residencies: readonly FrameResidency[] };
  /** What encodes, and where it takes pictures from. */
  readonly encoder: () => Coder & { readonly memory: FrameMemory };
}

/** Says where the frames of a stream lie, stage by stage, and logs it whenever it changes. */
export class ResidencyLog {
  readonly #options: ResidencyLogOptions;
  #decoded: { readonly memory: FrameMemory; readonly coder: Coder } | undefined;
  #logged = '';

  constructor(options: ResidencyLogOptions) {
    this.#options = options;
  }

  /** Where the decoder leaves its pictures; absent before the first one. */
  get decodedMemory(): FrameMemory | undefined {
    return this.#decoded?.memory;
  }

  /** A source frame was decoded, to this memory. */
  decoded(memory: FrameMemory, coder: Coder): void {
    this.#decoded = { memory, coder };
  }

  /** Of all stages, in the order of the way of a frame. */
  get residencies(): readonly FrameResidency[] {
    const { memory, residencies } = this.#options.backend();
    const encoder = this.#options.encoder();
    return [
      ...(this.#decoded ? [decodeResidency(this.#decoded.memory, memory, this.#decoded.coder)] : []),
      ...residencies,
      encodeResidency(encoder.memory, memory, encoder),
    ];
  }

  /** Logs the residencies where they are not those logged before; not before there is a source frame. */
  logChanges(): void {
    const { residencies } = this;
    const text = JSON.stringify(residencies);
    if (!this.#decoded || text === this.#logged) return;
    this.#logged = text;
    for (const { stage, memory, reason } of residencies) {
      this.#options.logger.info({ stage, memory, reason }, `${stage}: frames lie in ${memory} memory`);
    }
  }
}
