import type { ErrorCode } from '../../shared/domain/errors.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { Caller } from '../access/caller.js';

/** Something that somebody did, or tried to do. */
export interface AuditedAct {
  /** Who, and from where. */
  readonly caller: Pick<Caller, 'name' | 'way' | 'address'>;
  /** As in `openapi.json`; over a WebSocket `ws ` and the request. */
  readonly operation: string;
  /** Name of the stream; absent where it was none of a stream. */
  readonly stream?: string | undefined;
  /** Name of the target or of the recording. */
  readonly item?: string | undefined;
  /** HTTP status of the answer; absent over a WebSocket. */
  readonly status?: number;
  /** Of the error; absent where it was done. */
  readonly code?: ErrorCode | undefined;
}

/** Writes one line: who did what from where, and what came of it. It holds no secrets: none of these is one. */
export function audit(
  logger: Pick<Logger, 'info'>,
  { caller, operation, stream, item, status, code }: AuditedAct,
): void {
  logger.info(
    {
      audit: true,
      ...{ who: caller.name, way: caller.way, address: caller.address, operation },
      ...(stream !== undefined && { stream }),
      ...(item !== undefined && { item }),
      ...(status !== undefined && { status }),
      result: code ?? 'done',
    },
    code === undefined ? 'done' : 'refused',
  );
}
