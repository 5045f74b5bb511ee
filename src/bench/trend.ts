/** A value at a time. */
export type TimedValue = readonly [atS: number, value: number];

/** A straight line through values, by a method that single outliers do not move. */
export interface Trend {
  /** Change of the value, a second: the median of the slopes of all pairs of points (Theil–Sen). */
  readonly perS: number;
  /** Lower end of its 95 % confidence interval (Sen 1968, by Kendall's distribution). */
  readonly lowPerS: number;
  /** Upper end of it. */
  readonly highPerS: number;
}

/** Two-sided 95 % of the normal distribution. */
const Z_95 = 1.96;

/**
 * The trend of values over time; `undefined` for fewer than three points. The interval holds for points that do
 * not depend on each other: give it minima of windows rather than every sample.
 */
export function trendOf(points: readonly TimedValue[]): Trend | undefined {
  const n = points.length;
  if (n < 3) return undefined;
  const slopes: number[] = [];
  for (const [i, [fromS, from]] of points.entries()) {
    for (const [toS, to] of points.slice(i + 1)) if (toS !== fromS) slopes.push((to - from) / (toS - fromS));
  }
  if (slopes.length === 0) return undefined;
  slopes.sort((a, b) => a - b);
  const spread = Z_95 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (place: number): number => {
    const index = Math.min(slopes.length - 1, Math.max(0, place));
    return slopes[Math.round(index)] ?? 0;
  };
  return {
    perS: at((slopes.length - 1) / 2),
    lowPerS: at((slopes.length - spread) / 2 - 1),
    highPerS: at((slopes.length + spread) / 2),
  };
}

/**
 * The smallest value of each window of `windowS` seconds, at the time at which it was seen: what stays, without
 * what comes and goes within a window. Points in the order of time.
 */
export function minimaOf(points: readonly TimedValue[], windowS: number): readonly TimedValue[] {
  const startS = points[0]?.[0] ?? 0;
  const minima = new Map<number, TimedValue>();
  for (const point of points) {
    const window = Math.floor((point[0] - startS) / windowS);
    const before = minima.get(window);
    if (before === undefined || point[1] < before[1]) minima.set(window, point);
  }
  return [...minima.values()];
}
