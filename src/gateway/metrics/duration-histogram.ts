import { BUCKETS_S, type DurationCounts } from '../../shared/domain/durations.js';

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * A histogram whose counts come from elsewhere, for a registry of prom-client: its own histogram only takes single
 * values in.
 */
export class DurationHistogram {
  /** As it is registered. */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  /** As prom-client names it. */
  readonly type = 'histogram';
  readonly #samples: Sample[] = [];

  constructor({ name, help }: { readonly name: string; readonly help: string }) {
    this.name = name;
    this.help = help;
  }

  /** Forgets all counts. */
  reset(): void {
    this.#samples.length = 0;
  }

  /** The counts with these labels. */
  set(labels: Readonly<Record<string, string>>, { buckets, count, sumS }: DurationCounts): void {
    let below = 0;
    BUCKETS_S.forEach((limitS, index) => {
      below += buckets[index] ?? 0;
      this.#add('_bucket', { ...labels, le: String(limitS) }, below);
    });
    this.#add('_bucket', { ...labels, le: '+Inf' }, count);
    this.#add('_sum', labels, sumS);
    this.#add('_count', labels, count);
  }

  /** Asked by the registry at each scrape. */
  get(): Promise<{ name: string; help: string; type: string; aggregator: string; values: readonly Sample[] }> {
    const { name, help, type } = this;
    return Promise.resolve({ name, help, type, aggregator: 'sum', values: this.#samples });
  }

  #add(suffix: string, labels: Sample['labels'], value: number): void {
    this.#samples.push({ metricName: `${this.name}${suffix}`, labels, value });
  }
}
