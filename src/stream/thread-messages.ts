import type { MessagePort } from 'node:worker_threads';
import type { Problem } from '../shared/domain/status-error.js';
import type { StreamCommand } from '../shared/ipc/messages.js';

/** What a thread of a stream process begins with. */
export interface ThreadSetup {
  /** To the thread that builds its graphs. */
  readonly builder: MessagePort;
}

/** The process's main thread → one with streams. It answers with reports, as a process does. */
export type ThreadCommand =
  | { readonly type: 'stream'; readonly streamId: string; readonly command: StreamCommand }
  /** `unasked`: why, where the gateway did not ask for it. */
  | { readonly type: 'stop-all'; readonly unasked?: Problem };
