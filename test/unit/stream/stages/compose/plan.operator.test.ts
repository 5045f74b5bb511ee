import { from, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { CompositionPlan } from '#src/stream/domain/composition-plan.js';
import { planComposition } from '#src/stream/stages/compose/plan.operator.js';
import { faceBox, makeTrack, source } from './two-people.js';

const output = { width: 1280, height: 720 };
const tracks = [makeTrack({ id: 4, box: faceBox({ x: 900, y: 500 }, 120) })];

const frames = [0, 40, 80].map((outPtsMs, index) => ({ outPtsMs, index }));

function collect(): readonly { index: number; plan: CompositionPlan }[] {
  let result: readonly { index: number; plan: CompositionPlan }[] = [];
  from(frames)
    .pipe(
      planComposition(
        ({ outPtsMs, index }) => ({
          ptsMs: outPtsMs,
          source,
          tracks,
          slots: index === 0 ? [4, undefined] : [],
          condition: 'live',
          slate: output,
        }),
        { output },
      ),
      toArray(),
    )
    .subscribe((all) => (result = all));
  return result;
}

describe('planComposition', () => {
  it('adds a plan to every frame, in order, at once', () => {
    const planned = collect();

    expect(planned.map(({ index, plan }) => [index, plan.ptsMs, plan.layout])).toEqual([
      [0, 0, 'single'],
      [1, 40, 'scene'],
      [2, 80, 'scene'],
    ]);
  });

  it('keeps its state for each subscription', () => {
    expect(collect()).toEqual(collect());
  });
});
