import type { MoveAction } from '#src/gateway/cluster/claim-moves.adapter.js';
import { HostAgent } from '#src/gateway/cluster/host-agent.js';
import type { AgentAction } from '#src/gateway/cluster/host-runs.js';
import type { AnsweredRenewal, LeaseDeadline } from '#src/gateway/cluster/lease-deadline.js';
import {
  claimTransaction,
  registerTransaction,
  releaseTransaction,
  type Transaction,
} from '#src/gateway/cluster/transactions.js';
import { WatchedCluster } from '#src/gateway/cluster/watched-cluster.js';
import { BESIDE_LIMIT_MS, MOST_ON_THE_WAY_MS, RENEW_MS, TTL_MS, type HostSurroundings } from './host-surroundings.js';
import { newDeadline, StreamWrites } from './host-state.js';
import { actOnMove } from './simulated-moves.js';
import { askEtcd } from './ask-etcd.js';
import type { KeyChange } from './simulated-etcd.js';

/** The product's decisions on a simulated machine that stops, crashes and loses its network. */
export class SimulatedHost {
  readonly id: string;
  readonly #units: number;
  readonly #world: HostSurroundings;
  readonly #writes: StreamWrites;
  readonly #clockRate: number;
  readonly #clockOriginMs: number;
  readonly #waiting: (() => void)[] = [];
  #cluster = new WatchedCluster();
  #agent: HostAgent;
  #deadline: LeaseDeadline;
  #lease: string | undefined;
  #term: number | undefined;
  #generation = 0;
  #isPaused = false;
  #isStepPlanned = false;
  #isTakePlanned = false;
  readonly #onTheWay: KeyChange[] = [];
  /** Streams that run, by name, with the claim that they run by. */
  readonly runs = new Map<string, number>();
  /** Of them, those that publish nothing for now. */
  readonly #quiet = new Set<string>();
  isAlive = true;
  isCutOff = false;
  isAtFormerLeader = false;
  delayMs = 0;

  constructor(id: string, units: number, world: HostSurroundings) {
    this.id = id;
    this.#units = units;
    this.#world = world;
    this.#writes = new StreamWrites(world);
    // Clocks of machines run apart by far less than 1 in 1000, and begin anywhere.
    this.#clockRate = 1 + (world.random() - 0.5) * 0.002;
    this.#clockOriginMs = world.random() * 1e9;
    this.#agent = new HostAgent({ hostId: id, besideLimitMs: BESIDE_LIMIT_MS });
    this.#deadline = newDeadline(this.#world.weakness);
    world.etcd.watch((changes) => this.#hear(changes));
    this.#begin();
  }

  get #nowMs(): number {
    return this.#clockOriginMs + this.#world.time.nowMs * this.#clockRate;
  }

  crash(): void {
    this.isAlive = false;
    this.#generation++;
    this.runs.clear();
    this.#quiet.clear();
    this.#waiting.length = 0;
    this.#isPaused = false;
  }

  restart(): void {
    if (this.isAlive) return;
    this.isAlive = true;
    this.#cluster = new WatchedCluster();
    this.#agent = new HostAgent({ hostId: this.id, besideLimitMs: BESIDE_LIMIT_MS });
    this.#deadline = newDeadline(this.#world.weakness);
    this.#lease = undefined;
    this.#isStepPlanned = false;
    this.#begin();
  }

  pause(): void {
    this.#isPaused = this.isAlive;
  }

  resume(): void {
    this.#isPaused = false;
    for (const run of this.#waiting.splice(0)) run();
  }

  reconnect(): void {
    this.isCutOff = false;
    if (this.isAlive) this.#catchUp();
  }

  #begin(): void {
    this.#isTakePlanned = false;
    this.#onTheWay.length = 0;
    this.#catchUp();
    this.#renewAgain();
    this.#sendAgain();
    this.#writeAgain();
  }

  #later(delayMs: number, run: () => void): void {
    const generation = this.#generation;
    const start = (): void => {
      if (generation !== this.#generation) return;
      if (this.#isPaused) this.#waiting.push(start);
      else run();
    };
    this.#world.time.after(delayMs, start);
  }

  #ask<T>(call: () => T, onAnswer: (answer: T | undefined) => void, isPossible = () => !this.isCutOff): void {
    const generation = this.#generation;
    const way = {
      ...{ time: this.#world.time, onewayMs: () => this.delayMs + 1 + this.#world.random() * 20, isPossible },
      ...{ later: (...planned: [number, () => void]) => this.#later(...planned) },
      isGone: () => generation !== this.#generation,
    };
    askEtcd(way, call, onAnswer);
  }

  #commit(transaction: Transaction, onAnswer: (isDone: boolean | undefined) => void): void {
    this.#ask(() => this.#world.etcd.commit(transaction), onAnswer);
  }

  #renewAgain(): void {
    if (this.#lease === undefined) this.#takeLease();
    else this.#renew(this.#lease);
    this.#later(RENEW_MS, () => this.#renewAgain());
  }

  #takeLease(): void {
    const { etcd, weakness } = this.#world;
    if (!this.#agent.mayTakeLease && !weakness.takesLeaseWhileRunsEnd) return;
    this.#ask(
      () => etcd.grant(TTL_MS),
      (lease) => {
        if (lease === undefined || this.#lease !== undefined) return;
        this.#lease = lease;
        this.#agent.setLease(lease);
        this.#register(lease);
      },
    );
  }

  #register(lease: string): void {
    const value = JSON.stringify({ url: `http://${this.id}`, units: this.#units, version: '1' });
    this.#commit(registerTransaction(this.id, value, lease), (isDone) => {
      if (isDone !== true && this.#lease === lease) this.#later(RENEW_MS, () => this.#register(lease));
    });
  }

  #renew(lease: string): void {
    const { etcd, weakness } = this.#world;
    const sentAtMs = this.#nowMs;
    const termBefore = this.#term;
    const isPossible = (): boolean => !this.isCutOff || this.isAtFormerLeader;
    this.#ask(
      () => etcd.renew(lease, this.isAtFormerLeader) ?? 'unknown',
      (answer) => {
        if (answer === undefined || this.#lease !== lease) return;
        if (answer === 'unknown') return this.#loseLease();
        const renewal = { sentAtMs, termBefore, ...answer };
        this.#term = answer.term;
        if (weakness.countsUnconfirmed) this.#deadline.confirm({ ...renewal, termBefore: answer.term }, answer.term);
        else this.#confirm(lease, renewal);
      },
      isPossible,
    );
  }

