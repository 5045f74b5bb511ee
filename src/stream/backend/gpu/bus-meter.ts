import type { BusTraffic } from '../../../shared/domain/stream-status.js';

/** Frames composed by all streams of a process, which share the GPU and its counters. */
export interface FrameCount {
  /** Since the GPU was opened. */
  readonly frames: number;
}

/** Bytes over the bus for each composed frame, between one reading and the next. */
export class BusMeter {
  readonly #count: FrameCount;
  #before: { readonly traffic: BusTraffic; readonly frames: number } | undefined;
  #perFrame: { readonly toDevice: number; readonly toHost: number } | undefined;

  constructor(count: FrameCount) {
    this.#count = count;
  }

  /** The same as before while nothing was composed; `undefined` until then. Set-up is left out. */
  read(traffic: BusTraffic): { readonly toDevice: number; readonly toHost: number } | undefined {
    const before = this.#before;
    const { frames } = this.#count;
    if (before !== undefined && frames === before.frames) return this.#perFrame;
    if (before !== undefined) {
      const share = (way: keyof BusTraffic): number =>
        Math.round((running(traffic[way]) - running(before.traffic[way])) / (frames - before.frames));
      this.#perFrame = { toDevice: share('toDevice'), toHost: share('toHost') };
    }
    this.#before = { traffic, frames };
    return this.#perFrame;
  }
}

const running = ({ frame, result }: BusTraffic['toHost']): number => frame + result;
