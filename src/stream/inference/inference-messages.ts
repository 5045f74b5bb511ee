import type { ErrorCode } from '../../shared/domain/errors.js';

/** What an inference thread is started with. */
export interface ThreadSetup<Setup> {
  /** Memory of the gate that every call into ONNX Runtime passes (`thread-gate.ts`). */
  readonly gate: SharedArrayBuffer;
  /** What the service of the thread is opened with; must survive a structured clone. */
  readonly setup: Setup;
}

/** To the thread: a request with a number that its reply carries, or the end. */
export type ThreadRequest<Question> =
  { readonly type: 'ask'; readonly id: number; readonly question: Question } | { readonly type: 'close' };

/** `ready` comes once and first; then one `answer` or `failed` for each `ask`, in order. */
export type ThreadReply<Answer> =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer }
  /** Without `id`: the thread could not start. */
  | { readonly type: 'failed'; readonly id?: number; readonly code: ErrorCode; readonly message: string };
