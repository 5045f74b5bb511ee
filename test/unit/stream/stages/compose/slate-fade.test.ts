import { describe, expect, it } from 'vitest';
import { SlateFade } from '#src/stream/stages/compose/slate-fade.js';

const OUTPUT = { width: 1280, height: 720 };

const shownAt = (fade: SlateFade, nowS: number): unknown[] =>
  fade.regions(OUTPUT, OUTPUT, nowS).map(({ alpha, isFirst = false }) => [Math.round(alpha * 10) / 10, isFirst]);

describe('the slate over the picture', () => {
  it('is nothing where it is not asked for', () => {
    expect(shownAt(new SlateFade(), 0)).toEqual([]);
  });

  it('is the first one until it has gone, also while it goes, and that of a lost source from then on', () => {
    const fade = new SlateFade();
    fade.begin();
    const before = shownAt(fade, 0);
    fade.hide(0, 1);
    const going = shownAt(fade, 0.5);
    const gone = shownAt(fade, 1);
    fade.show(2, 1);

    expect([before, going, gone, shownAt(fade, 3)]).toEqual([[[1, true]], [[0.5, true]], [], [[1, false]]]);
  });

  it('stays the first one where the source was there for less than the fade', () => {
    const fade = new SlateFade();
    fade.begin();
    fade.hide(0, 1);
    shownAt(fade, 0.5);
    fade.show(0.5, 1);

    expect(shownAt(fade, 2)).toEqual([[1, true]]);
  });
});
