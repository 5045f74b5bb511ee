import { DiptychError, type ErrorCode } from '../../../shared/domain/errors.js';
import { startChildThread } from '../../inference/child-thread.adapter.js';
import type { ModelEntry } from '../manifest.js';

/** Which network is to take several pictures at a time. */
export interface BatchFormRequest {
  /** Absolute path of the ONNX file. */
  readonly source: string;
  /** Where what is made is kept; made where it is not there. */
  readonly folder: string;
  /** Says what size and range of numbers the network is made for. */
  readonly input?: ModelEntry['input'] | undefined;
}

/** The form of a network that takes several pictures at a time. */
export interface BatchForm {
  /** Of its file; absent where the network takes several as it is. */
  readonly path?: string;
  /** Whether it was made just now, or could not be; else it was there, is not needed, or could not be made before. */
  readonly isNew: boolean;
  /** Why the network does not allow it, and the file that has it not tried again. */
  readonly refusal?: { readonly why: string; readonly notePath: string };
}

/** What the thread answers, once. */
export type BatchFormReply =
  | { readonly type: 'form'; readonly form: BatchForm }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string };

/**
 * Finds the form of a network that takes several pictures at a time, or makes it: on a thread of its own, as running
 * it once beside the original, which shows that it does the same, takes up to seconds for a large one. Where the graph
 * does not allow it, or the result does not do what the original does, that is noted in the folder.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the file cannot be read or is no network, or the folder cannot be
 * written.
 */
export function batchFormOf(request: BatchFormRequest): Promise<BatchForm> {
  const file = 'stream/models/conversion/batch-form-worker.adapter.js';
  return new Promise((resolve, reject) => {
    const failed = (what: string, cause?: Error): void =>
      reject(new DiptychError('DIPTYCH_E_MODEL', `converting ${request.source} ${what}`, { cause }));
    startChildThread(
      { file, name: 'diptych-conversion', data: { request } },
      {
        onMessage: (message) => {
          const reply = message as BatchFormReply;
          if (reply.type === 'failed') reject(new DiptychError(reply.code, reply.message));
          else resolve(reply.form);
        },
        onError: (error) => failed(`ended: ${error.message}`, error),
        onExit: (code) => failed(`ended without a result (exit ${code})`),
      },
    );
  });
}
