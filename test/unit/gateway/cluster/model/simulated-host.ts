import { HostAgent, type AgentAction } from '#src/gateway/cluster/host-agent.js';
import { LeaseDeadline, type AnsweredRenewal } from '#src/gateway/cluster/lease-deadline.js';
import {
  claimTransaction,
  registerTransaction,
  releaseTransaction,
  stateTransaction,
  type Transaction,
} from '#src/gateway/cluster/transactions.js';
import { WatchedCluster } from '#src/gateway/cluster/watched-cluster.js';
import { MOST_ON_THE_WAY_MS, RENEW_MS, REQUEST_LIMIT_MS, TTL_MS, type HostSurroundings } from './host-surroundings.js';
import { EtcdDown, type KeyChange } from './simulated-etcd.js';

/** The product's decisions on a simulated machine that stops, crashes and loses its network. */
export class SimulatedHost {
  readonly id: string;
  readonly #units: number;
  readonly #world: HostSurroundings;
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
  isAlive = true;
  isCutOff = false;
  isAtFormerLeader = false;
  delayMs = 0;

  constructor(id: string, units: number, world: HostSurroundings) {
    this.id = id;
    this.#units = units;
    this.#world = world;
    // Clocks of machines run apart by far less than 1 in 1000, and begin anywhere.
    this.#clockRate = 1 + (world.random() - 0.5) * 0.002;
    this.#clockOriginMs = world.random() * 1e9;
    this.#agent = new HostAgent({ hostId: id });
    this.#deadline = this.#newDeadline();
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
    this.#waiting.length = 0;
    this.#isPaused = false;
  }

  restart(): void {
    if (this.isAlive) return;
    this.isAlive = true;
    this.#cluster = new WatchedCluster();
    this.#agent = new HostAgent({ hostId: this.id });
    this.#deadline = this.#newDeadline();
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

  #newDeadline(): LeaseDeadline {
    const { marginMs } = this.#world.weakness;
    return new LeaseDeadline(marginMs === undefined ? {} : { marginMs });
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
    const { time, random } = this.#world;
    const generation = this.#generation;
    let isAnswered = false;
    const answer = (value: T | undefined): void => {
      if (isAnswered || generation !== this.#generation) return;
      isAnswered = true;
      onAnswer(value);
    };
    this.#later(REQUEST_LIMIT_MS, () => answer(undefined));
    time.after(this.delayMs + 1 + random() * 20, () => {
      if (!isPossible()) return;
      try {
        const value = call();
        time.after(this.delayMs + 1 + random() * 20, () => {
          if (isPossible()) this.#later(0, () => answer(value));
        });
      } catch (error) {
        if (!(error instanceof EtcdDown)) throw error;
      }
    });
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
        if (answer === 'unknown') {
          this.#loseLease();
          return;
        }
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
    this.#deadline = this.#newDeadline();
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
    if (isWaiting || this.#cluster.draining.has(this.id)) this.#later(25, () => this.#stepSoon());
  }

  #act(action: AgentAction): void {
    const { weakness } = this.#world;
    if (action.type === 'claim') {
      const { streamId } = action;
      this.#commit(claimTransaction(streamId, this.id, this.#lease ?? ''), (isDone) => {
        this.#agent.claimSettled(streamId, isDone === true, this.#nowMs);
        this.#stepSoon();
      });
    } else if (action.type === 'run') {
      this.runs.set(action.claim.streamId, action.claim.epoch);
    } else if (action.type === 'end') {
      const { streamId } = action;
      const isOver = (): void => {
        this.runs.delete(streamId);
        this.#later(MOST_ON_THE_WAY_MS, () => {
          this.#agent.ended(streamId);
          this.#stepSoon();
        });
      };
      if (weakness.claimsBeforeEnd) this.#agent.ended(streamId);
      this.#later(this.#world.random() * 1500, isOver);
      this.#stepSoon();
    } else {
      const { streamId, epoch } = action.claim;
      this.#commit(releaseTransaction(streamId, epoch), () => {
        this.#agent.releaseSettled(streamId);
        this.#stepSoon();
      });
    }
  }

  #sendAgain(): void {
    const { byteEveryMs, time, random, onBytes } = this.#world;
    if (byteEveryMs <= 0) return;
    if (this.#nowMs < this.#deadline.deadlineMs) {
      for (const [streamId, epoch] of this.runs) {
        time.after(random() * MOST_ON_THE_WAY_MS, () => onBytes(streamId, epoch, this.id));
      }
    }
    this.#later(byteEveryMs, () => this.#sendAgain());
  }

  #writeAgain(): void {
    for (const [streamId, epoch] of this.runs) {
      this.#commit(stateTransaction(streamId, epoch, JSON.stringify({ epoch })), (isDone) => {
        if (isDone !== undefined) this.#world.statesWritten(streamId, epoch, isDone);
      });
    }
    this.#later(1000, () => this.#writeAgain());
  }
}
