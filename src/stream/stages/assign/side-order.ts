import type { PersonRecord } from './person-record.js';

/** An older position does not say where a person is, s. */
const FRESH_S = 0.3;
/** People have passed each other when they are apart by more than this share of the mean width of their boxes. */
const PASSED_RATIO = 0.5;
/** Two people who have changed sides do not change back within this time, s. */
const SETTLE_S = 0.8;

/**
 * How far `right` is to the right of `left`, fraction of the frame width; NaN unless both were detected
 * just now.
 *
 * @param nowS - PTS of the frame, s
 */
export function leadOf(left: PersonRecord, right: PersonRecord, nowS: number): number {
  const areFresh = nowS - left.seenS <= FRESH_S && nowS - right.seenS <= FRESH_S;
  return areFresh ? right.centerX - left.centerX : Number.NaN;
}

/**
 * Whether two people shown as `left` and `right` have changed sides: their smoothed positions are reversed by
 * more than `marginRatio` and half a box (hysteresis as in a Schmitt trigger), and they did not just do so.
 *
 * @param nowS - PTS of the frame, s
 * @param marginRatio - fraction of the frame width, ≥ 0
 */
export function havePassed(left: PersonRecord, right: PersonRecord, nowS: number, marginRatio: number): boolean {
  const band = Math.max(marginRatio, (PASSED_RATIO * (left.widthRatio + right.widthRatio)) / 2);
  return leadOf(left, right, nowS) < -band && !haveJustPassed(left, right, nowS);
}

function haveJustPassed(a: PersonRecord, b: PersonRecord, nowS: number): boolean {
  const isRecent = (one: PersonRecord, other: PersonRecord): boolean =>
    one.changedSides?.with === other.id && nowS - one.changedSides.atS < SETTLE_S;
  return isRecent(a, b) || isRecent(b, a);
}
