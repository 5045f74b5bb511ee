import type { GpuConfig, SourceConfig } from '../config/schema.js';
import type { Problem } from '../domain/status-error.js';
import type { SourceStatus } from '../domain/stream-status.js';

/** What a process is to try. Gateway → probe process, once. */
export interface ProbeCommand {
  /** With its secrets. */
  readonly source: SourceConfig;
  /** Of the gateway: it decides which decoder a stream would take. */
  readonly gpu: GpuConfig;
  /** Without a picture for so long, the source is told as silent, s. */
  readonly limitS: number;
}

/** What a source sends, and a picture of it. */
export interface ProbeResult {
  /** As in the status of a stream. */
  readonly source: SourceStatus;
  /** The last picture, JPEG, at most 640 pixels wide or high, base64. */
  readonly jpegBase64: string;
}

/** Probe process → gateway, once; the source is closed after that. */
export type ProbeReport =
  | { readonly type: 'found'; readonly result: ProbeResult }
  /** The words hold no secrets. */
  | { readonly type: 'failed'; readonly error: Problem };
