import { DiptychError, type ErrorCode } from '../../shared/domain/errors.js';

/** What a {@link RefusedRequest} says besides its words. */
export interface Refusal {
  /** HTTP status, 4xx or 5xx. */
  readonly status: number;
  /** Headers that the status asks for, such as `Allow`. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Stable, for programs. @defaultValue `DIPTYCH_E_BAD_INPUT` */
  readonly code?: ErrorCode;
}

/** A request that is refused with a status and headers of HTTP that no code of an error stands for. */
export class RefusedRequest extends DiptychError {
  /** HTTP status. */
  readonly status: number;
  /** Headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(message: string, { status, headers = {}, code = 'DIPTYCH_E_BAD_INPUT' }: Refusal) {
    super(code, message);
    this.status = status;
    this.headers = headers;
  }
}
