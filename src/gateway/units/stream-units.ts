import { FULL, MACHINE_PARTS, type MachineShares } from '../../shared/capacity/machine-shares.js';
import { roundedUnits } from '../../shared/capacity/estimated-units.js';
import type { FullShares, MachineCapacity } from '../../shared/capacity/kept-capacity.js';

/** A process with streams, or one of the gateway's own, as it was at a moment. */
export interface SampledProcess {
  /** Id of the process. */
  readonly pid: number;
  /** CPU time since it began, s. */
  readonly cpuS: number;
  /** What it holds, MB. */
  readonly memoryMb: number;
  /** Streams that share it; none: it is one of the gateway's own. */
  readonly streams: readonly SampledStream[];
}

/** A stream in a process. */
export interface SampledStream {
  /** Its name. */
  readonly id: string;
  /** Units that its configuration suggests: what it takes of a process is shared alike. */
  readonly estimate: number;
  /** Whether pictures come in and go out: without them it takes less than it will. */
  readonly isShowing: boolean;
  /** Whether it leaves out pictures, and so takes less than it needs. */
  readonly isOverloaded: boolean;
  /** Whether it works on a GPU. */
  readonly isOnGpu: boolean;
}

/** What was read at a moment. */
export interface UseSample {
  /** Any clock that does not go back, ms. */
  readonly nowMs: number;
  /** All processes of the gateway. */
  readonly processes: readonly SampledProcess[];
  /** Of GPU and decoder, by all streams together; absent where that is not known. */
  readonly gpu?: Partial<MachineShares> | undefined;
}

/** What a machine has. */
export interface Machine {
  /** Processor cores that may be used. */
  readonly cores: number;
  /** MB. */
  readonly memoryMb: number;
  /** What it can do. */
  readonly capacity: MachineCapacity;
}

/** What a stream takes is the mean over its first pictures, and follows slowly afterwards; higher is steadier, ms. */
const FOLLOW_MS = 30_000;
/** Nothing is said of a stream that has shown pictures for less, ms. */
const LEAST_MS = 9000;

interface Measured {
  /** How long it has been measured, ms. */
  readonly forMs: number;
  readonly units: number;
  /** As it was configured then. */
  readonly estimate: number;
}

/** Measures what streams take of a machine, in units: each by the fullest of CPU, memory, GPU and decoder. */
export class StreamUnits {
  readonly #machine: Machine;
  readonly #measured = new Map<string, Measured>();
  #besideUnits: number | undefined;
  #last: UseSample | undefined;
  #shownBefore: ReadonlySet<string> = new Set();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** What a stream takes; absent as long as it has not been measured for long enough. */
  unitsOf(streamId: string): number | undefined {
    const measured = this.#measured.get(streamId);
    return measured && measured.forMs >= LEAST_MS ? roundedUnits(measured.units) : undefined;
  }

  /** What the gateway takes beside its streams, such as for viewers. */
  get beside(): number {
    return roundedUnits(this.#besideUnits ?? 0);
  }

  /** Takes in what was read. Streams that are not in it are forgotten. */
  add(sample: UseSample): void {
    const last = this.#last;
    this.#last = sample;
    const streams = sample.processes.flatMap((each) => each.streams);
    const ids = new Set(streams.map(({ id }) => id));
    for (const id of this.#measured.keys()) if (!ids.has(id)) this.#measured.delete(id);
    const shown = this.#shownBefore;
    this.#shownBefore = new Set(streams.flatMap(({ id, isShowing }) => (isShowing ? [id] : [])));
    if (!last || sample.nowMs <= last.nowMs) return;
    const forMs = sample.nowMs - last.nowMs;
    const onGpu = sumOf(
      streams.filter(({ isOnGpu, isShowing }) => isOnGpu && isShowing).map(({ estimate }) => estimate),
    );
    let beside = 0;
    for (const process of sample.processes) {
      const before = last.processes.find(({ pid }) => pid === process.pid);
      if (!before) continue;
      const own = this.#sharesOf(process, before, forMs);
      if (process.streams.length === 0) beside += this.#unitsOf(own);
      const sharers = sumOf(process.streams.map(({ estimate }) => estimate));
      for (const stream of process.streams) {
        // What it takes to begin is not what it goes on to take.
        if (!stream.isShowing || !shown.has(stream.id)) continue;
        const part = stream.estimate / sharers;
        const ofGpu = stream.isOnGpu && onGpu > 0 ? stream.estimate / onGpu : 0;
        const { gpu = 0, decoder = 0, memory = 0 } = sample.gpu ?? {};
        const units = this.#unitsOf({
          ...{ cpu: own.cpu * part, gpu: gpu * ofGpu, decoder: decoder * ofGpu },
          memory: Math.max(own.memory * part, memory * ofGpu),
        });
        this.#follow(stream, units, forMs);
      }
    }
    const before = this.#besideUnits ?? beside;
    this.#besideUnits = before + (beside - before) * Math.min(1, forMs / FOLLOW_MS);
  }

  #sharesOf(now: SampledProcess, before: SampledProcess, forMs: number): MachineShares {
    const { cores, memoryMb } = this.#machine;
    return { cpu: Math.max(0, now.cpuS - before.cpuS) / (forMs / 1000) / cores, memory: now.memoryMb / memoryMb };
  }

  #unitsOf(shares: MachineShares): number {
    const { units, full } = this.#machine.capacity;
    return units * fullestShare(shares, full);
  }

  #follow({ id, estimate, isOverloaded }: SampledStream, units: number, forMs: number): void {
    const known = this.#measured.get(id);
    // One that is configured otherwise is another stream.
    const last = known?.estimate === estimate ? known : undefined;
    // Where the machine was not measured, how much a share of it is in units is a guess, and the operator's number a limit.
    const isLeast = isOverloaded || !this.#machine.capacity.isMeasured;
    const now = Math.max(units, isLeast ? estimate : 0, isOverloaded ? (last?.units ?? 0) : 0);
    const before = last ?? { forMs: 0, units: now };
    const allMs = before.forMs + forMs;
    const weight = forMs / Math.min(allMs, FOLLOW_MS);
    const next = before.units + (now - before.units) * Math.min(1, weight);
    this.#measured.set(id, { forMs: allMs, units: next, estimate });
  }
}

const fullestShare = (shares: MachineShares, full: FullShares): number =>
  Math.max(...MACHINE_PARTS.map((part) => (shares[part] ?? 0) / (full[part] || FULL)));

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
