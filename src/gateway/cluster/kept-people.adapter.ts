import type { RememberedPeople } from '../../shared/domain/remembered-people.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { ClusterMember } from './cluster-member.adapter.js';
import type { SealedText } from './sealed-text.adapter.js';
import { packPeople, unpackPeople } from './packed-people.adapter.js';
import { FOLDERS, stateTransaction } from './transactions.js';

/** What {@link KeptPeople} needs. */
export interface KeptPeopleOptions {
  /** Writes, as long as the stream is this host's. */
  readonly member: Pick<ClusterMember, 'commit' | 'read' | 'epochOf'>;
  /** Encrypts names and faces. */
  readonly sealed: SealedText;
  /** Told what cannot be kept. */
  readonly logger: Logger;
}

/** How often the people of a stream are written, ms. Lower forgets less where a host fails, and gives etcd more to do. */
const WRITE_INTERVAL_MS = 1000;

/** As etcd keeps it. */
interface StateRecord {
  /** The claim by which it was written. */
  readonly epoch: number;
  /** Who is known, packed and encrypted. */
  readonly sealed: string;
}

/** Whom streams know, in etcd: the host that runs a stream next knows names and faces from the start. */
export class KeptPeople {
  readonly #options: KeptPeopleOptions;
  readonly #waiting = new Map<string, RememberedPeople>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: KeptPeopleOptions) {
    this.#options = options;
  }

  /** Whom the last run of a stream knew; absent where that is not known, or cannot be read. */
  async of(streamId: string): Promise<RememberedPeople | undefined> {
    const { member, sealed, logger } = this.#options;
    try {
      const text = await member.read(FOLDERS.state + streamId);
      if (text === undefined) return undefined;
      const { sealed: kept } = JSON.parse(text) as StateRecord;
      return unpackPeople(sealed.openBytes(kept, aboutOf(streamId)));
    } catch (error) {
      logger.warn({ stream: streamId, err: error }, 'whom the stream knew cannot be read; it begins anew');
      return undefined;
    }
  }

  /** Keeps whom a stream knows, a moment later. */
  keep(streamId: string, people: RememberedPeople): void {
    this.#waiting.set(streamId, people);
    if (this.#timers.has(streamId)) return;
    const write = (): void => {
      this.#timers.delete(streamId);
      void this.#write(streamId);
    };
    this.#timers.set(streamId, setTimeout(write, WRITE_INTERVAL_MS).unref());
  }

  /** The stream runs here no more. */
  forget(streamId: string): void {
    clearTimeout(this.#timers.get(streamId));
    this.#timers.delete(streamId);
    this.#waiting.delete(streamId);
  }

  async #write(streamId: string): Promise<void> {
    const { member, sealed, logger } = this.#options;
    const people = this.#waiting.get(streamId);
    const epoch = member.epochOf(streamId);
    this.#waiting.delete(streamId);
    if (!people || epoch === undefined) return;
    const record: StateRecord = { epoch, sealed: sealed.seal(packPeople(people), aboutOf(streamId)) };
    await member.commit(stateTransaction(streamId, epoch, JSON.stringify(record))).catch((error: unknown) => {
      logger.debug({ stream: streamId, err: error }, 'whom the stream knows could not be kept');
    });
  }
}

const aboutOf = (streamId: string): string => `people of ${streamId}`;
