import { expect } from 'vitest';
import type { Size } from '#src/shared/domain/box.js';
import type { CompositionPlan, SourceCondition } from '#src/stream/domain/composition-plan.js';
import type { SlotAssignment, Track } from '#src/shared/domain/track.js';
import type { LayoutPlannerOptions } from '#src/stream/stages/compose/layout-input.js';
import { LayoutPlanner } from '#src/stream/stages/compose/layout-planner.js';
import { faceBox, makeTrack, movement, source } from './two-people.js';

export const output: Size = { width: 1920, height: 1080 };
export const left = { x: 500, y: 450 };
export const right = { x: 1450, y: 500 };

export interface Moment {
  readonly slots: SlotAssignment;
  readonly tracks?: readonly Track[];
  readonly names?: ReadonlyMap<number, string>;
  readonly condition?: SourceCondition;
  readonly source?: Size | undefined;
}

export const people = (tS: number): readonly Track[] => [
  makeTrack({ id: 1, box: faceBox(left, 120), seenPtsMs: tS * 1000 }),
  makeTrack({ id: 2, box: faceBox(right, 140), seenPtsMs: tS * 1000 }),
];

/** Runs a planner through time at 30 fps, `at` saying what is true at each moment. */
export function film(
  at: (tS: number) => Moment,
  durationS: number,
  options: Partial<LayoutPlannerOptions> = {},
): readonly CompositionPlan[] {
  const planner = new LayoutPlanner({ output, ...options });
  return Array.from({ length: Math.round(durationS * 30) + 1 }, (_, index) => {
    const tS = index / 30;
    const moment = at(tS);
    return planner.plan({
      ptsMs: tS * 1000,
      source: 'source' in moment ? moment.source : source,
      tracks: moment.tracks ?? people(tS),
      slots: moment.slots,
      ...(moment.names && { names: moment.names }),
      condition: moment.condition ?? 'live',
      slate: output,
    });
  });
}

/** What must hold for every plan, whatever happens: aspects kept, crops inside the picture, even numbers. */
export function expectSound(plans: readonly CompositionPlan[], picture: Size = source, frame: Size = output): void {
  const wrong = plans.flatMap(({ regions }) =>
    regions.filter(({ crop, dest, alpha, content }) => {
      const bounds = content === 'source' ? picture : frame;
      const isAspectKept = Math.abs(crop.width / crop.height / (dest.width / dest.height) - 1) < 1e-9;
      const isInside =
        Math.min(crop.x, crop.y) >= -1e-6 &&
        crop.x + crop.width <= bounds.width + 1e-6 &&
        crop.y + crop.height <= bounds.height + 1e-6;
      const isEven = [dest.x, dest.y, dest.width, dest.height].every((value) => value % 2 === 0);
      const isThere = Math.min(dest.width, dest.height) > 0 && alpha > 0 && alpha <= 1;
      return !(isAspectKept && isInside && isEven && isThere);
    }),
  );
  expect(wrong).toEqual([]);
}

/**
 * Frame to frame at 30 fps: tiles slide at up to 3000 px/s (960 px in 0.6 s), crops move at up to
 * 2400 px/s, and nothing wider than 2 % of the picture is exchanged without a dissolve.
 */
export function expectSmooth(
  plans: readonly CompositionPlan[],
  frame: Size = output,
  most = { dest: 102, cut: 0.02 * frame.width },
): void {
  const moved = plans.slice(1).map((plan, index) => movement(plans[index]!, plan, frame));
  expect(Math.max(0, ...moved.map(({ dest }) => dest))).toBeLessThanOrEqual(most.dest);
  expect(Math.max(0, ...moved.map(({ crop }) => crop))).toBeLessThanOrEqual(80);
  expect(Math.max(0, ...moved.map(({ alpha }) => alpha))).toBeLessThanOrEqual(0.22);
  expect(Math.max(0, ...moved.map(({ cut }) => cut))).toBeLessThanOrEqual(most.cut);
}

/** Part of the output, 0 … 1, that no region covers. */
export function uncovered({ regions }: CompositionPlan, frame: Size = output): number {
  const columns = 64;
  const rows = 36;
  let black = 0;
  for (let cell = 0; cell < columns * rows; cell += 1) {
    const x = ((0.5 + (cell % columns)) / columns) * frame.width;
    const y = ((0.5 + Math.floor(cell / columns)) / rows) * frame.height;
    const isCovered = regions.some(
      ({ dest, alpha }) =>
        alpha === 1 && x >= dest.x && x < dest.x + dest.width && y >= dest.y && y < dest.y + dest.height,
    );
    if (!isCovered) black += 1;
  }
  return black / (columns * rows);
}
