import { z } from 'zod';
import type { StreamView } from '../../shared/domain/stream-status.js';
import { streamViewSchema } from '../api/schemas.js';
import type { ClusterView, LiveHost } from './cluster-view.js';

/** What {@link ClusterPeers} needs. */
export interface ClusterPeersOptions {
  /** Which hosts there are. */
  readonly view: ClusterView;
  /** This host. */
  readonly hostId: string;
  /** What this host shows to another one. @param theirNowMs - Unix time of that host, ms */
  readonly pass: (theirNowMs: number) => string;
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

/**
 * Asks other hosts what they run, each at most once a second however many ask here. Hosts show each other a token that
 * holds for half a minute of the clock of who is asked, which its answers tell: clocks need not agree.
 */
export class ClusterPeers {
  readonly #options: ClusterPeersOptions;
  readonly #asked = new Map<string, Asked>();
  /** How far the clock of each host is ahead of that of this one, ms. */
  readonly #aheadMs = new Map<string, number>();

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

  async #read(host: LiveHost, isAgain = false): Promise<PeerAnswer> {
    const theirNowMs = Date.now() + (this.#aheadMs.get(host.id) ?? 0);
    const response = await fetch(`${host.url}/api/v1/streams?of=host`, {
      headers: { accept: 'application/json', authorization: `Bearer ${this.#options.pass(theirNowMs)}` },
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const theirMs = Date.parse(response.headers.get('date') ?? '');
    if (Number.isFinite(theirMs)) this.#aheadMs.set(host.id, theirMs - Date.now());
    if (response.status === 401 && !isAgain) return this.#read(host, true);
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    const told = z.array(z.unknown()).parse(await response.json());
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
