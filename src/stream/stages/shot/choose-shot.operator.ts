import { defer, finalize, map, type Observable, type OperatorFunction } from 'rxjs';
import type { AskedShot } from '../../../shared/domain/shot.js';
import type { Shot } from '../../domain/shot.js';
import { ShotGrammar, type ShotGrammarOptions, type ShotInput } from './shot-grammar.js';
import { withMore } from '../../../shared/with-more.js';

/** When shots change, and what people ask of them. */
export interface ChooseShotOptions extends ShotGrammarOptions {
  /** Shots that are asked for, from the next frame on; `undefined` lets the rules decide again. */
  readonly asked$?: Observable<AskedShot | undefined>;
}

/**
 * Adds the shot to every frame: one in, one out, synchronously, in order. State is per subscription.
 *
 * ```text
 * in    a──b──c──|     frames with tracks and slots
 * out   a──b──c──|     each with its shot
 * ```
 */
export function chooseShot<F extends ShotInput>(
  options: ChooseShotOptions,
): OperatorFunction<F, F & { readonly shot: Shot }> {
  return (frames$) =>
    defer(() => {
      const grammar = new ShotGrammar(options);
      const asked = options.asked$?.subscribe((shot) => grammar.ask(shot));
      return frames$.pipe(
        map((frame) => withMore(frame, { shot: grammar.update(frame) })),
        finalize(() => asked?.unsubscribe()),
      );
    });
}
