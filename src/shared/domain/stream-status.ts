import type { PoseCounts } from './detection.js';
import type { DurationCounts } from './durations.js';
import type { Box, Size } from './box.js';
import type { FrameMemory } from './frame.js';
import type { EdgeViewers, HostAddress } from './host-address.js';
import type { SourceTrackStatus } from './source-track-status.js';
import type { StatusError } from './status-error.js';
import type { RecordingStatus } from './recording.js';
import type { ShotStatus } from './shot.js';
import type { TileHold } from './slot-action.js';
import type { Track, TrackId } from './track.js';

/**
 * `connecting`: no frame yet · `waiting_for_keyframe`: packets arrive, and decoding can begin with the next keyframe
 * only · `live` · `overloaded`: live, and this machine leaves out pictures because it cannot follow · `frozen`: live,
 * and the source sends the same picture for ever · `stalled`: no frame for a moment · `offline`: the source was lost
 * and is retried · `unauthorized`: the source refuses who asks, and is retried seldom · `failed`: the stream
 * process could not go on, or the source cannot work as it is, such as a file that is missing · `pending`: no host of
 * the cluster runs it.
 */
export const STREAM_STATES = [
  'connecting',
  'waiting_for_keyframe',
  'live',
  'overloaded',
  'frozen',
  'stalled',
  'offline',
  'unauthorized',
  'failed',
  'pending',
] as const;
/** One of {@link STREAM_STATES}. */
export type StreamState = (typeof STREAM_STATES)[number];
/** States in which something is the matter with the pictures of a source that is received. */
export type SourceTrouble = Extract<StreamState, 'waiting_for_keyframe' | 'overloaded' | 'frozen'>;
/** Whether pictures come in and go out. */
export const isShowing = (state: StreamState): boolean =>
  state === 'live' || state === 'overloaded' || state === 'frozen';

/**
 * `waiting`: the stream does not run yet, or not any more; it is connected as soon as the stream is ready ·
 * `connecting`: a connection is being made · `live` · `stalled`: the server takes nothing, or less than it
 * is given · `retrying`: waits to connect
 * again · `closed`: was removed.
 */
export const TARGET_STATES = ['waiting', 'connecting', 'live', 'stalled', 'retrying', 'closed'] as const;
/** One of {@link TARGET_STATES}. */
export type TargetState = (typeof TARGET_STATES)[number];

/** Median and 95th percentile of recent samples, milliseconds; 0 before there is one. */
export interface Percentiles {
  /** Half of the samples are at most this, ms. */
  readonly p50: number;
  /** 95 % of the samples are at most this, ms. */
  readonly p95: number;
}

/** A source that is wanted in place of the one that is received, and has no picture yet. */
export interface NextSourceStatus {
  /** Secrets masked. */
  readonly url: string;
  /** ISO 8601, when it was first opened. */
  readonly since: string;
  /** Why it does not come, and when it is opened again; absent while nothing has failed. */
  readonly error?: StatusError;
}

/** What a stream receives; fields are absent until they are known. */
export interface SourceStatus extends Partial<Size> {
  /** Secrets masked. */
  readonly url: string;
  /** Of the video: `h264`, `h265`, `jpeg` …; absent before the source is open. */
  readonly codec?: string;
  /** Frames a second, as measured over recent frames. */
  readonly fps?: number;
  /** Codec of the sound, or `none`. */
  readonly audio?: string;
  /** Why there is no sound. */
  readonly audioReason?: string | undefined;
  /** How RTP travels from a camera. */
  readonly transport?: 'tcp' | 'udp';
  /** Why it travels like this. */
  readonly transportReason?: string;
  /** What a camera offers, in its order; those that are not taken were never asked for. */
  readonly tracks?: readonly SourceTrackStatus[];
  /** GStreamer element that decodes the video. */
  readonly decoder?: string;
  /** Why that decoder; names those that failed on this source. */
  readonly decoderReason?: string;
  /** Times it was lost, or did not come, and was opened again; counted since the stream process started the stream. */
  readonly reconnects?: number;
  /** What is to take its place; absent where nothing is. */
  readonly next?: NextSourceStatus;
}

