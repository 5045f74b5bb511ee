import type { Need } from './cluster-view.js';

/** A stream that runs here, and what it takes. */
export interface MeasuredStream {
  /** The claim by which it runs. */
  readonly epoch: number;
  /** Units that its configuration suggests. */
  readonly estimate: number;
  /** Units that it takes; absent as long as that is not known. */
  readonly measured: number | undefined;
  /** How long it has run by this claim, ms. */
  readonly runsForMs: number;
  /** Since this host wrote what it takes, ms. */
  readonly writtenForMs: number;
}

/** So long what is estimated, or was measured before, counts for a stream that was claimed, ms. */
export const RESERVED_MS = 15_000;
/** What a stream takes is not written more often than this, ms. */
const NEED_AGAIN_MS = 60_000;
/** Nor where it has changed less than this share, or these units. */
const NEED_CHANGE = { share: 0.2, units: 0.1 };
/** The same of what the gateway takes beside its streams. */
const BESIDE_AGAIN_MS = 15_000;
const BESIDE_CHANGE_UNITS = 0.25;

/** What is to be written of a stream; absent where nothing is. @param known - what is written */
export function needToWrite(known: Need | undefined, stream: MeasuredStream): Need | undefined {
  const { epoch, estimate, measured, runsForMs, writtenForMs } = stream;
  if (measured === undefined || measured <= 0 || runsForMs < RESERVED_MS) return undefined;
  const need = { units: measured, estimate, epoch };
  if (known?.epoch !== epoch) return need;
  const change = Math.abs(measured - known.units);
  const isNews = change >= NEED_CHANGE.units && change >= NEED_CHANGE.share * known.units;
  return (isNews || known.estimate !== estimate) && writtenForMs >= NEED_AGAIN_MS ? need : undefined;
}

/** Whether a host says anew what it takes beside its streams. @param forMs - since it said so last, ms */
export const isBesideNews = (said: number, now: number, forMs: number): boolean =>
  Math.abs(now - said) >= BESIDE_CHANGE_UNITS && forMs >= BESIDE_AGAIN_MS;
