import type { Box, Size } from './box.js';
import type { FrameMemory } from './frame.js';
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

export type StageName = 'decode' | 'detect' | 'reid' | 'compose' | 'encode';

/** Where a stage has its frames, and why there. */
export interface FrameResidency {
  readonly stage: StageName;
  readonly memory: FrameMemory;
  readonly reason: string;
}

/** Bytes by what they are for: pixels of frames, what was found, and what is carried over once. */
export interface BusBytes {
  readonly frame: number;
  readonly result: number;
  readonly setup: number;
}

/** Between the machine's memory and the card's, by all streams of the process since it began. */
export interface BusTraffic {
  readonly toDevice: BusBytes;
  readonly toHost: BusBytes;
}

/** `used`: works on the GPU · `off`: works on the CPU · `lost`: works on the CPU, because the GPU failed. */
export type GpuState = 'used' | 'off' | 'lost';

/** What a stream makes of the GPU, and why. */
export interface GpuStatus {
  readonly state: GpuState;
  /** Of the card; absent where none was opened. */
  readonly name?: string;
  readonly reason: string;
  /** In the order of the way of a frame. */
  readonly stages: readonly FrameResidency[];
  /** Absent where no card was opened. */
  readonly traffic?: BusTraffic;
  /** Bytes for each composed frame of late, set-up left out; absent before there is one. */
  readonly bytesPerFrame?: { readonly toDevice: number; readonly toHost: number };
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
  /** Absent before the stream has chosen. */
  readonly gpu?: GpuStatus;
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
