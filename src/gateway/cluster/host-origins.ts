import type { HostAddress } from '../../shared/domain/host-address.js';

/** A page that was loaded from a host is let in so long after that host has gone, ms: as long as what it shows holds. */
const KEPT_MS = 12 * 3_600_000;
/** Hosts that are remembered, at most. */
const MAX_KEPT = 500;

/**
 * Origins of the pages of all hosts, those included that have gone: a page goes on with another host when the one that
 * it was loaded from has died, and has the origin of that one as long as it is open.
 */
export class HostOrigins {
  /** When each was there last, ms; the latest is the last one. */
  readonly #seenMs = new Map<string, number>();

  /** These hosts are there now. */
  see(hosts: readonly HostAddress[], nowMs: number): void {
    for (const { url } of hosts) {
      if (!URL.canParse(url)) continue;
      const { origin } = new URL(url);
      this.#seenMs.delete(origin);
      this.#seenMs.set(origin, nowMs);
    }
    for (const [origin, atMs] of this.#seenMs) {
      if (nowMs - atMs <= KEPT_MS && this.#seenMs.size <= MAX_KEPT) break;
      this.#seenMs.delete(origin);
    }
  }

  /** Those that are let in. */
  list(): readonly string[] {
    return [...this.#seenMs.keys()];
  }
}
