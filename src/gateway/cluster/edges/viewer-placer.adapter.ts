import type { z } from 'zod';
import type { HostAddress } from '../../../shared/domain/host-address.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import type { ClusterView, LiveHost } from '../cluster-view.js';
import type { PeerRequests } from '../peer-requests.adapter.js';
import { hostViewersSchema, takenSchema, VIEWERS_PATH, type offerSchema } from './host-viewers.js';
import { spreadViewers, type ServingHost } from './spread-viewers.js';

/** What a {@link ViewerPlacer} works with. */
export interface ViewerPlacerOptions {
  /** Which hosts there are. */
  readonly view: ClusterView;
  /** This host. */
  readonly hostId: string;
  /** `cluster.viewersPerHost`. */
  readonly viewersPerHost: number;
  /** Viewers that this host sends pictures to, of all streams. */
  readonly load: () => number;
  /** Hosts that pull a stream from this one. */
  readonly pullersOf: (streamId: string) => ReadonlySet<string>;
  /** Asks other hosts. */
  readonly requests: Pick<PeerRequests, 'ask'>;
  /** Told where viewers are sent. */
  readonly logger: Logger;
}

/** A host that has not answered by then takes no viewers, ms: a viewer waits. */
const ANSWER_LIMIT_MS = 1000;
/** For how long an answer holds, ms. */
const FRESH_MS = 1000;
/** A host that did not answer is asked again after so long, ms. */
const SILENT_MS = 2000;

interface Known {
  readonly atMs: number;
  readonly answer: Promise<ServingHost | undefined>;
  /** Sent there since. */
  sent: number;
}

/**
 * Finds a host for each viewer that comes for a stream that runs here, once this host sends to as many as it should: asks
 * hosts how many viewers they have, and has the one that is chosen keep a place. Viewers that come together are placed
 * together, with one question to each host.
 */
export class ViewerPlacer {
  readonly #options: ViewerPlacerOptions;
  readonly #known = new Map<string, Known>();
  readonly #waiting = new Map<string, ((host: HostAddress | undefined) => void)[]>();
  #isPlacing = false;

  constructor(options: ViewerPlacerOptions) {
    this.#options = options;
  }

  /** The host for one more viewer of a stream; absent: this one. Never rejects. */
  async hostFor(streamId: string): Promise<HostAddress | undefined> {
    const { load, viewersPerHost } = this.#options;
    if (load() < viewersPerHost) return undefined;
    return new Promise((resolve) => {
      this.#waiting.set(streamId, [...(this.#waiting.get(streamId) ?? []), resolve]);
      if (!this.#isPlacing) void this.#placeAll();
    });
  }

  async #placeAll(): Promise<void> {
    this.#isPlacing = true;
    for (let next = this.#next(); next; next = this.#next()) {
      const [streamId, waiting] = next;
      const hosts = await this.#place(streamId, waiting.length).catch((error: unknown) => {
        this.#options.logger.warn({ err: error, stream: streamId }, 'viewers cannot be sent to other hosts');
        return [];
      });
      waiting.forEach((resolve, index) => resolve(hosts[index]));
    }
    this.#isPlacing = false;
  }

  #next(): readonly [string, ((host: HostAddress | undefined) => void)[]] | undefined {
    const [next] = this.#waiting;
    if (next) this.#waiting.delete(next[0]);
    return next;
  }

  /** A host for each of them, at most; those that are left stay here. */
  async #place(streamId: string, count: number): Promise<HostAddress[]> {
    const { view, hostId, viewersPerHost, load, pullersOf, logger } = this.#options;
    const placed: HostAddress[] = [];
    const refusing = new Set<string>();
    let kept = 0;
    for (let left = count; left > 0; left = count - placed.length - kept) {
      const others = (await this.#others(pullersOf(streamId))).filter(({ id }) => !refusing.has(id));
      const owner = { id: hostId, viewers: load() + kept, viewersPerHost, hasStream: true };
      const shares = spreadViewers(left, { streamId, owner, others });
      kept += shares.get(hostId) ?? 0;
      await Promise.all(
        others.map(async (other) => {
          const count = shares.get(other.id) ?? 0;
          const host = view.hosts.get(other.id);
          const mayExceed = other.viewers + count > other.viewersPerHost;
          const taken = host && count > 0 ? await this.#offer(host, { stream: streamId, count, mayExceed }) : 0;
          if (taken < count) refusing.add(other.id);
          if (!host || taken === 0) return;
          logger.debug({ stream: streamId, to: host.id, viewers: taken }, 'viewers are sent to another host');
          placed.push(...new Array<HostAddress>(taken).fill({ host: host.id, url: host.url }));
        }),
      );
    }
    return placed;
  }

  async #others(pullers: ReadonlySet<string>): Promise<ServingHost[]> {
    const { view, hostId } = this.#options;
    for (const id of this.#known.keys()) if (!view.hosts.has(id)) this.#known.delete(id);
    const asked = [...view.hosts.values()].filter(({ id }) => id !== hostId && !view.draining.has(id));
    const told = await Promise.all(asked.map((host) => this.#askedFor(host)));
    return told.flatMap((host) => (host ? [{ ...host, hasStream: pullers.has(host.id) }] : []));
  }

  async #askedFor(host: LiveHost): Promise<ServingHost | undefined> {
    const nowMs = performance.now();
    let known = this.#known.get(host.id);
    if (!known || nowMs - known.atMs > FRESH_MS) {
      const answer = this.#ask(host);
      known = { atMs: nowMs, answer, sent: 0 };
      this.#known.set(host.id, known);
      // One that does not answer is not waited for again at once.
      void answer.then((told) => {
        const current = this.#known.get(host.id);
        if (!told && current?.answer === answer) {
          this.#known.set(host.id, { ...current, atMs: performance.now() + SILENT_MS - FRESH_MS });
        }
      });
    }
    const answer = await known.answer;
    return answer && { ...answer, viewers: answer.viewers + known.sent };
  }

  async #ask(host: LiveHost): Promise<ServingHost | undefined> {
    try {
      const answer = await this.#options.requests.ask(host, { path: VIEWERS_PATH, limitMs: ANSWER_LIMIT_MS });
      const { viewers, viewersPerHost, isDraining } = hostViewersSchema.parse(answer);
      if (viewersPerHost === undefined || isDraining) return undefined;
      return { id: host.id, viewers, viewersPerHost, hasStream: false };
    } catch {
      return undefined;
    }
  }

  /** Has a host keep places. @returns how many it keeps */
  async #offer(host: LiveHost, body: z.output<typeof offerSchema>): Promise<number> {
    try {
      const known = this.#known.get(host.id);
      const answer = await this.#options.requests.ask(host, { path: VIEWERS_PATH, limitMs: ANSWER_LIMIT_MS, body });
      const { taken } = takenSchema.parse(answer);
      if (known) known.sent += taken;
      return Math.min(taken, body.count);
    } catch (error) {
      this.#options.logger.debug({ err: error, host: host.id }, 'a host takes no viewers');
      return 0;
    }
  }
}
