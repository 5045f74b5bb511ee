import { loadAddon } from '../../native/addon.adapter.js';

const NS_PER_MS = 1e6;
/** The system may take the processor away between two looks at the clock: the shortest look counts. */
const LOOKS = 5;

let known: number | undefined;

/**
 * When the running time of this process began, on the monotonic clock of the machine, ms. All processes of the machine
 * share that clock, so their RTP time stamps are of one kind. The same for the life of the process.
 */
export function rtpOriginMs(): number {
  known ??= measure();
  return known;
}

function measure(): number {
  const addon = loadAddon();
  let best = { tookNs: Number.POSITIVE_INFINITY, originMs: 0 };
  for (let look = 0; look < LOOKS; look++) {
    const beforeNs = process.hrtime.bigint();
    const runningMs = addon.nowMs();
    const tookNs = Number(process.hrtime.bigint() - beforeNs);
    const originMs = (Number(beforeNs) + tookNs / 2) / NS_PER_MS - runningMs;
    if (tookNs < best.tookNs) best = { tookNs, originMs };
  }
  return best.originMs;
}
