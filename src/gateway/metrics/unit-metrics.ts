import { Gauge, type Registry } from 'prom-client';

/** What streams take of the machine, in units: streams of 1920×1080 at 30 pictures a second. */
export interface UnitSample {
  /** What the machine holds. */
  readonly capacity: number;
  /** What the gateway takes beside its streams. */
  readonly beside: number;
  /** Of each stream; absent as long as it is not measured. */
  readonly streams: readonly { readonly id: string; readonly units: number | undefined }[];
}

/** Metrics of what streams take; a gateway that does not go by it has none. */
export class UnitMetrics {
  readonly #capacity: Gauge;
  readonly #beside: Gauge;
  readonly #stream: Gauge;

  constructor(registry: Registry) {
    const gauge = (name: string, help: string, ...labelNames: string[]): Gauge =>
      new Gauge({ name: `diptych_${name}`, help, labelNames, registers: [registry] });
    this.#capacity = gauge('capacity_units', 'streams of 1920×1080 at 30 pictures a second that the machine holds');
    this.#beside = gauge('gateway_units', 'of them, what the gateway takes beside its streams, such as for viewers');
    this.#stream = gauge('stream_units', 'the same of a stream, once it is measured', 'stream');
  }

  /** Tells what is now, and nothing of what was before. */
  set(sample: UnitSample | undefined): void {
    this.#stream.reset();
    // Without labels they would be 0, which says that the machine holds nothing.
    this.#capacity.remove();
    this.#beside.remove();
    if (!sample) return;
    this.#capacity.set(sample.capacity);
    this.#beside.set(sample.beside);
    for (const { id, units } of sample.streams) if (units !== undefined) this.#stream.set({ stream: id }, units);
  }
}
