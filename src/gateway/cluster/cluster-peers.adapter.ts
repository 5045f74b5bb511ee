import * as z from 'zod';
import type { StreamView } from '../../shared/domain/stream-status.js';
import { streamViewSchema } from '../api/schemas.js';
import type { ClusterView, LiveHost } from './cluster-view.js';
import type { PeerRequests } from './peer-requests.adapter.js';

/** What {@link ClusterPeers} needs. */
export interface ClusterPeersOptions {
  /** Which hosts there are. */
  readonly view: ClusterView;
  /** This host. */
  readonly hostId: string;
  /** Asks another host. */
  readonly requests: Pick<PeerRequests, 'ask'>;
}

/** What another host runs, as it said. */
export interface PeerAnswer {
  /** By their names; those of the last answer where it does not answer. */
  readonly streams: ReadonlyMap<string, StreamView>;
  /** Why it did not answer; absent where it did. */
  readonly problem?: string;
}

/** For how long an answer holds, ms: pages ask every two seconds. */
const FRESH_MS = 1000;
/** A host that has not answered by then is taken for one that does not, ms. */
const ANSWER_LIMIT_MS = 1500;

interface Asked {
  readonly atMs: number;
  readonly answer: Promise<PeerAnswer>;
}

/** Asks other hosts what they run, each at most once a second however many ask here. */
export class ClusterPeers {
  readonly #options: ClusterPeersOptions;
  readonly #asked = new Map<string, Asked>();

  constructor(options: ClusterPeersOptions) {
    this.#options = options;
  }

  /** What each other host runs, by the names of hosts. Never rejects. */
  async ask(): Promise<ReadonlyMap<string, PeerAnswer>> {
    const { view, hostId } = this.#options;
    const others = [...view.hosts.values()].filter(({ id }) => id !== hostId);
    for (const id of this.#asked.keys()) if (!view.hosts.has(id)) this.#asked.delete(id);
    return new Map(await Promise.all(others.map(async (host) => [host.id, await this.#answerOf(host)] as const)));
  }

  #answerOf(host: LiveHost): Promise<PeerAnswer> {
    const known = this.#asked.get(host.id);
    const nowMs = performance.now();
    if (known && nowMs - known.atMs < FRESH_MS) return known.answer;
    const answer = this.#read(host).catch(async (error: unknown): Promise<PeerAnswer> => {
      const { streams } = (await known?.answer) ?? { streams: new Map<string, StreamView>() };
      return { streams, problem: reasonOf(error) };
    });
    this.#asked.set(host.id, { atMs: nowMs, answer });
    return answer;
  }

  async #read(host: LiveHost): Promise<PeerAnswer> {
    const answer = await this.#options.requests.ask(host, {
      ...{ path: '/api/v1/streams?of=host', limitMs: ANSWER_LIMIT_MS },
    });
    const told = z.array(z.unknown()).parse(answer);
    const streams = new Map<string, StreamView>();
    for (const each of told) {
      // A host of another version may tell what this one does not know.
      const { data } = streamViewSchema.safeParse(each);
      if (data) streams.set(data.id, data as StreamView);
    }
    return { streams };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
