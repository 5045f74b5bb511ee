import { setTimeout as sleep } from 'node:timers/promises';
import { isPublishedSource } from '../../shared/config/source-url.js';
import { isShowing } from '../../shared/domain/stream-status.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { StreamStore } from '../state/stream-store.adapter.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRunner } from './cluster-member.adapter.js';
import type { ClusterStreams } from './cluster-streams.adapter.js';
import type { WantedRecord } from './cluster-view.js';
import type { KeptPeople } from './kept-people.adapter.js';
import type { SealedText } from './sealed-text.adapter.js';

/** What a {@link ClusterRunner} works with. */
export interface ClusterRunnerOptions {
  /** Streams as etcd has them. */
  readonly streams: ClusterStreams;
  /** Opens configurations. */
  readonly sealed: SealedText;
  /** Whom streams know. */
  readonly people: KeptPeople;
  /** Where streams run. */
  readonly store: Pick<StreamStore, 'take' | 'drop'>;
  /** A stream that runs here, or is being ended. */
  readonly find: (streamId: string) => ManagedStream | undefined;
  /** Whether another host runs it. */
  readonly isElsewhere: (streamId: string) => boolean;
  /** Tells those who watch a stream that another host has it. */
  readonly tellMoved: (streamId: string) => void;
  /** Why a stream that is claimed here does not run, by its name; written here. */
  readonly problems: Map<string, string>;
  /** Told what cannot run. */
  readonly logger: Logger;
}

/** How long viewers have to go to the host that has the stream, until it ends here, ms; a page needs about one second. */
const LINGER_MS = 3000;

/** Runs the streams that this host has claimed, and those that it is to take from another host. */
export class ClusterRunner implements StreamRunner {
  readonly #options: ClusterRunnerOptions;
  /** Of each stream one thing after another: one that is to end must not begin afterwards. */
  readonly #turns = new Map<string, Promise<void>>();
  /** Those that were told to publish nothing because they are given away. */
  readonly #leaving = new Set<string>();

  constructor(options: ClusterRunnerOptions) {
    this.#options = options;
  }

  /** Runs a stream; one that ran beside publishes from now on. */
  readonly run = (stream: WantedRecord): void => {
    void this.#inTurn(stream.id, async () => {
      await this.#take(stream, true);
      this.#options.streams.isBeside.delete(stream.id);
      await this.#options
        .find(stream.id)
        ?.silence(false)
        .catch(() => undefined);
    });
  };

  /** A stream that runs is wanted otherwise. */
  readonly change = (stream: WantedRecord): void => {
    void this.#inTurn(stream.id, () => this.#take(stream, false));
  };

  /** Ends a stream; where another host has it, viewers have a moment to go there. */
  readonly end = (streamId: string): Promise<void> =>
    this.#inTurn(streamId, async () => {
      const { isElsewhere, tellMoved } = this.#options;
      if (this.#leaving.delete(streamId) && isElsewhere(streamId)) {
        tellMoved(streamId);
        await sleep(LINGER_MS);
      }
      await this.#drop(streamId);
    });

  /** Runs a stream of another host without targets and recording; resolves at its first picture. */
  readonly prepare = async (stream: WantedRecord): Promise<void> => {
    this.#options.streams.isBeside.add(stream.id);
    await this.#inTurn(stream.id, () => this.#take(stream, true, true));
    const beside = this.#options.find(stream.id);
    if (!beside) throw new Error(this.#options.problems.get(stream.id) ?? 'it does not run');
    // Nobody can publish to both.
    if (!isPublishedSource(beside.config.source.url)) await untilShowing(beside);
  };

  /** Publishes and records nothing, or what is wanted. Rejects where that is not certain. */
  readonly silence = async (streamId: string, isSilent: boolean): Promise<void> => {
    if (isSilent) this.#leaving.add(streamId);
    else this.#leaving.delete(streamId);
    await this.#options.find(streamId)?.silence(isSilent);
  };

  #inTurn(id: string, work: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(work);
    this.#turns.set(id, turn);
    return turn;
  }

  async #take({ id, sealed: text }: WantedRecord, isRun: boolean, isSilent = false): Promise<void> {
    const { sealed, streams, people, store, problems, logger } = this.#options;
    try {
      const written = sealed.open(text ?? '', id);
      const isNews = streams.took(id, written);
      const known = isRun ? await people.of(id) : undefined;
      const more = { isSilent, ...(known && { people: known }) };
      if (isNews || isRun) await store.take(JSON.parse(written), more);
      problems.delete(id);
    } catch (error) {
      problems.set(id, error instanceof Error ? error.message : String(error));
      logger.error({ stream: id, err: error }, 'a stream of the cluster cannot run here as it is kept');
    }
  }

  async #drop(id: string): Promise<void> {
    const { streams, people, store, problems, logger } = this.#options;
    streams.dropped(id);
    problems.delete(id);
    people.forget(id);
    await store.drop(id).catch((error: unknown) => logger.error({ stream: id, err: error }, 'a stream did not end'));
  }
}

/** Resolves at the first composed picture of the source. Rejects where the stream ends before. */
function untilShowing(stream: ManagedStream): Promise<void> {
  const isThere = (): boolean => isShowing(stream.status.state) && stream.status.frames.out > 0;
  if (isThere()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!isThere()) return;
      stream.off('status', look).off('closed', end);
      resolve();
    };
    const end = (): void => {
      stream.off('status', look);
      reject(new Error('it was ended before its first picture'));
    };
    stream.on('status', look).once('closed', end);
  });
}
