import { DiptychError } from '../../shared/domain/errors.js';
import type { MovedTo } from '../../shared/signaling/protocol.js';

/** Another host of the cluster runs the stream, or is to send it to this viewer. */
export class MovedError extends DiptychError {
  /** Which one. */
  readonly moved: MovedTo;

  constructor(streamId: string, moved: MovedTo) {
    super('DIPTYCH_E_MOVED', `"${streamId}" is sent to you by ${moved.host}; subscribe there: ${moved.url}`);
    this.moved = moved;
  }
}
