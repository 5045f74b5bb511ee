import type { MessagePort } from 'node:worker_threads';
import type { Problem } from '../shared/domain/status-error.js';
import type { Preparation, ProcessReport, StreamCommand } from '../shared/ipc/messages.js';

/** What a thread of a stream process begins with. */
export interface ThreadSetup {
  /** To the thread that builds its graphs. */
  readonly builder: MessagePort;
  /** To the thread that starts its threads. */
  readonly starter: MessagePort;
}

/** A thread with streams → the process's main thread: as a process reports, and with each heartbeat what its objects of JavaScript take. */
export type ThreadReport =
  /** Nothing that was prepared is left. */
  | { readonly type: 'gave-back' }
  | Exclude<ProcessReport, { readonly type: 'heartbeat' }>
  | (Extract<ProcessReport, { readonly type: 'heartbeat' }> & { readonly scriptBytes: number });

/** The process's main thread → one with streams. */
export type ThreadCommand =
  | { readonly type: 'prepare'; readonly preparation: Preparation }
  /** Frees what was prepared. */
  | { readonly type: 'give-back' }
  /** Frees what was prepared, and ends the thread; it has no stream. */
  | { readonly type: 'end' }
  | { readonly type: 'stream'; readonly streamId: string; readonly command: StreamCommand }
  /** `unasked`: why, where the gateway did not ask for it. */
  | { readonly type: 'stop-all'; readonly unasked?: Problem };
