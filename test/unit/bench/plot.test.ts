import { describe, expect, it } from 'vitest';
import { axisFor, drawBars, drawLines } from '#src/bench/plot.js';

/** Attributes of every element of a name, as numbers where they are some. */
function elements(svg: string, name: string): Record<string, string>[] {
  return [...svg.matchAll(new RegExp(`<${name} ([^>]*?)/?>`, 'g'))].map(([, attributes = '']) =>
    Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])),
  );
}

const bottomOf = (bar: Record<string, string>): number => Number(bar['y']) + Number(bar['height']);

describe('axisFor', () => {
  it.each([
    [0, { most: 1, ticks: [0, 1] }],
    [Number.NaN, { most: 1, ticks: [0, 1] }],
    [1, { most: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] }],
    [9, { most: 10, ticks: [0, 2, 4, 6, 8, 10] }],
    [101, { most: 150, ticks: [0, 50, 100, 150] }],
    [0.033, { most: 0.04, ticks: [0, 0.01, 0.02, 0.03, 0.04] }],
  ])('puts round ticks up to at least %d', (most, axis) => {
    expect(axisFor(most)).toEqual(axis);
  });
});

describe('drawBars', () => {
  const groups = [
    { label: '720p', values: [100, 50] },
    { label: '1080p', values: [undefined, 25] },
  ];
  const bars = (svg: string): Record<string, string>[] => elements(svg, 'rect').filter(({ y }) => Number(y) < 330);

  it('draws bars beside each other, as high as their values, and none where there is none', () => {
    const drawn = bars(drawBars({ title: 'Rates', unit: 'fps', series: ['GPU', 'CPU'], groups, bars: 'beside' }));
    const heights = drawn.map(({ height }) => Number(height));

    expect(drawn).toHaveLength(3);
    expect(heights[1]! / heights[0]!).toBeCloseTo(0.5);
    expect(heights[2]! / heights[0]!).toBeCloseTo(0.25);
    expect(new Set(drawn.map(bottomOf)).size).toBe(1);
    expect(Number(drawn[0]!['x']) + Number(drawn[0]!['width'])).toBeLessThanOrEqual(Number(drawn[1]!['x']));
    expect(drawn.map(({ fill }) => fill)).toEqual([drawn[0]!['fill'], drawn[1]!['fill'], drawn[1]!['fill']]);
  });

  it('puts bars on top of each other, with their sum above', () => {
    const svg = drawBars({ title: 'Costs', unit: 'ms', series: ['a', 'b'], groups, bars: 'stacked' });
    const [first, second] = bars(svg);

    expect(bottomOf(second!)).toBeCloseTo(Number(first!['y']));
    expect(first!['x']).toBe(second!['x']);
    expect(svg).toContain('>150</text>');
  });

  it('writes what words mean, not what they do', () => {
    const svg = drawBars({ title: 'a < b & "c"', unit: '', series: ['<x>'], groups: [], bars: 'beside' });
    expect(svg).toContain('>a &lt; b &amp; &quot;c&quot;</text>');
    expect(svg).not.toContain('<x>');
  });
});

describe('drawLines', () => {
  it('goes from corner to corner of its axes', () => {
    const svg = drawLines({
      title: 'Use',
      unit: '%',
      across: 'seconds',
      series: [
        {
          label: 'a',
          points: [
            [0, 0],
            [5, 50],
            [10, 100],
          ],
        },
        { label: 'nothing', points: [] },
      ],
      most: 100,
    });
    const lines = elements(svg, 'polyline');
    expect(lines).toHaveLength(1);
    const [[x0, y0], [x1, y1], [x2, y2]] = lines[0]!
      ['points']!.split(' ')
      .map((point) => point.split(',').map(Number)) as [number[], number[], number[]];
    expect(x1! - x0!).toBeCloseTo(x2! - x1!);
    expect(y0! - y1!).toBeCloseTo(y1! - y2!);
    expect(y0!).toBeGreaterThan(y2!);
    expect(svg).toContain('>seconds</text>');
    expect(svg).toContain('>nothing</text>');
  });

  it('cuts what lies beyond an axis that was given, and chooses one where none was', () => {
    const points = [
      [0, 0],
      [1, 300],
    ] as const;
    const highest = (most?: number): number => {
      const svg = drawLines({
        title: '',
        unit: '',
        across: '',
        series: [{ label: '', points }],
        ...(most && { most }),
      });
      return Number(elements(svg, 'polyline')[0]!['points']!.split(' ')[1]!.split(',')[1]);
    };
    expect(highest(100)).toBe(highest());
  });
});
