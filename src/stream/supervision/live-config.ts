import type { StreamConfig } from '../../shared/config/schema.js';

const LIVE_BLOCKS = ['source', 'output', 'detect', 'track', 'reid', 'people', 'slots', 'shots', 'framing'] as const;

/** The configuration of a stream that runs. */
export class LiveConfig {
  /**
   * Its blocks are always the same objects and follow every change, so who keeps one and reads from it where an option
   * is needed always has the option as it is now. They are read for every frame, several times: plain properties.
   */
  readonly view: StreamConfig;
  #current: StreamConfig;

  constructor(config: StreamConfig) {
    this.#current = config;
    this.view = { ...config };
    for (const block of LIVE_BLOCKS) Object.assign(this.view, { [block]: { ...config[block] } });
  }

  /** As it is now. */
  get current(): StreamConfig {
    return this.#current;
  }

  /** From now on it is this one; it may differ in options that are live only. */
  set(config: StreamConfig): void {
    this.#current = config;
    for (const block of LIVE_BLOCKS) replaceOptions(this.view[block], config[block]);
  }
}

/** Gives `block` the options of `wanted`, and no others. */
function replaceOptions(block: object, wanted: object): void {
  for (const key of Object.keys(block)) {
    if (!(key in wanted)) Reflect.deleteProperty(block, key);
  }
  Object.assign(block, wanted);
}
