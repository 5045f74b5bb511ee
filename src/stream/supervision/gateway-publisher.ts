import type { Publication, ReceivingPorts, StreamReport } from '../../shared/ipc/messages.js';
import type { Publisher } from '../stages/ingest/publisher.js';

/** What a {@link GatewayPublisher} needs. */
export interface GatewayPublisherOptions {
  /** Of the stream that is published to. */
  readonly streamId: string;
  /** Takes reports to the gateway. */
  readonly report: (report: StreamReport) => void;
}

/** Whoever publishes to a stream, as the gateway tells of them. */
export class GatewayPublisher implements Publisher {
  readonly #options: GatewayPublisherOptions;
  #publication: Publication | undefined;

  constructor(options: GatewayPublisherOptions) {
    this.#options = options;
  }

  /** As in {@link Publisher}. */
  get publication(): Publication | undefined {
    return this.#publication;
  }

  /** As in {@link Publisher}. */
  get absence(): string {
    const { streamId } = this.#options;
    return `nobody publishes yet; open the page /publish/${streamId} of this gateway with a camera, or set OBS to WHIP with its address and /whip/${streamId}`;
  }

  /** What is published from now on. Returns whether it is by somebody else, or by nobody any more. */
  follow(publication: Publication | undefined): boolean {
    const isOther = publication?.id !== this.#publication?.id;
    this.#publication = publication;
    return isOther;
  }

  /** As in {@link Publisher}. */
  receive(ports: ReceivingPorts): void {
    this.#options.report({ type: 'receives', ports });
  }

  /** As in {@link Publisher}. */
  requestKeyframe(): void {
    this.#options.report({ type: 'keyframe-wanted' });
  }
}
