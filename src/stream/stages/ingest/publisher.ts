import type { Publication, ReceivingPorts } from '../../../shared/ipc/messages.js';

/** Whoever publishes to a stream by WHIP, as its source sees them: the gateway takes their media, and passes it on. */
export interface Publisher {
  /** What is published now; absent while nobody publishes. */
  readonly publication: Publication | undefined;
  /** What is said while nobody publishes: one sentence with what to do. */
  readonly absence: string;
  /** What is published is to come to these ports from now on. */
  receive(ports: ReceivingPorts): void;
  /** Whoever publishes is to send a keyframe; may be called often. */
  requestKeyframe(): void;
}
