import { setFlagsFromString } from 'node:v8';
import type { NativeAddon } from '../native/types.js';

/** How often what native code holds free is given back, ms. */
const RETURN_MS = 15_000;
/** A stream that is ready has shown pictures after so long, ms. */
const OPENED_MS = 10_000;

/** Keeps the memory of a stream process small, from its beginning to its end. */
export class MemorySaver {
  readonly #addon: () => Pick<NativeAddon, 'returnFreeMemory' | 'unmapLoadedCode'>;
  readonly #streamCount: () => number;

  /**
   * Begins to look after it.
   * @param addon - loads the addon
   * @param streamCount - streams that run in this process now
   */
  constructor(addon: () => Pick<NativeAddon, 'returnFreeMemory' | 'unmapLoadedCode'>, streamCount: () => number) {
    this.#addon = addon;
    this.#streamCount = streamCount;
    setInterval(() => this.#returnFreeMemory(), RETURN_MS);
  }

  /** What a stream will need was opened in advance; resolves when what only opening took is given back. */
  async prepared(): Promise<void> {
    await this.#addon().returnFreeMemory();
    // A stream that is here already is opening the rest.
    if (this.#streamCount() === 0) await this.#addon().unmapLoadedCode();
  }

  /**
   * A stream begins. V8 lets what it holds grow by less before it looks for garbage: 20 MB less, for 0.02 ms more of
   * the 0.06 that are decided on a frame (test/bench/decide.mjs). With several streams this thread is what is full first.
   */
  streamBegins(): void {
    setFlagsFromString(this.#streamCount() > 1 ? '--no-optimize-for-size' : '--optimize-for-size');
  }

  /**
   * A stream has opened everything. Once for each: where memory is so short that the file cache is taken, a stream that
   * runs would have to wait for a disk again and again.
   */
  streamIsReady(): void {
    setTimeout(() => this.#unmapLoadedCode(), OPENED_MS);
  }

  /** Of several streams, one takes what another has freed; and threads that allocate would wait for longer. */
  #returnFreeMemory(): void {
    if (this.#streamCount() === 1) void this.#addon().returnFreeMemory();
  }

  /** Most code was needed to open something: of 126 MB, a stream that runs uses 49. */
  #unmapLoadedCode(): void {
    if (this.#streamCount() > 0) void this.#addon().unmapLoadedCode();
  }
}
