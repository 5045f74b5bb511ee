import { defer, map, type OperatorFunction } from 'rxjs';
import type { CompositionPlan } from '../../domain/composition-plan.js';
import { LayoutPlanner, type LayoutInput, type LayoutPlannerOptions } from './layout-planner.js';

/**
 * Adds the composition plan to every output frame: one in, one out, synchronously, in order.
 * `inputOf` says what the planner shall know of a frame. State is per subscription.
 */
export function planComposition<F>(
  inputOf: (frame: F) => LayoutInput,
  options: LayoutPlannerOptions,
): OperatorFunction<F, F & { readonly plan: CompositionPlan }> {
  return (frames$) =>
    defer(() => {
      const planner = new LayoutPlanner(options);
      return frames$.pipe(map((frame) => ({ ...frame, plan: planner.plan(inputOf(frame)) })));
    });
}
