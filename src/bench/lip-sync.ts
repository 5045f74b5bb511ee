import { median } from '../shared/percentile.js';
import type { LipSync } from './soak-data.js';
import type { TimedValue } from './trend.js';

/** Mean brightness of a picture that is all white, and of one that is not, in 8 bits. */
const BRIGHT = 200;
/** Sound above this level, dB of full scale, is the bell. */
const LOUD_DB = -40;
/** Pairs that are further apart belong to different flashes, s. */
const FURTHEST_S = 0.9;

/** Times, s, at which values rise above a level. */
export function onsetsOf(points: readonly TimedValue[], level: number): readonly number[] {
  return points.flatMap(([atS, value], i) => {
    const before = points[i - 1]?.[1];
    return before !== undefined && before < level && value >= level ? [atS] : [];
  });
}

/**
 * How far sound and picture are apart.
 * @param brightness - of each picture, 0 … 255, at its time
 * @param loudness - of short pieces of sound, dB of full scale, each at its time
 */
export function lipSyncOf(brightness: readonly TimedValue[], loudness: readonly TimedValue[]): LipSync | undefined {
  const bells = onsetsOf(loudness, LOUD_DB);
  const offsets = onsetsOf(brightness, BRIGHT).flatMap((flashS) => {
    const offsetsS = bells.map((bellS) => bellS - flashS).filter((offsetS) => Math.abs(offsetS) < FURTHEST_S);
    const nearest = offsetsS.sort((a, b) => Math.abs(a) - Math.abs(b))[0];
    return nearest === undefined ? [] : [nearest * 1000];
  });
  if (offsets.length === 0) return undefined;
  const worst = [...offsets].sort((a, b) => Math.abs(b) - Math.abs(a))[0] ?? 0;
  const whole = (ms: number): number => Math.round(ms * 10) / 10;
  return { pairs: offsets.length, medianMs: whole(median(offsets)), worstMs: whole(worst) };
}

/** What ffmpeg's `metadata=print` wrote: the value of `key` at each time. */
export function parseMetadata(text: string, key: string): readonly TimedValue[] {
  let atS = Number.NaN;
  return text.split('\n').flatMap((line): readonly TimedValue[] => {
    const time = /pts_time:(-?[\d.]+)/.exec(line)?.[1];
    if (time !== undefined) atS = Number(time);
    if (!line.startsWith(`${key}=`) || Number.isNaN(atS)) return [];
    const value = line.slice(key.length + 1);
    // Silence is −inf dB.
    return [[atS, value === '-inf' ? Number.NEGATIVE_INFINITY : Number(value)]];
  });
}
