import type { Box } from '#src/shared/domain/box.js';
import { headOf } from '#src/stream/domain/head.js';
import type { Region } from '#src/stream/domain/composition-plan.js';
import { fromLeft, isVisible, output, tileOf, type Moment } from './scene-play.js';

/** How heads lie in the two tiles of a split. */
export interface FramingFigures {
  /** Frames with two tiles at rest. */
  readonly frames: number;
  /** The larger head over the smaller one, on average and in the worst twentieth. */
  readonly sizeRatio: Quantiles;
  /** Between the eye lines of the two tiles, share of their height. */
  readonly eyeLine: Quantiles;
  /** Head heights, share of the tile's height. */
  readonly headRatio: Quantiles;
  /** Space above the hair, share of the tile's height. */
  readonly headroom: Quantiles;
  /** RMS of the third difference of the crops' centres, output pixels a second³. */
  readonly jerk: number;
  /** Share of the frames in which a crop moves by more than 2 output pixels a second. */
  readonly moving: number;
  /** Changes of the shot. */
  readonly changes: number;
}

interface Quantiles {
  readonly mean: number;
  readonly p95: number;
}

const quantiles = (values: readonly number[]): Quantiles => {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    p95: sorted[Math.floor(0.95 * sorted.length)] ?? Number.NaN,
  };
};

const isAtRest = ({ dest }: Region): boolean => dest.width === output.width / 2;

interface Place {
  readonly head: number;
  readonly eyes: number;
}

const placeOf = ({ crop }: Region, face: Box): Place => {
  const { eyesY, height } = headOf({ box: face, kind: 'face' });
  return { head: height / crop.height, eyes: (eyesY - crop.y) / crop.height };
};

/** Measures the tiles of a scene that was played. */
export function framingFigures(moments: readonly Moment[]): FramingFigures {
  const places: (readonly [Place, Place])[] = [];
  const jerks: number[] = [];
  let moving = 0;
  let steps = 0;
  const trails = new Map<'left' | 'right', readonly (readonly [number, number])[]>();
  for (const { plan, truth } of moments) {
    const [left, right] = (['left', 'right'] as const).map((side) => tileOf(plan, side));
    const isSplit =
      plan.layout === 'dual' && left && right && isAtRest(left) && isAtRest(right) && plan.regions.length === 2;
    if (!isSplit || !truth.every(isVisible)) {
      trails.clear();
      continue;
    }
    const [leftFace, rightFace] = fromLeft(truth) as [Box, Box];
    places.push([placeOf(left, leftFace), placeOf(right, rightFace)]);
    for (const [side, { crop, dest }] of [
      ['left', left],
      ['right', right],
    ] as const) {
      const scale = dest.height / crop.height;
      const trail = [
        ...(trails.get(side) ?? []),
        [(crop.x + crop.width / 2) * scale, (crop.y + crop.height / 2) * scale] as const,
      ].slice(-4);
      trails.set(side, trail);
      const [a, b, c, d] = trail;
      if (!a || !b || !c || !d) continue;
      steps += 1;
      if (Math.hypot(d[0] - c[0], d[1] - c[1]) * 30 > 2) moving += 1;
      jerks.push(Math.hypot(d[0] - 3 * c[0] + 3 * b[0] - a[0], d[1] - 3 * c[1] + 3 * b[1] - a[1]) * 30 ** 3);
    }
  }
  return {
    frames: places.length,
    sizeRatio: quantiles(places.map(([a, b]) => Math.max(a.head, b.head) / Math.min(a.head, b.head))),
    eyeLine: quantiles(places.map(([a, b]) => Math.abs(a.eyes - b.eyes))),
    headRatio: quantiles(places.flat().map(({ head }) => head)),
    headroom: quantiles(places.flat().map(({ head, eyes }) => eyes - head / 2)),
    jerk: Math.sqrt(jerks.reduce((sum, jerk) => sum + jerk * jerk, 0) / jerks.length),
    moving: moving / steps,
    changes: moments.filter(({ shot }, index) => index > 0 && shot.sincePtsMs !== moments[index - 1]!.shot.sincePtsMs)
      .length,
  };
}

/** One line of text. */
export const told = (name: string, figures: FramingFigures): string => {
  const percent = ({ mean, p95 }: Quantiles): string =>
    `${(mean * 100).toFixed(1)} % (p95 ${(p95 * 100).toFixed(1)} %)`;
  return [
    `${name}: ${figures.frames} frames in split`,
    `size ratio ${figures.sizeRatio.mean.toFixed(3)} (p95 ${figures.sizeRatio.p95.toFixed(3)})`,
    `eye lines apart ${percent(figures.eyeLine)}`,
    `heads ${percent(figures.headRatio)}`,
    `headroom ${percent(figures.headroom)}`,
    `jerk ${figures.jerk.toFixed(0)} px/s³`,
    `moving ${(figures.moving * 100).toFixed(0)} %`,
    `changes ${figures.changes}`,
  ].join(', ');
};
