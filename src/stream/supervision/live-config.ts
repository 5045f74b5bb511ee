import type { StreamConfig } from '../../shared/config/schema.js';
import { liveOptions } from '../domain/live-options.js';

/** The configuration of a stream that runs. */
export class LiveConfig {
  /** Its blocks follow every change; see {@link liveOptions}. */
  readonly view: StreamConfig;
  #current: StreamConfig;

  constructor(config: StreamConfig) {
    this.#current = config;
    this.view = {
      ...config,
      source: liveOptions(() => this.#current.source),
      output: liveOptions(() => this.#current.output),
      detect: liveOptions(() => this.#current.detect),
      track: liveOptions(() => this.#current.track),
      reid: liveOptions(() => this.#current.reid),
      people: liveOptions(() => this.#current.people),
      slots: liveOptions(() => this.#current.slots),
      framing: liveOptions(() => this.#current.framing),
    };
  }

  /** As it is now. */
  get current(): StreamConfig {
    return this.#current;
  }

  /** From now on it is this one; it may differ in options that are live only. */
  set(config: StreamConfig): void {
    this.#current = config;
  }
}
