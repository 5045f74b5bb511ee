import type { LayoutName } from '../domain/layout.js';
import type { OverlayBox } from '../domain/overlay.js';
import type { RememberedPeople } from '../domain/remembered-people.js';
import type { NumberedShot, ShotStatus } from '../domain/shot.js';
import type { SlotAction } from '../domain/slot-action.js';
import type { Problem } from '../domain/status-error.js';
import type { StageTimings, StreamStatus } from '../domain/stream-status.js';
import type { GpuConfig, StreamConfig } from '../config/schema.js';

/** Where a stream process sends RTP for one medium: a PlainTransport of mediasoup. */
export interface RtpDestination {
  /** IP address. */
  readonly host: string;
  /** UDP port for RTP. */
  readonly rtpPort: number;
  /** UDP port for RTCP; never the same as for RTP. */
  readonly rtcpPort: number;
  /** Of every RTP packet; never 0. */
  readonly ssrc: number;
  /** Of every RTP packet, 96 … 127. */
  readonly payloadType: number;
  /** Sequence number of the first packet, 0 … 65535; a run that goes on where another ended takes the one that follows. */
  readonly firstSequence: number;
  /** Ports to send from, because packets are taken from no others. Absent: free ones, which it reports. */
  readonly from?: RtpOrigin;
}

/** From where a stream process sends RTP of one medium; what comes from elsewhere is no media of it. */
export interface RtpOrigin {
  /** IP address. */
  readonly host: string;
  /** UDP port that RTP is sent from. */
  readonly rtpPort: number;
  /** UDP port that RTCP is sent from. */
  readonly rtcpPort: number;
}

/** From where a stream sends its media. */
export type MediaOrigins = Readonly<Record<'video' | 'audio', RtpOrigin>>;

/** Where RTP of one medium ended. */
export interface RtpPosition {
  /** Sequence number of the packet that would have been the next one, 0 … 65535. */
  readonly nextSequence: number;
  /** Time stamp of the last packet; what goes on is later. Absent where that is long ago. */
  readonly lastTimestamp?: number;
}

/** Where the media of one run of a stream ended, for the run that goes on with it. */
export type MediaPosition = Readonly<Record<'video' | 'audio', RtpPosition>>;

export type { SlotAction };

/** Pictures or sound that somebody publishes, as RTP of them reaches the stream process. */
export interface PublishedTrack {
  /** Encoding name of RTP, in upper case: `H264`, `VP8`, `VP9`, `OPUS`. */
  readonly encoding: string;
  /** Of every RTP packet, 96 … 127. */
  readonly payloadType: number;
  /** Of the time stamps, Hz. */
  readonly clockRate: number;
}

/** What somebody publishes to a stream whose source is `whip:`. */
export interface Publication {
  /** Another one with each publisher. */
  readonly id: string;
  /** The pictures. */
  readonly video: PublishedTrack;
  /** The sound; absent: silence. */
  readonly audio?: PublishedTrack;
  /** Where its RTP comes from; nothing else is taken for it. */
  readonly from: PublicationOrigin;
}

/** From where the gateway passes a publication on; the same for as long as it lasts. */
export interface PublicationOrigin {
  /** IP address. */
  readonly host: string;
  /** UDP port of the pictures. */
  readonly video: number;
  /** UDP port of the sound; absent where there is none. */
  readonly audio?: number;
}

/** UDP ports on which a stream process takes what is published. */
export interface ReceivingPorts {
  /** {@link Publication.id}. */
  readonly publicationId: string;
  /** IP address. */
  readonly host: string;
  /** For RTP of the pictures. */
  readonly video: number;
  /** For RTP of the sound. */
  readonly audio: number;
  /** For RTCP of both; nothing answers there. */
  readonly rtcp: number;
}

/** A server that a stream is to be published to. */
export interface WantedTarget {
  /** Unique within the stream. */
  readonly id: string;
  /** Secret: it may hold the stream key. */
  readonly url: string;
  /** Secret; absent where `url` holds it. */
  readonly key?: string;
}

/** An action that is done once, whatever is sent again. */
export interface NumberedAction {
  /** Rises with each action of a stream, also over its restarts; from 1. */
  readonly number: number;
  /** What to do. */
  readonly action: SlotAction;
}

/** What people asked of the tiles. */
export interface WantedSlots {
  /** Whether people keep their tiles wherever they go; holds over restarts. */
  readonly isLocked: boolean;
  /** In their order, those that are not known to be done. `lock` is never among them: it is a state. */
  readonly actions: readonly NumberedAction[];
}

/**
 * All that is wanted of a stream: one document, sent whole with the start and again after every
 * change, also before the stream is ready. Sending it twice, or leaving out one before a later one,
 * makes no difference. Options of `config` that cannot be changed while the stream runs are those it
 * was started with.
 */
export interface WantedStream {
  /** Rises with every change. */
  readonly revision: number;
  /** Checked; its `targets` are not read, see below. */
  readonly config: StreamConfig;
  /** Each is published to for as long as it is listed. */
  readonly targets: readonly WantedTarget[];
  /** Who is to be in which tile. */
  readonly slots: WantedSlots;
  /** The shot that somebody asked for last; absent where the rules decide. */
  readonly shot?: NumberedShot;
  /** Who was known to the run before; only with the start, absent where there was none. */
  readonly people?: RememberedPeople;
  /** What is published to it now; absent where nobody publishes, and where its source is another one. */
  readonly publication?: Publication;
}

