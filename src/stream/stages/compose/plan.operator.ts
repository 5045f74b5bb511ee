import { defer, map, type OperatorFunction } from 'rxjs';
import type { CompositionPlan } from '../../domain/composition-plan.js';
import type { LayoutInput, LayoutPlannerOptions } from './layout-input.js';
import { LayoutPlanner } from './layout-planner.js';
import { withMore } from '../../../shared/with-more.js';

/**
 * Adds the composition plan to every output frame: one in, one out, synchronously, in order.
 * State is per subscription.
 *
 * ```text
 * in    a──b──c──|     frames of the output
 * out   a──b──c──|     each with its plan
 * ```
 *
 * @param inputOf - what the planner needs of a frame
 */
export function planComposition<F extends object>(
  inputOf: (frame: F) => LayoutInput,
  options: LayoutPlannerOptions,
): OperatorFunction<F, F & { readonly plan: CompositionPlan }> {
  return (frames$) =>
    defer(() => {
      const planner = new LayoutPlanner(options);
      return frames$.pipe(map((frame) => withMore(frame, { plan: planner.plan(inputOf(frame)) })));
    });
}
