import { workerData } from 'node:worker_threads';
import { DiptychError, type ErrorCode } from '../../../shared/domain/errors.js';
import { startChildThread, type ChildThreadData } from '../../inference/child-thread.adapter.js';

/** What is asked of a thread that converts: at least which network. */
interface ConversionRequest {
  /** Absolute path of the ONNX file. */
  readonly source: string;
}

/** What the thread answers, once. */
type ConversionReply<Result> =
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string };

/**
 * Has a network converted on a thread of its own.
 *
 * @param file - that the thread runs, from the top of dist/; it calls {@link answerConversion}
 * @throws {@link DiptychError} with which the conversion failed; `DIPTYCH_E_MODEL` where the thread ended before.
 */
export function runConversion<Result>(file: string, request: ConversionRequest): Promise<Result> {
  return new Promise((resolve, reject) => {
    const failed = (what: string, cause?: Error): void =>
      reject(new DiptychError('DIPTYCH_E_MODEL', `converting ${request.source} ${what}`, { cause }));
    startChildThread(
      { file, name: 'diptych-conversion', data: { request } },
      {
        onMessage: (message) => {
          const reply = message as ConversionReply<Result>;
          if (reply.type === 'failed') reject(new DiptychError(reply.code, reply.message));
          else resolve(reply.result);
        },
        onError: (error) => failed(`ended: ${error.message}`, error),
        onExit: (code) => failed(`ended without a result (exit ${code})`),
      },
    );
  });
}

/** Does in this thread what {@link runConversion} asks for, and answers it. @param convert - takes the request */
export async function answerConversion(convert: (request: never) => Promise<unknown>): Promise<void> {
  const { port, request } = workerData as ChildThreadData & { readonly request: never };
  const reply: ConversionReply<unknown> = await convert(request).then(
    (result) => ({ type: 'done', result }) as const,
    (error: unknown) => {
      const code = error instanceof DiptychError ? error.code : 'DIPTYCH_E_MODEL';
      return { type: 'failed', code, message: error instanceof Error ? error.message : String(error) } as const;
    },
  );
  port.postMessage(reply);
}