/** One RTMP(S) server or SRT receiver that the stream is published to. */
export interface TargetStatus {
  /** Unique within the stream. */
  readonly id: string;
  /** Stream key masked. */
  readonly url: string;
  /** Whether it receives the stream now. */
  readonly state: TargetState;
  /** ISO 8601, when `state` began. */
  readonly since: string;
  /** Sent since the target was added, over all connections. */
  readonly bytes: number;
  /** Connections that failed or broke, since the target was added. */
  readonly retries: number;
  /**
   * Pictures that were left out since the target was added, up to a keyframe each time, because the server or the
   * network took less than it was given; of SRT also packets that were too late to be sent.
   */
  readonly dropped: number;
  /**
   * Why the last connection ended, or what a target that is called waits for, secrets masked; absent once it is live or
   * closed.
   */
  readonly error?: StatusError;
}

/** One person whom the stream follows now. */
export interface PersonStatus extends Pick<Track, 'head' | 'gaze'> {
  /** Number for `pin`; changes when the person is lost and found again. */
  readonly trackId: TrackId;
  /** Stays with the person; absent where they have none. */
  readonly name?: string;
  /** Index of the tile, 0 is the leftmost; absent without a tile. */
  readonly slot?: number;
  /** Pixels of the source picture. */
  readonly box: Box;
  /** Confidence of the last detection that matched, in [0, 1]. */
  readonly score: number;
  /** Present for somebody who gets no tile, by name or number (`people.leaveOut`). */
  readonly isLeftOut?: true;
}

/** The stages that read or write pixels, in their order in the chain. */
export type StageName = 'decode' | 'detect' | 'reid' | 'compose' | 'encode';

/** Where a stage has its frames, and why there. */
export interface FrameResidency {
  /** The stage that is meant. */
  readonly stage: StageName;
  /** Where its frames lie. */
  readonly memory: FrameMemory;
  /** One sentence: which element or backend, and why no faster one. */
  readonly reason: string;
}

/** Bytes by what they are for: pixels of frames, what was found, and what is carried over once. */
export interface BusBytes {
  /** Pixels of whole frames. */
  readonly frame: number;
  /** Boxes, embeddings and other results. */
  readonly result: number;
  /** Weights and artwork, once. */
  readonly setup: number;
}

/** Between the machine's memory and the GPU's, by all streams of the process since it began. */
export interface BusTraffic {
  /** From the machine's memory to the GPU's. */
  readonly toDevice: BusBytes;
  /** From the GPU's memory to the machine's. */
  readonly toHost: BusBytes;
}

/** `used`: works on the GPU · `off`: works on the CPU · `lost`: works on the CPU, because the GPU failed. */
export type GpuState = 'used' | 'off' | 'lost';

/** Whether and how a stream uses the GPU, and why. */
export interface GpuStatus {
  /** Whether the stream works on it. */
  readonly state: GpuState;
  /** Of the GPU, as its driver names it; absent where none was opened. */
  readonly name?: string;
  /** Which one of this host, as `nvidia-smi` counts; absent where the process took what it found. */
  readonly index?: number;
  /** One sentence: which GPU, or why none is used. */
  readonly reason: string;
  /** In the order in which a frame passes them. */
  readonly stages: readonly FrameResidency[];
  /** Absent where no GPU was opened. */
  readonly traffic?: BusTraffic;
  /** Bytes for each composed frame of late, set-up left out; absent before there is one. */
  readonly bytesPerFrame?: { readonly toDevice: number; readonly toHost: number };
}

/** The stages whose time is measured, and the whole way from the decoder to the encoder's output. */
export const TIMED_STAGES = ['decode', 'detect', 'reid', 'compose', 'encode', 'total'] as const;
/** One of {@link TIMED_STAGES}. */
export type TimedStageName = (typeof TIMED_STAGES)[number];
/** How long stages took, since the stream process started the stream. */
export type StageTimings = Readonly<Record<TimedStageName, DurationCounts>>;

