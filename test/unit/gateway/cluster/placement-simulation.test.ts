import { describe, expect, it } from 'vitest';
import { FOLDERS } from '#src/gateway/cluster/transactions.js';
import { seededRandom } from '#src/shared/random.js';
import { SimulatedEtcd } from './model/simulated-etcd.js';
import { SimulatedHost } from './model/simulated-host.js';
import { SimulatedTime } from './model/simulated-time.js';

const HOSTS = 50;
/** After so long what was claimed has been measured, ms. */
const MEASURED_MS = 20_000;

/** Outputs of 360p, 720p, 1080p and 2160p at 30 pictures a second, as they are estimated; and how often, of 20. */
const SIZES = [0.56, 0.56, 0.56, 0.72, 0.72, 0.72, ...Array<number>(12).fill(1), 2.5, 2.5];

class Cluster {
  readonly time = new SimulatedTime();
  readonly etcd = new SimulatedEtcd(this.time);
  readonly hosts: readonly SimulatedHost[];
  readonly #costs = new Map<string, number>();
  readonly #units: number;
  claims = 0;
  needsWritten = 0;
  lastClaimMs = 0;

  constructor(units: number, isMeasured: boolean) {
    this.#units = units;
    this.etcd.watch((changes) => {
      for (const { key, now } of changes) {
        if (now && key.startsWith(FOLDERS.needs)) this.needsWritten++;
        if (!now || !key.startsWith(FOLDERS.claims)) continue;
        this.claims++;
        this.lastClaimMs = this.time.nowMs;
      }
    });
    const world = {
      ...{ time: this.time, etcd: this.etcd, random: seededRandom(1), weakness: {}, byteEveryMs: 0 },
      ...{ onBytes: none, statesWritten: none },
      ...(isMeasured && { costs: { of: (streamId: string) => this.#costs.get(streamId) ?? 1, faster: 1 } }),
    };
    this.hosts = Array.from({ length: HOSTS }, (_, index) => new SimulatedHost(`host-${index}`, units, world));
    this.time.runUntil(2000);
  }

  /** Wants cameras. @returns how long it took until all were claimed, ms */
  want(from: number, to: number, of: (index: number) => { readonly estimate: number; readonly cost: number }): number {
    const startMs = this.time.nowMs;
    const then = Array.from({ length: to - from }, (_, offset) => {
      const { estimate, cost } = of(from + offset);
      this.#costs.set(`camera-${from + offset}`, cost);
      const value = JSON.stringify({ units: estimate });
      return { type: 'put' as const, key: `${FOLDERS.streams}camera-${from + offset}`, value };
    });
    this.etcd.commit({ when: [], then });
    this.time.runUntil(startMs + MEASURED_MS);
    return this.lastClaimMs - startMs;
  }

  get living(): readonly SimulatedHost[] {
    return this.hosts.filter(({ isAlive }) => isAlive);
  }

  /** What each host really has to do, as a share of what it can. */
  get shares(): readonly number[] {
    return this.living.map(({ runs }) => {
      const units = [...runs.keys()].reduce((sum, id) => sum + (this.#costs.get(id) ?? 1), 0);
      return units / this.#units;
    });
  }

  /** Of streams with a host. */
  get owners(): ReadonlyMap<string, string> {
    return new Map(this.living.flatMap(({ id, runs }) => [...runs.keys()].map((stream) => [stream, id] as const)));
  }

  /** @returns how many streams the host had, when all were back, and how many others have another host since */
  lose(host: SimulatedHost): { readonly had: number; readonly backMs: number; readonly moved: number } {
    const before = this.owners;
    const had = host.runs.size;
    const crashMs = this.time.nowMs;
    host.crash();
    this.time.runUntil(crashMs + MEASURED_MS);
    const after = this.owners;
    const moved = [...before].filter(([stream, owner]) => owner !== host.id && after.get(stream) !== owner).length;
    return { had, backMs: this.lastClaimMs - crashMs, moved };
  }
}

function none(): void {}

const percent = (shares: readonly number[]): string =>
  `${Math.round(100 * Math.min(...shares))} to ${Math.round(100 * Math.max(...shares))} %`;

describe('1,000 cameras on 50 hosts', () => {
  it('are placed at once where all are alike, spread, and move only from a host that is lost', () => {
    const cluster = new Cluster(24, true);

    const placedMs = cluster.want(0, 1000, () => ({ estimate: 1, cost: 1 }));
    const spread = cluster.hosts.map(({ runs }) => runs.size);
    const claimsBefore = cluster.claims;
    const { had, backMs, moved } = cluster.lose(cluster.hosts[7]!);

    console.log(
      `alike: placed in ${Math.round(placedMs)} ms, ${Math.min(...spread)} to ${Math.max(...spread)} a host; ` +
        `${had} of a lost host back in ${Math.round(backMs)} ms, ${moved} others moved`,
    );
    expect(placedMs).toBeLessThan(5000);
    expect(Math.max(...spread) - Math.min(...spread)).toBeLessThanOrEqual(6);
    expect(cluster.owners.size).toBe(1000);
    expect(moved).toBe(0);
    expect(cluster.claims - claimsBefore).toBe(had);
    expect(backMs).toBeLessThan(5000);
  }, 120_000);

  it.each<readonly [string, boolean, (random: () => number) => number]>([
    ['take from half to one and a half times that', true, (random) => 0.5 + random()],
    ['take twice that, two of five, and the others 0.6', true, (random) => (random() < 0.4 ? 2 : 0.6)],
    ['take the same, and nobody measures', false, (random) => (random() < 0.4 ? 2 : 0.6)],
  ])(
    'of different size, of estimates that they %s',
    (what, isMeasured, factorOf) => {
      const random = seededRandom(3);
      const cluster = new Cluster(30, isMeasured);
      const camera = (): { readonly estimate: number; readonly cost: number } => {
        const estimate = SIZES[Math.floor(random() * SIZES.length)]!;
        return { estimate, cost: estimate * factorOf(random) };
      };

      const times = [cluster.want(0, 600, camera), cluster.want(600, 1000, camera)];
      const shares = cluster.shares;
      const { had, backMs, moved } = cluster.lose(cluster.hosts[7]!);
      const sharesLater = cluster.shares;
      const full = cluster.living.filter((_, index) => sharesLater[index]! > 1);
      const hadFull = full.map(({ runs }) => runs.size);
      cluster.want(1000, 1050, camera);

      console.log(
        `${what}: 600 placed in ${Math.round(times[0]!)} ms, 400 more in ${Math.round(times[1]!)} ms; hosts at ` +
          `${percent(shares)}; ${had} of a lost host back in ${Math.round(backMs)} ms, ${moved} others moved, then ` +
          `${percent(sharesLater)}, and with 50 more ${percent(cluster.shares)}; ${cluster.needsWritten} measurements`,
      );
      expect(cluster.owners.size).toBe(1050);
      expect(moved).toBe(0);
      expect(Math.max(...times, backMs)).toBeLessThan(5000);
      if (!isMeasured) return;
      // By what came in the same seconds, before anybody knew.
      expect(Math.max(...shares, ...sharesLater)).toBeLessThanOrEqual(1.15);
      expect(full.map(({ runs }) => runs.size)).toEqual(hadFull);
      // Once for each claim: what does not change is not written again.
      expect(cluster.needsWritten).toBe(cluster.claims);
    },
    240_000,
  );
});