  #confirm(lease: string, renewal: AnsweredRenewal): void {
    this.#ask(
      () => this.#world.etcd.confirm(),
      (term) => {
        if (term === undefined || this.#lease !== lease) return;
        this.#term = term;
        this.#deadline.confirm(renewal, term);
      },
    );
  }

  #loseLease(): void {
    this.#lease = undefined;
    this.#deadline.lose();
    this.#deadline = newDeadline(this.#world.weakness);
    this.#agent.setLease(undefined);
    this.#stepSoon();
  }

  #hear(changes: readonly KeyChange[]): void {
    if (this.isCutOff || !this.isAlive) return;
    this.#onTheWay.push(...changes);
    if (this.#isTakePlanned) return;
    this.#isTakePlanned = true;
    this.#later(this.delayMs + 1 + this.#world.random() * 15, () => {
      this.#isTakePlanned = false;
      const told = this.#onTheWay.splice(0);
      if (this.isCutOff) return;
      for (const { key, now } of told) {
        if (now) this.#cluster.put(now);
        else this.#cluster.delete(key);
      }
      this.#stepSoon();
    });
  }

  #catchUp(): void {
    this.#later(5, () => {
      if (this.isCutOff) return;
      this.#onTheWay.length = 0;
      this.#cluster.reset(this.#world.etcd.all());
      this.#stepSoon();
    });
  }

  #stepSoon(): void {
    if (this.#isStepPlanned) return;
    this.#isStepPlanned = true;
    this.#later(5, () => {
      this.#isStepPlanned = false;
      this.#step();
    });
  }

  #step(): void {
    const actions = this.#agent.step(this.#cluster, this.#nowMs);
    for (const action of actions) this.#act(action);
    const isWaiting = [...this.#cluster.streams.keys()].some((id) => !this.#cluster.claims.has(id));
    if (isWaiting || this.#cluster.draining.has(this.id) || this.#cluster.moves.size > 0)
      this.#later(25, () => this.#stepSoon());
  }

  #act(action: AgentAction): void {
    if (action.type === 'claim') {
      const { streamId } = action;
      this.#commit(claimTransaction(streamId, this.id, this.#lease ?? ''), (isDone) => {
        this.#agent.claimSettled(streamId, isDone === true, this.#nowMs);
        this.#stepSoon();
      });
    } else if (action.type === 'run') {
      this.#quiet.delete(action.claim.streamId);
      this.runs.set(action.claim.streamId, action.claim.epoch);
    } else if (action.type === 'end') this.#end(action.streamId);
    else if (action.type === 'release') {
      const { streamId, epoch } = action.claim;
      this.#commit(releaseTransaction(streamId, epoch), () => {
        this.#agent.releaseSettled(streamId);
        this.#stepSoon();
      });
    } else this.#move(action);
  }

  #end(streamId: string): void {
    const isOver = (): void => {
      this.runs.delete(streamId);
      this.#quiet.delete(streamId);
      this.#later(MOST_ON_THE_WAY_MS, () => {
        this.#agent.ended(streamId);
        this.#stepSoon();
      });
    };
    if (this.#world.weakness.claimsBeforeEnd) this.#agent.ended(streamId);
    this.#later(this.#world.random() * 1500, isOver);
    this.#stepSoon();
  }

  #move(action: MoveAction): void {
    actOnMove(action, {
      ...{ agent: this.#agent, lease: this.#lease ?? '', quiet: this.#quiet, world: this.#world },
      commit: (...asked) => this.#commit(...asked),
      later: (...planned) => this.#later(...planned),
      stepSoon: () => this.#stepSoon(),
      nowMs: () => this.#nowMs,
    });
  }

  #sendAgain(): void {
    const { byteEveryMs, time, random, onBytes } = this.#world;
    if (byteEveryMs <= 0) return;
    if (this.#nowMs < this.#deadline.deadlineMs) {
      for (const [streamId, epoch] of this.runs) {
        if (!this.#quiet.has(streamId))
          time.after(random() * MOST_ON_THE_WAY_MS, () => onBytes(streamId, epoch, this.id));
      }
    }
    this.#later(byteEveryMs, () => this.#sendAgain());
  }

  #writeAgain(): void {
    this.#writes.write(this.runs, this.#cluster, this.#nowMs, (...asked) => this.#commit(...asked));
    this.#later(1000, () => this.#writeAgain());
  }
}