/** How far a stream has followed what is wanted. */
export interface ReachedState {
  /**
   * Of {@link WantedStream}. Nothing runs that it does not want, and nothing of an older revision is
   * on air; what it wants has been started, or is started as soon as the stream is ready.
   */
  readonly revision: number;
  /** Number of the last action that was done or refused; 0 before the first one. */
  readonly slotAction: number;
}

/** What the streams of a process may use of the GPU; the same for all of them. */
export interface ProcessGpu extends GpuConfig {
  /** Whether the process may have several streams: networks then take pictures of all of them together. @defaultValue false */
  readonly isShared?: boolean;
}

/** Gateway → one stream of a stream process. */
export type StreamCommand =
  | {
      readonly type: 'start';
      readonly wanted: WantedStream;
      readonly gpu: ProcessGpu;
      readonly video: RtpDestination;
      readonly audio: RtpDestination;
      /** No media is sent before `send-media`: another run sends it still. */
      readonly isHeld?: boolean;
    }
  /** To a run that is held: it goes on where the other one ended, with a keyframe. */
  | { readonly type: 'send-media'; readonly position: MediaPosition }
  /** No more media from here; answered by `media-released`. */
  | { readonly type: 'release-media' }
  | { readonly type: 'wanted'; readonly wanted: WantedStream }
  | { readonly type: 'keyframe'; readonly minDistanceMs: number }
  | { readonly type: 'snapshot'; readonly requestId: number }
  | { readonly type: 'stop' };

/** What a stream process without a stream opens in advance; a start that needs just this finds it open. */
export interface Preparation {
  /** Networks, and the output that encoder and artwork are tried with. */
  readonly config: Pick<StreamConfig, 'detect' | 'reid' | 'output' | 'people' | 'slots' | 'shots' | 'framing'>;
  /** Of the process. */
  readonly gpu: ProcessGpu;
}

/**
 * Gateway → stream process; `prepare` to a process that has no stream yet, `end` once none of its
 * streams is left.
 */
export type ProcessCommand =
  | (StreamCommand & { readonly streamId: string })
  | { readonly type: 'prepare'; readonly preparation: Preparation }
  // Before anything is opened.
  | { readonly type: 'environment'; readonly variables: Readonly<Record<string, string>> }
  | { readonly type: 'end' };

/** What the viewer's overlay shows on the output frame with this RTP time stamp. */
export interface OverlayFrame {
  /** 90 kHz, as in the video RTP packets, modulo 2^32; the same clock in all processes of a machine. */
  readonly rtpTimestamp: number;
  /** How the frame is divided. */
  readonly layout: LayoutName;
  /** How people are shown, and why; absent while there is no picture of the source. */
  readonly shot?: Pick<ShotStatus, 'kind' | 'reason'>;
  /** In pixels of the output; each person that is shown has one. */
  readonly boxes: readonly OverlayBox[];
}

/** Something that happened, for the log, the page and `--events`. */
export interface StreamEvent {
  /** Running time of the stream, milliseconds. */
  readonly ptsMs: number;
  /** What happened, such as `source_lost`. */
  readonly name: string;
  /** Depends on the name; no secrets. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** One stream of a stream process → gateway. */
export type StreamReport =
  /** `publishableVideo`: encoding names of pictures that can be decoded where they are published, best first. */
  | { readonly type: 'ready'; readonly publishableVideo: readonly string[] }
  /** It takes what is published on these ports from now on, and on no others. */
  | { readonly type: 'receives'; readonly ports: ReceivingPorts }
  /** What is published cannot be decoded without a keyframe; several may be asked for within a short time. */
  | { readonly type: 'keyframe-wanted' }
  /** The last packet of its media has been sent. */
  | { readonly type: 'media-released'; readonly position: MediaPosition }
  /** After every `wanted`, and whenever it changes. */
  | { readonly type: 'reached'; readonly reached: ReachedState }
  /** Once a second, and whenever `state` changes. `sent`: where its media is; absent where none is sent. */
  | {
      readonly type: 'status';
      readonly status: StreamStatus;
      readonly timings?: StageTimings;
      readonly sent?: MediaPosition;
    }
  /** Whenever somebody else is known, or has another name. */
  | { readonly type: 'people'; readonly people: RememberedPeople }
  | { readonly type: 'overlay'; readonly overlay: OverlayFrame }
  | { readonly type: 'event'; readonly event: StreamEvent }
  | { readonly type: 'snapshot'; readonly requestId: number; readonly jpegBase64?: string; readonly error?: string }
  /** The last one: nothing of the stream is left. `error` says why it failed; absent when it was done or told to stop. */
  | { readonly type: 'stopped'; readonly error?: Problem };

/** How often a stream process says that it lives, ms; the main thread does, so a thread that is stuck is noticed. */
export const HEARTBEAT_MS = 500;

/** Stream process → gateway. */
export type ProcessReport =
  | (StreamReport & { readonly streamId: string })
  /** Before its first packet; once for each start. */
  | { readonly type: 'media'; readonly streamId: string; readonly origins: MediaOrigins }
  /** What was to be prepared is open, as far as it can be had. */
  | { readonly type: 'prepared' }
  /** Every {@link HEARTBEAT_MS}. `isOpening`: it opens networks, and may be silent for long. */
  | { readonly type: 'heartbeat'; readonly isOpening: boolean };
