import type { StreamConfig } from '../../shared/config/schema.js';
import type { RememberedPeople } from '../../shared/domain/remembered-people.js';
import type { ProcessGpu } from '../../shared/ipc/messages.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { StreamIngress } from './managed-stream-events.js';
import type { ProcessLease } from './process-lease.adapter.js';

/** A stream, as its ingress sees it. */
export interface IngressOwner {
  /** Of the stream. */
  readonly id: string;
  /** A viewer cannot go on without a keyframe. */
  requestKeyframe(): void;
  /** The ingress is lost. */
  renewIngress(): void;
}

/** What a stream needs of the gateway. */
export interface ManagedStreamOptions {
  /** Every target has an id. */
  readonly config: StreamConfig;
  /** Its name in its process, which stays when it is renamed. @defaultValue that of the configuration */
  readonly runName?: string;
  /** What the stream may use of the GPU. */
  readonly gpu: ProcessGpu;
  /** Where it runs; released when the stream is closed. */
  readonly lease: ProcessLease;
  /** Opens the ingress of one run; the stream closes it. */
  readonly createIngress: (stream: IngressOwner) => Promise<StreamIngress>;
  /** Whom its first run knows from another host. @defaultValue nobody */
  readonly people?: RememberedPeople;
  /** Whether it begins without targets and recording, until {@link ManagedStream.silence} ends that. @defaultValue false */
  readonly isSilent?: boolean;
  /** Told whom a stream knows, by its name, whenever that changes. Must not throw. */
  readonly onPeople?: ((streamId: string, people: RememberedPeople) => void) | undefined;
  /** Lines of the stream get its id. */
  readonly logger: Logger;
  /**
   * A picture that has not come by then is given up, s. Higher: a busy stream still answers. Lower:
   * callers of a stream that hangs wait less. @defaultValue 5
   */
  readonly snapshotTimeoutS?: number;
}
