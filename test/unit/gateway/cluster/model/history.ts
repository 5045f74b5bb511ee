import { FOLDERS } from '#src/gateway/cluster/transactions.js';
import { seededRandom } from '#src/shared/random.js';
import { SimulatedEtcd } from './simulated-etcd.js';
import { BESIDE_LIMIT_MS, type Weakness } from './host-surroundings.js';
import { SimulatedHost } from './simulated-host.js';
import { SimulatedTime } from './simulated-time.js';

export interface HistoryResult {
  /** What was not to happen; absent where all invariants held. */
  readonly violation?: string;
  /** What was done to the cluster, for a person who looks for the cause. */
  readonly faults: readonly string[];
  readonly claims: number;
  readonly refusedStates: number;
  /** Claims that went from one host to another in one transaction. */
  readonly handOvers: number;
  /** Of them, those of hosts that were being drained. */
  readonly drained: number;
  /** Claims by hosts that were drained before, and take streams again. */
  readonly afterUndrain: number;
}

/** So long after the last fault every stream has to run, ms. */
const PLACED_WITHIN_MS = 5000;
const FAULTS_UNTIL_MS = 12_000;

/** One cluster with its faults, from a seed; the same seed is the same history. */
export function runHistory(seed: number, weakness: Weakness = {}): HistoryResult {
  return new History(seed, weakness).run();
}

class History {
  readonly #random: () => number;
  readonly #time = new SimulatedTime();
  readonly #etcd: SimulatedEtcd;
  readonly #hosts: SimulatedHost[] = [];
  readonly #faults: string[] = [];
  /** The newest claim whose bytes have reached the RTMP server, by stream. */
  readonly #published = new Map<string, number>();
  /** When a stream that is wanted began not to run. */
  readonly #awaySince = new Map<string, number>();
  #violation: string | undefined;
  #lastFaultMs = 0;
  #claims = 0;
  #refusedStates = 0;
  #handOvers = 0;
  #drained = 0;
  #afterUndrain = 0;
  /** Who has each stream, and who has been drained and takes streams again. */
  readonly #owners = new Map<string, string>();
  readonly #undrained = new Set<string>();
  readonly #streams: number;
  #forever = 0;

