import { defer, map, type OperatorFunction } from 'rxjs';
import type { Shot } from '../../domain/shot.js';
import { ShotGrammar, type ShotGrammarOptions, type ShotInput } from './shot-grammar.js';

/**
 * Adds the shot to every frame: one in, one out, synchronously, in order. State is per subscription.
 *
 * ```text
 * in    a──b──c──|     frames with tracks and slots
 * out   a──b──c──|     each with its shot
 * ```
 */
export function chooseShot<F extends ShotInput>(
  options: ShotGrammarOptions,
): OperatorFunction<F, F & { readonly shot: Shot }> {
  return (frames$) =>
    defer(() => {
      const grammar = new ShotGrammar(options);
      return frames$.pipe(map((frame) => ({ ...frame, shot: grammar.update(frame) })));
    });
}
