import { parentPort, workerData } from 'node:worker_threads';
import { EtcdClient } from './etcd-client.adapter.js';
import { FenceFile } from './fence-file.adapter.js';
import { LeaseDeadline } from './lease-deadline.js';
import type { LeaseCommand, LeaseReport, LeaseWorkerData } from './lease-messages.js';
import { FOLDERS } from './transactions.js';

/** How often the lease is renewed, ms. */
const RENEW_MS = 500;

/** The clock that GStreamer and the fence have, ms. */
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Holds the lease of a host: in a thread of its own, so that it is renewed also while the gateway is busy. The deadline
 * goes into a file that stream processes map, so that they need nobody to tell them.
 */
class LeaseHolder {
  readonly #data: LeaseWorkerData;
  readonly #client: EtcdClient;
  readonly #fence: FenceFile;
  readonly #report: (report: LeaseReport) => void;
  /** Raft term that each member told last. */
  readonly #terms = new Map<string, number>();
  #deadline = new LeaseDeadline();
  #lease: string | undefined;
  #mayTake = false;
  #isTaking = false;
  #isOpen: boolean | undefined;
  #reason = 'etcd was not reached yet';
  #isEnded = false;

  constructor(data: LeaseWorkerData, report: (report: LeaseReport) => void) {
    this.#data = data;
    this.#client = new EtcdClient(data.cluster.etcd);
    this.#fence = FenceFile.open(data.fencePath);
    this.#report = report;
    setInterval(() => this.#tick(), RENEW_MS);
    this.#tick();
  }

  command(command: LeaseCommand): void {
    if (command.type === 'mayTake') {
      this.#mayTake = command.mayTake;
      if (this.#lease === undefined) this.#tick();
    } else void this.#end();
  }

  #tick(): void {
    if (this.#isEnded) return;
    if (this.#lease === undefined) void this.#take();
    else void this.#renew(this.#lease);
    this.#tellFence();
  }

  async #take(): Promise<void> {
    if (!this.#mayTake || this.#isTaking) return;
    this.#isTaking = true;
    try {
      const lease = await this.#client.grant(this.#data.cluster.ttlS);
      if (this.#isEnded) return;
      this.#lease = lease;
      // The next one waits until the gateway says again that nothing runs any more.
      this.#mayTake = false;
      this.#deadline = new LeaseDeadline();
      this.#report({ type: 'lease', lease });
      await this.#renew(lease);
    } catch (error) {
      this.#note(error);
    } finally {
      this.#isTaking = false;
    }
  }

  async #renew(lease: string, isAgain = false): Promise<void> {
    try {
      const termsBefore = new Map(this.#terms);
      const sentAtMs = nowMs();
      const { header, ttlS } = await this.#client.renew(lease);
      if (!this.#holds(lease)) return;
      if (ttlS <= 0) {
        this.#lose();
        return;
      }
      this.#terms.set(header.memberId, header.term);
      const termBefore = termsBefore.get(header.memberId);
      const { header: confirmed } = await this.#client.read(this.#anyKey);
      this.#terms.set(confirmed.memberId, confirmed.term);
      if (!this.#holds(lease)) return;
      const renewal = { sentAtMs, ttlMs: ttlS * 1000, termBefore, term: header.term };
      if (this.#deadline.confirm(renewal, confirmed.term)) this.#extend(sentAtMs);
      else if (!isAgain) await this.#renew(lease, true);
    } catch (error) {
      this.#note(error);
    }
  }

  #holds(lease: string): boolean {
    return this.#lease === lease && !this.#isEnded;
  }

  /** Any key: what counts is that a majority is asked. */
  get #anyKey(): string {
    return FOLDERS.hosts + this.#data.cluster.host;
  }

  #extend(sentAtMs: number): void {
    this.#report({ type: 'renewed', sentAtMs, certainAtMs: nowMs() });
    const isKeptAlone = this.#data.cluster.whenAlone === 'continue';
    this.#fence.write(isKeptAlone ? Infinity : this.#deadline.deadlineMs);
    this.#tellFence();
  }

  #lose(): void {
    this.#deadline.lose();
    this.#fence.write(-Infinity);
    this.#lease = undefined;
    this.#reason = 'etcd does not know the lease of this host any more';
    this.#report({ type: 'lost' });
    this.#tellFence();
  }

  #note(error: unknown): void {
    this.#reason = error instanceof Error ? error.message : String(error);
  }

  #tellFence(): void {
    const isOpen = nowMs() < this.#deadline.deadlineMs;
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    this.#report({ type: 'fence', isOpen, ...(!isOpen && { reason: this.#reason }) });
  }

  async #end(): Promise<void> {
    this.#isEnded = true;
    this.#fence.write(-Infinity);
    if (this.#lease !== undefined) await this.#client.revoke(this.#lease).catch(() => undefined);
    this.#client.close();
    this.#report({ type: 'ended' });
  }
}

const port = parentPort;
if (port) {
  const holder = new LeaseHolder(workerData as LeaseWorkerData, (report) => port.postMessage(report));
  port.on('message', (command: LeaseCommand) => holder.command(command));
}
