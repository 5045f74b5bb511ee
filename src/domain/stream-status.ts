import type { Box, Size } from './box.js';
import type { TrackId } from './track.js';

export type StreamState = 'connecting' | 'live' | 'stalled' | 'offline' | 'failed';

export type TargetState = 'connecting' | 'live' | 'stalled' | 'retrying' | 'closed';

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

export interface SourceStatus extends Partial<Size> {
  /** Secrets masked. */
  readonly url: string;
  readonly codec?: string;
  readonly fps?: number;
  /** Codec of the sound, or `none`. */
  readonly audio?: string;
  readonly decoder?: string;
  /** Why that decoder; names those that failed on this source. */
  readonly decoderReason?: string;
}

export interface TargetStatus {
  readonly id: string;
  /** Stream key masked. */
  readonly url: string;
  readonly state: TargetState;
  /** ISO 8601, when `state` began. */
  readonly since: string;
  readonly bytes: number;
  readonly retries: number;
  readonly error?: string;
}

export interface PersonStatus {
  readonly trackId: TrackId;
  /** Index of the tile, 0 is the leftmost; absent without a tile. */
  readonly slot?: number;
  /** Pixels of the source picture. */
  readonly box: Box;
  readonly score: number;
}

/** What the streams of one process take together, bytes. */
export interface ProcessMemory {
  /** Resident in the machine's memory. */
  readonly processBytes: number;
  /** Streams that share it. */
  readonly streamsInProcess: number;
  /** Buffers on the GPU; absent where none is used. */
  readonly gpuBytes?: number;
}

/** What `GET /api/v1/streams/:id` answers, less what only the gateway knows (`id`, `viewers`). */
export interface StreamStatus {
  readonly state: StreamState;
  readonly error?: string;
  readonly source: SourceStatus;
  readonly output: Size & {
    readonly fps: number;
    readonly encoder: string;
    /** Why that encoder; says so when another one failed. */
    readonly encoderReason?: string;
    readonly bitrateKbps: number;
  };
  readonly people: readonly PersonStatus[];
  readonly latencyMs: Readonly<Record<'decode' | 'detect' | 'compose' | 'encode' | 'total', Percentiles>>;
  readonly frames: {
    readonly in: number;
    readonly out: number;
    readonly repeated: number;
    readonly dropped: number;
  };
  readonly targets: readonly TargetStatus[];
  /** Of the process that runs the stream; absent while it does not run. */
  readonly memory?: ProcessMemory;
  readonly reid: {
    readonly computed: number;
    readonly skipped: number;
    readonly activationRatio: number;
    readonly swapsSuspected: number;
    readonly swapsCorrected: number;
  };
}

/** What people and programs see of a stream. */
export interface StreamView extends StreamStatus {
  readonly id: string;
  /** Browsers that receive the stream. */
  readonly viewers: number;
}