/** Memory that the streams of one process use together, bytes. */
export interface ProcessMemory {
  /** Resident in the machine's memory. */
  readonly processBytes: number;
  /** Streams that share it. */
  readonly streamsInProcess: number;
  /** Of it, objects of JavaScript on the threads that decide. */
  readonly scriptBytes?: number;
  /** Of it, allocated by native code through the C library: decoders, encoders, networks. */
  readonly nativeBytes?: number;
  /** Held by the C library's allocator for later. */
  readonly nativeFreeBytes?: number;
  /** Buffers on the GPU; absent where none is used. */
  readonly gpuBytes?: number;
}

/** What `GET /api/v1/streams/:id` answers, less what only the gateway knows (`id`, `viewers`). */
export interface StreamStatus {
  /** Whether the source delivers. */
  readonly state: StreamState;
  /** ISO 8601, when the state began; present while it is `waiting_for_keyframe`, `overloaded` or `frozen`. */
  readonly since?: string;
  /** Why the state is not `live`, secrets masked; present in every state but `live`. */
  readonly error?: StatusError;
  /** What comes in. */
  readonly source: SourceStatus;
  /** What goes out: one encode for all viewers and targets. */
  readonly output: Size & {
    /** Constant, frames a second. */
    readonly fps: number;
    /** GStreamer element that encodes the video; empty before it is chosen. */
    readonly encoder: string;
    /** Why that encoder; says so when another one failed. */
    readonly encoderReason?: string;
    /** As configured, of the video, kbit/s. */
    readonly bitrateKbps: number;
  };
  /** Everybody who is followed, whether shown in a tile or not. */
  readonly people: readonly PersonStatus[];
  /** How people are shown, and why; absent before the first picture. */
  readonly shot?: ShotStatus;
  /** What people have fixed of the tiles; absent before the first picture. */
  readonly tiles?: TileHold;
  /** Time that a frame spends in each stage, and from decoding to the encoder's output, ms. */
  readonly latencyMs: Readonly<Record<'decode' | 'detect' | 'compose' | 'encode' | 'total', Percentiles>>;
  /** Counted since the stream process started the stream. */
  readonly frames: {
    /** Frames that the source delivered. */
    readonly in: number;
    /** Frames that went to the encoder. */
    readonly out: number;
    /** Of `out`, those that show a source frame again, because no new one had come. */
    readonly repeated: number;
    /** Frames that were searched for people: fewer than `in` where the machine is busy, or as `detect.maxFps` says. */
    readonly detected: number;
    /** Frames of the source that were never shown. */
    readonly dropped: number;
    /** Of `dropped`, by reason; the rest came faster than the output shows, or too late for it. */
    readonly droppedBy: {
      /** Compressed, up to a keyframe, because decoding could not follow. */
      readonly decode: number;
      /** Decoded, because the stream did not take them in time. */
      readonly late: number;
    };
    /** What came damaged from a camera: packets that were refused, and pictures that were decoded with errors. */
    readonly damaged: number;
  };
  /** In the order of the configuration. */
  readonly targets: readonly TargetStatus[];
  /** Whether and how the stream is recorded. */
  readonly recording: RecordingStatus;
  /** Of the process that runs the stream; absent while it does not run. */
  readonly memory?: ProcessMemory;
  /** Absent before the stream has chosen. */
  readonly gpu?: GpuStatus;
  /** Comparing faces, counted since the stream started. */
  readonly reid: {
    /** Embeddings that were computed. */
    readonly computed: number;
    /** Detections matched to tracks for which none was needed. */
    readonly skipped: number;
    /** Share of the detections matched to tracks for which one was computed; 0 before there is any. */
    readonly activationRatio: number;
    /** How often two people may have exchanged their tracks. */
    readonly swapsSuspected: number;
    /** How often they had, and it was put right. */
    readonly swapsCorrected: number;
  };
  /** Reading poses (`detect.pose`), counted since the stream started; absent before the first, and where none are read. */
  readonly poses?: PoseCounts;
}

/** What people and programs see of a stream. */
export interface StreamView extends StreamStatus {
  /** Name of the stream; its page is `/s/ID`. */
  readonly id: string;
  /** Browsers and players that receive the stream, from all hosts. */
  readonly viewers: number;
  /** Of `viewers`, those of other hosts of the cluster; absent where there are none. */
  readonly edges?: readonly EdgeViewers[];
  /** Of a cluster: the host that runs it; absent for the host that answers, and where none does. */
  readonly host?: HostAddress;
}
