import type { LayoutName } from '../domain/layout.js';
import type { OverlayBox } from '../domain/overlay.js';
import type { SlotAction } from '../domain/slot-action.js';
import type { StreamStatus } from '../domain/stream-status.js';
import type { GpuConfig, StreamConfig } from '../config/schema.js';

/** Where a stream process sends RTP for one medium: a PlainTransport of mediasoup with `comedia`. */
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
}

export type { SlotAction };

/** Gateway → one stream of a stream process. */
export type StreamCommand =
  | {
      readonly type: 'start';
      readonly config: StreamConfig;
      readonly gpu: GpuConfig;
      readonly video: RtpDestination;
      readonly audio: RtpDestination;
    }
  | { readonly type: 'target-add'; readonly targetId: string; readonly url: string }
  | { readonly type: 'target-remove'; readonly targetId: string }
  | { readonly type: 'keyframe' }
  | { readonly type: 'slots'; readonly command: SlotAction }
  | { readonly type: 'snapshot'; readonly requestId: number }
  | { readonly type: 'stop' };

/** Gateway → stream process; `end` to the process itself, once none of its streams is left. */
export type ProcessCommand = (StreamCommand & { readonly streamId: string }) | { readonly type: 'end' };

/** What the viewer's overlay shows on the output frame with this RTP time stamp. */
export interface OverlayFrame {
  /** 90 kHz, as in the video RTP packets, modulo 2^32. */
  readonly rtpTimestamp: number;
  /** How the frame is divided. */
  readonly layout: LayoutName;
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
  | { readonly type: 'ready' }
  /** Once a second, and whenever `state` changes. */
  | { readonly type: 'status'; readonly status: StreamStatus }
  | { readonly type: 'overlay'; readonly overlay: OverlayFrame }
  | { readonly type: 'event'; readonly event: StreamEvent }
  | { readonly type: 'snapshot'; readonly requestId: number; readonly jpegBase64?: string; readonly error?: string }
  /** The last one: nothing of the stream is left. `error` says why it failed; absent when it was done or told to stop. */
  | { readonly type: 'stopped'; readonly error?: string };

/** Stream process → gateway. */
export type ProcessReport = StreamReport & { readonly streamId: string };