  constructor(seed: number, weakness: Weakness) {
    this.#random = seededRandom(seed);
    this.#etcd = new SimulatedEtcd(this.#time);
    const hosts = 2 + this.#whole(3);
    const streams = 1 + this.#whole(3);
    this.#streams = streams;
    for (let index = 0; index < streams; index++) this.#want(`camera-${index}`);
    this.#etcd.watch((changes) => {
      for (const { key, now } of changes) {
        if (key.startsWith(FOLDERS.claims)) this.#countClaim(key, now?.value);
        if (!now) continue;
        if (key.startsWith(FOLDERS.state)) this.#checkState(key.slice(FOLDERS.state.length), now.value);
      }
    });
    const world = {
      ...{ time: this.#time, etcd: this.#etcd, random: this.#random, weakness, byteEveryMs: 40 },
      // Never more than all hosts have room for, known after 1.5 s, and always something else.
      costs: { of: () => 0.2 + 0.8 * this.#random(), faster: 10 },
      onBytes: (...bytes: [string, number, string]) => this.#onBytes(...bytes),
      statesWritten: (_stream: string, _epoch: number, wasTaken: boolean) => {
        if (!wasTaken) this.#refusedStates++;
      },
    };
    // Each has room for all, so that there is room as long as one lives.
    for (let index = 0; index < hosts; index++) this.#hosts.push(new SimulatedHost(`host-${index}`, streams, world));
  }

  run(): HistoryResult {
    const faults = 1 + this.#whole(4);
    for (let index = 0; index < faults; index++) {
      this.#time.after(1500 + this.#random() * (FAULTS_UNTIL_MS - 1500), () => this.#inject());
    }
    const watch = (): void => {
      this.#checkPlaced();
      this.#time.after(200, watch);
    };
    watch();
    for (let endMs = 1000; endMs <= 40_000 && this.#violation === undefined; endMs += 1000) {
      this.#time.runUntil(endMs);
      if (endMs > FAULTS_UNTIL_MS && endMs > this.#lastFaultMs + PLACED_WITHIN_MS + BESIDE_LIMIT_MS + 1000) break;
    }
    return {
      ...(this.#violation !== undefined && { violation: this.#violation }),
      ...{ faults: this.#faults, claims: this.#claims, refusedStates: this.#refusedStates },
      ...{ handOvers: this.#handOvers, drained: this.#drained, afterUndrain: this.#afterUndrain },
    };
  }

  #countClaim(key: string, value: string | undefined): void {
    const former = this.#owners.get(key);
    this.#owners.delete(key);
    if (value === undefined) return;
    const { host } = JSON.parse(value) as { readonly host: string };
    this.#owners.set(key, host);
    this.#claims++;
    if (this.#undrained.has(host)) this.#afterUndrain++;
    if (former === undefined) return;
    this.#handOvers++;
    if (this.#etcd.key(FOLDERS.draining + former)) this.#drained++;
  }

  #whole(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #between(fromMs: number, toMs: number): number {
    return fromMs + this.#random() * (toMs - fromMs);
  }

  #want(streamId: string): void {
    this.#etcd.commit({ when: [], then: [{ type: 'put', key: FOLDERS.streams + streamId, value: '{"units":1}' }] });
  }

  #fail(text: string): void {
    this.#violation ??= `${(this.#time.nowMs / 1000).toFixed(3)} s: ${text}`;
  }

  #onBytes(streamId: string, epoch: number, hostId: string): void {
    const newest = this.#published.get(streamId) ?? 0;
    if (epoch < newest) {
      this.#fail(`${hostId} publishes ${streamId} by claim ${epoch}, after claim ${newest} was published`);
    }
    this.#published.set(streamId, Math.max(newest, epoch));
  }

  #checkState(streamId: string, value: string): void {
    const { epoch } = JSON.parse(value) as { readonly epoch: number };
    const claim = this.#etcd.key(FOLDERS.claims + streamId);
    if (claim?.revision !== epoch) this.#fail(`the state of ${streamId} was written by claim ${epoch}`);
  }

  #checkPlaced(): void {
    for (const host of this.#hosts) {
      if (!host.isAlive) continue;
      for (const [streamId, epoch] of host.runs) {
        const other = this.#hosts.find((one) => one !== host && one.isAlive && one.runs.get(streamId) === epoch);
        if (other) this.#fail(`${host.id} and ${other.id} run ${streamId} by one claim`);
      }
    }
    for (const { key } of this.#etcd.all()) {
      if (!key.startsWith(FOLDERS.streams)) continue;
      const streamId = key.slice(FOLDERS.streams.length);
      const claim = this.#etcd.key(FOLDERS.claims + streamId);
      if (claim && this.#hosts.some(({ isAlive, runs }) => isAlive && runs.get(streamId) === claim.revision)) {
        this.#awaySince.delete(streamId);
        continue;
      }
      // A stream that moves and cannot run on two hosts for a while is away then.
      const awaySinceMs = this.#awaySince.get(streamId) ?? this.#time.nowMs;
      this.#awaySince.set(streamId, awaySinceMs);
      if (this.#time.nowMs < Math.max(this.#lastFaultMs, awaySinceMs) + PLACED_WITHIN_MS) continue;
      this.#fail(
        `${streamId} does not run, ${Math.round(this.#time.nowMs - this.#lastFaultMs)} ms after the last fault`,
      );
    }
  }

  #note(text: string): void {
    this.#lastFaultMs = Math.max(this.#lastFaultMs, this.#time.nowMs);
    this.#faults.push(`${(this.#time.nowMs / 1000).toFixed(3)} s: ${text}`);
  }

  #inject(): void {
    const host = this.#hosts[this.#whole(this.#hosts.length)]!;
    const faults = [
      () => this.#crash(host),
      () => this.#pause(host, this.#between(100, 10_000)),
      () => this.#cutOff(host, this.#between(200, 8000)),
      () => this.#slowDown(host),
      () => this.#loseLeader(),
      () => this.#loseLeader(),
      () => this.#wantAnew(),
      () => this.#move(host),
      () => this.#drain(host),
    ];
    const which = this.#whole(faults.length);
    faults[which]!();
    // What is given away meets another fault on its way.
    if (which >= faults.length - 2 && this.#random() < 0.6)
      this.#time.after(this.#random() * 2500, () => this.#inject());
  }

  #crash(host: SimulatedHost): void {
    if (!host.isAlive) return;
    this.#note(`${host.id} crashes`);
    host.crash();
    if (this.#random() < 0.4 && this.#forever < this.#hosts.length - 1) {
      this.#forever++;
      return;
    }
    this.#undoLater(this.#between(100, 6000), () => {
      this.#note(`${host.id} starts again`);
      host.restart();
    });
  }

  #pause(host: SimulatedHost, forMs: number): void {
    this.#note(`${host.id} stops`);
    host.pause();
    this.#undoLater(forMs, () => {
      this.#note(`${host.id} goes on`);
      host.resume();
    });
  }

  #cutOff(host: SimulatedHost, forMs: number): void {
    this.#note(`${host.id} does not reach etcd`);
    host.isCutOff = true;
    this.#undoLater(forMs, () => {
      this.#note(`${host.id} reaches etcd`);
      host.reconnect();
    });
  }

  #slowDown(host: SimulatedHost): void {
    host.delayMs = this.#between(100, 600);
    this.#note(`etcd is ${Math.round(host.delayMs)} ms away from ${host.id}`);
    const isCutOffThen = this.#random() < 0.5;
    this.#undoLater(this.#between(1000, 6000), () => {
      host.delayMs = 0;
      if (isCutOffThen) this.#cutOff(host, this.#between(1000, 6000));
      else this.#note(`etcd is near ${host.id} again`);
    });
  }

  /** Some hosts go on asking the member that was the leader: cut off from the others with it, or beside them. */
  #loseLeader(): void {
    const staleMs = this.#random() < 0.5 ? 0 : this.#between(100, 2500);
    this.#note(`etcd loses its leader, who notices after ${Math.round(staleMs)} ms`);
    this.#etcd.loseLeader(this.#between(200, 4000), staleMs);
    for (const host of this.#hosts) {
      if (this.#random() < 0.5) continue;
      host.isAtFormerLeader = staleMs > 0;
      const isCutOff = host.isAtFormerLeader && this.#random() < 0.5;
      if (isCutOff) host.isCutOff = true;
      this.#undoLater(staleMs + this.#between(0, 4000), () => {
        this.#note(`${host.id} asks other members`);
        host.isAtFormerLeader = false;
        if (isCutOff) host.reconnect();
      });
    }
    this.#undoLater(4500, () => this.#note('etcd has a leader'));
  }

  #wantAnew(): void {
    if (!this.#etcd.hasLeader) return;
    const streamId = `camera-${this.#whole(this.#streams)}`;
    this.#note(`${streamId} is deleted`);
    this.#etcd.commit({ when: [], then: [{ type: 'delete', key: FOLDERS.streams + streamId }] });
    this.#undoLater(this.#between(0, 3000), () => this.#whenLed(`${streamId} is added`, () => this.#want(streamId)));
  }

  #move(host: SimulatedHost): void {
    const streamId = `camera-${this.#whole(this.#streams)}`;
    if (!this.#etcd.hasLeader) return;
    this.#note(`${streamId} is to move to ${host.id}`);
    const value = JSON.stringify({ to: host.id });
    this.#etcd.commit({ when: [], then: [{ type: 'put', key: FOLDERS.moves + streamId, value }] });
  }

  #drain(host: SimulatedHost): void {
    if (!this.#etcd.hasLeader) return;
    this.#note(`${host.id} is drained`);
    const key = FOLDERS.draining + host.id;
    this.#etcd.commit({ when: [], then: [{ type: 'put', key, value: '{}' }] });
    this.#undoLater(this.#between(1000, 8000), () =>
      this.#whenLed(`${host.id} takes streams again`, () => {
        this.#undrained.add(host.id);
        this.#etcd.commit({ when: [], then: [{ type: 'delete', key }] });
      }),
    );
  }

  #whenLed(note: string, run: () => unknown): void {
    if (this.#etcd.hasLeader) {
      this.#note(note);
      run();
    } else this.#undoLater(200, () => this.#whenLed(note, run));
  }

  /** Until then the cluster is not expected to be well. */
  #undoLater(delayMs: number, run: () => void): void {
    this.#lastFaultMs = Math.max(this.#lastFaultMs, this.#time.nowMs + delayMs);
    this.#time.after(delayMs, run);
  }
}
