import { describe, expect, it } from 'vitest';
import { extendedOptions, liveOptions } from '#src/stream/domain/live-options.js';

describe('extendedOptions', () => {
  it('has the options of its base as they are when they are read', () => {
    const base: { holdS: number; margin?: number } = { holdS: 1, margin: 2 };
    const options = extendedOptions(base, { output: 'full' });

    base.holdS = 3;
    delete base.margin;

    expect([options.holdS, options.margin, options.output]).toEqual([3, undefined, 'full']);
    expect(['holdS', 'margin', 'output'].map((name) => name in options)).toEqual([true, false, true]);
  });

  it('puts its own options in place of those of the base, and asks its getters for each read', () => {
    let labels = ['Ada'];
    const options = extendedOptions(
      { labels: ['none'], holdS: 1 },
      {
        get labels() {
          return labels;
        },
      },
    );

    const before = options.labels;
    labels = ['Ben'];

    expect([before, options.labels]).toEqual([['Ada'], ['Ben']]);
  });
});

describe('liveOptions', () => {
  it('looks an option up when it is read', () => {
    let options: object = { holdS: 1 };
    const live = liveOptions(() => options) as { holdS?: number; margin?: number };

    options = { margin: 2 };

    expect([live.holdS, live.margin, 'holdS' in live, { ...live }]).toEqual([undefined, 2, false, { margin: 2 }]);
  });
});
