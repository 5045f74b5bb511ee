import { DiptychError } from '../../shared/domain/errors.js';
import type { StreamReport } from '../../shared/ipc/messages.js';

interface SnapshotRequest {
  readonly resolve: (jpeg: Buffer) => void;
  readonly reject: (error: DiptychError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Pictures that were asked of a stream and have not come yet. */
export class SnapshotRequests {
  readonly #streamId: string;
  readonly #timeoutS: number;
  readonly #requests = new Map<number, SnapshotRequest>();
  #lastId = 0;

  /**
   * Begins without a request.
   *
   * @param timeoutS - a picture that has not come by then is given up, s
   */
  constructor(streamId: string, timeoutS: number) {
    this.#streamId = streamId;
    this.#timeoutS = timeoutS;
  }

  /**
   * Asks for a picture.
   *
   * @param send - takes the number of the request to the stream; false where there is nobody to take it
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` when there is no picture to be had
   */
  ask(send: (requestId: number) => boolean): Promise<Buffer> {
    const requestId = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#requests.delete(requestId);
        const message = `stream "${this.#streamId}" gave no picture within ${this.#timeoutS} s; try again`;
        reject(new DiptychError('DIPTYCH_E_NOT_READY', message));
      }, this.#timeoutS * 1000);
      this.#requests.set(requestId, { resolve, reject, timer });
      if (!send(requestId)) this.failAll();
    });
  }

  /** A picture came, or why there is none. */
  answer({ requestId, jpegBase64, error }: Extract<StreamReport, { type: 'snapshot' }>): void {
    const request = this.#requests.get(requestId);
    if (!request) return;
    this.#requests.delete(requestId);
    clearTimeout(request.timer);
    if (jpegBase64 !== undefined) request.resolve(Buffer.from(jpegBase64, 'base64'));
    else
      request.reject(
        new DiptychError('DIPTYCH_E_NOT_READY', error ?? `stream "${this.#streamId}" has no picture yet; try again`),
      );
  }

  /** The stream does not run any more. */
  failAll(): void {
    for (const { reject, timer } of this.#requests.values()) {
      clearTimeout(timer);
      reject(
        new DiptychError('DIPTYCH_E_NOT_READY', `stream "${this.#streamId}" is not running at the moment; try again`),
      );
    }
    this.#requests.clear();
  }
}
