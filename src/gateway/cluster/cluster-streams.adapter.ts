import { DiptychError } from '../../shared/domain/errors.js';
import { EMPTY_STATE, type StateDocument } from '../state/state-document.js';
import type { KeptState } from '../state/stream-store-options.js';
import type { SealedText } from './sealed-text.adapter.js';
import { FOLDERS, type Transaction } from './transactions.js';
import { wantedUnits } from './wanted-units.js';

/** What {@link ClusterStreams} needs of the host. */
export interface ClusterStreamsOptions {
  /** Does a transaction. @returns whether its conditions held */
  readonly commit: (transaction: Transaction) => Promise<boolean>;
  /** This host. */
  readonly hostId: string;
  /** Under which it claims; absent while it has none. */
  readonly lease: () => string | undefined;
  /** The claim by which a stream runs here; absent where it does not. */
  readonly epochOf: (streamId: string) => number | undefined;
  /** Encrypts configurations. */
  readonly sealed: SealedText;
}

/** A stream as etcd keeps it. */
export const streamValue = (written: object, streamId: string, sealed: SealedText): string =>
  JSON.stringify({ units: wantedUnits(written), sealed: sealed.seal(JSON.stringify(written), streamId) });

/**
 * Where changes of the streams that run here are kept: in etcd, for whichever host runs them next. A change is refused
 * where the stream is not this host's any more.
 */
export class ClusterStreams implements KeptState {
  /** For messages. */
  readonly path = 'etcd';
  /** Streams that run here beside the host that has them: nothing of them is written. */
  readonly isBeside = new Set<string>();
  readonly #options: ClusterStreamsOptions;
  /** As etcd has them, of the streams that run here. */
  readonly #kept = new Map<string, string>();

  constructor(options: ClusterStreamsOptions) {
    this.#options = options;
  }

  /** Streams come with their claims. */
  read(): Promise<{ readonly state: StateDocument; readonly problems: readonly string[] }> {
    return Promise.resolve({ state: EMPTY_STATE, problems: [] });
  }

  /** A stream runs here from now on. @param written - as etcd has it @returns whether it is news */
  took(streamId: string, written: string): boolean {
    const isNews = this.#kept.get(streamId) !== written;
    this.#kept.set(streamId, written);
    return isNews;
  }

  /** A stream runs here no more. */
  dropped(streamId: string): void {
    this.#kept.delete(streamId);
    this.isBeside.delete(streamId);
  }

  /** Keeps what has changed. @throws {@link DiptychError} `DIPTYCH_E_STATE`, `DIPTYCH_E_CONFLICT`; etcd has what it had then */
  async write({ streams }: StateDocument): Promise<void> {
    const wanted = new Map<string, string>();
    for (const entry of streams) if ('added' in entry) wanted.set(entry.added.id, JSON.stringify(entry.added));
    const gone = [...this.#kept.keys()].filter((id) => !wanted.has(id));
    const added = [...wanted.keys()].filter((id) => !this.#kept.has(id));
    if (gone.length > 0 && added.length > 0) {
      throw new DiptychError(
        'DIPTYCH_E_CONFLICT',
        'a stream of a cluster keeps its name; add it under the new name, and delete the old one',
      );
    }
    for (const [streamId, written] of wanted) {
      if (this.#kept.get(streamId) === written || this.isBeside.has(streamId)) continue;
      if (added.includes(streamId)) await this.#add(streamId, written);
      else await this.#change(streamId, written);
      this.#kept.set(streamId, written);
    }
    for (const streamId of gone) {
      await this.#delete(streamId);
      this.#kept.delete(streamId);
    }
  }

  /** The stream and its claim come to be in one step: no other host begins with it. */
  async #add(streamId: string, written: string): Promise<void> {
    const { hostId, sealed, lease: leaseOf } = this.#options;
    const lease = leaseOf();
    if (lease === undefined) throw readOnly();
    const value = streamValue(JSON.parse(written) as object, streamId, sealed);
    const isDone = await this.#commit({
      when: [
        { key: FOLDERS.streams + streamId, created: 0 },
        { key: FOLDERS.claims + streamId, created: 0 },
      ],
      then: [
        { type: 'put', key: FOLDERS.streams + streamId, value },
        { type: 'put', key: FOLDERS.claims + streamId, value: JSON.stringify({ host: hostId }), lease },
      ],
    });
    if (isDone) return;
    throw new DiptychError('DIPTYCH_E_CONFLICT', `the cluster has a stream "${streamId}" already; choose another id`);
  }

  #change(streamId: string, written: string): Promise<void> {
    const value = streamValue(JSON.parse(written) as object, streamId, this.#options.sealed);
    return this.#asOwner(streamId, [{ type: 'put', key: FOLDERS.streams + streamId, value }]);
  }

  #delete(streamId: string): Promise<void> {
    return this.#asOwner(streamId, [
      { type: 'delete', key: FOLDERS.streams + streamId },
      { type: 'delete', key: FOLDERS.state + streamId },
      { type: 'delete', key: FOLDERS.needs + streamId },
    ]);
  }

  async #asOwner(streamId: string, then: Transaction['then']): Promise<void> {
    const epoch = this.#options.epochOf(streamId);
    const when = [{ key: FOLDERS.claims + streamId, modified: epoch ?? 0 }];
    if (epoch !== undefined && (await this.#commit({ when, then }))) return;
    throw new DiptychError('DIPTYCH_E_STATE', `another host has "${streamId}" now; try again a moment later`);
  }

  async #commit(transaction: Transaction): Promise<boolean> {
    try {
      return await this.#options.commit(transaction);
    } catch (error) {
      if (!(error instanceof DiptychError)) throw error;
      throw new DiptychError('DIPTYCH_E_STATE', error.message, { cause: error });
    }
  }
}

const readOnly = (): DiptychError =>
  new DiptychError('DIPTYCH_E_STATE', 'etcd is not reached, so nothing can be changed; streams go on');
