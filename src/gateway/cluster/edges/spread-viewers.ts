import { rendezvousHash } from '../placement.js';

/** A host that can send a stream to viewers. */
export interface ServingHost {
  /** Its name. */
  readonly id: string;
  /** Viewers that it sends pictures to, or is about to, of all streams. */
  readonly viewers: number;
  /** `cluster.viewersPerHost` of that host. */
  readonly viewersPerHost: number;
  /** Whether it has the stream already: it runs it, or pulls it. */
  readonly hasStream: boolean;
}

/** How many viewers each host is to take. */
export type ViewerShares = ReadonlyMap<string, number>;

/**
 * Who sends a stream to viewers that come to the host that runs it. That host does as long as it has room; then hosts
 * that pull the stream already, because another pull costs upload; then others. Among equals that with the fewest
 * viewers, and among these the highest hash of stream and host, so that the first edges of many streams are not all the
 * same host. Where nobody has room, everybody takes more than they should, the fewest viewers first: hard limits are
 * `limits.viewers` and `limits.viewersPerStream` of each host.
 *
 * @param count - viewers that come
 * @param owner - the host that runs the stream
 * @param others - hosts that can pull it: they are there, and are not drained
 * @returns for each host that takes some how many; `count` in all
 */
export function spreadViewers(
  count: number,
  {
    streamId,
    owner,
    others,
  }: { readonly streamId: string; readonly owner: ServingHost; readonly others: readonly ServingHost[] },
): ViewerShares {
  const hosts = [owner, ...others].map((host) => ({
    ...host,
    hash: rendezvousHash(streamId, host.id),
    isOwner: host === owner,
    taken: 0,
  }));
  type Candidate = (typeof hosts)[number];
  const rank = ({ isOwner, hasStream, viewers, viewersPerHost, taken }: Candidate): number => {
    if (viewers + taken >= viewersPerHost) return 3;
    if (isOwner) return 0;
    return hasStream || taken > 0 ? 1 : 2;
  };
  const isBetter = (one: Candidate, other: Candidate): boolean => {
    const ranks = rank(one) - rank(other);
    if (ranks !== 0) return ranks < 0;
    const viewers = one.viewers + one.taken - other.viewers - other.taken;
    if (viewers !== 0) return viewers < 0;
    if (one.isOwner !== other.isOwner) return one.isOwner;
    return one.hash > other.hash || (one.hash === other.hash && one.id < other.id);
  };
  for (let left = count; left > 0; left--) {
    hosts.reduce((best, host) => (isBetter(host, best) ? host : best)).taken++;
  }
  return new Map(hosts.filter(({ taken }) => taken > 0).map(({ id, taken }) => [id, taken]));
}
