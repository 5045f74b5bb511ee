/** A value of each series in each group; `undefined` where there is none. */
export interface BarChart {
  /** Above the plot. */
  readonly title: string;
  /** Of the values, above the vertical axis. */
  readonly unit: string;
  /** Names of the series, in the order of each group's values. */
  readonly series: readonly string[];
  /** Along the horizontal axis, each with one value a series. */
  readonly groups: readonly { readonly label: string; readonly values: readonly (number | undefined)[] }[];
  /** Whether bars of a group stand beside each other, or on top of each other. */
  readonly bars: 'beside' | 'stacked';
}

/** Lines of points over a common horizontal axis. */
export interface LineChart {
  /** Above the plot. */
  readonly title: string;
  /** Of the values, above the vertical axis. */
  readonly unit: string;
  /** What the horizontal axis counts. */
  readonly across: string;
  /** One line each; points in the order of x. */
  readonly series: readonly { readonly label: string; readonly points: readonly (readonly [x: number, y: number])[] }[];
  /** End of the vertical axis. @defaultValue just above the largest value */
  readonly most?: number;
}

const WIDTH = 760;
const HEIGHT = 360;
const MARGIN = { top: 64, right: 24, bottom: 56, left: 64 };
const PLOT = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
const BASE = MARGIN.top + PLOT.height;
/** Okabe and Ito's colours, which people of all kinds of sight tell apart. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#cc79a7', '#56b4e9', '#7f7f7f'];
const INK = '#24292f';
const FAINT = '#d8dee4';
const WANTED_TICKS = 5;
/** Bars of a group take this share of its width; more than so wide, px, looks clumsy. */
const GROUP_SHARE = 0.72;
const WIDEST_BAR = 64;
/** Width of a letter of the key, px: an estimate that never lets entries touch. */
const LETTER = 6.6;

/** A bar chart as an SVG document. */
export function drawBars({ title, unit, series, groups, bars }: BarChart): string {
  const heights = groups.map(({ values }) => {
    const known = values.map((value) => value ?? 0);
    return bars === 'stacked' ? known.reduce((sum, value) => sum + value, 0) : Math.max(0, ...known);
  });
  const axis = axisFor(Math.max(0, ...heights));
  const groupWidth = PLOT.width / Math.max(1, groups.length);
  const inGroup = bars === 'stacked' ? 1 : series.length;
  const barWidth = Math.min(WIDEST_BAR, (groupWidth * GROUP_SHARE) / inGroup);
  const body = groups.flatMap(({ label, values }, group) => {
    const middle = MARGIN.left + (group + 0.5) * groupWidth;
    let below = 0;
    const rectangles = values.flatMap((value, i) => {
      if (value === undefined || !(value > 0)) return [];
      const height = (value / axis.most) * PLOT.height;
      const x = bars === 'stacked' ? middle - barWidth / 2 : middle + (i - inGroup / 2) * barWidth;
      const top = BASE - below - height;
      if (bars === 'stacked') below += height;
      const bar = `<rect x="${px(x + 1)}" y="${px(top)}" width="${px(barWidth - 2)}" height="${px(height)}" fill="${colour(i)}"/>`;
      if (bars === 'stacked') return [bar];
      return [bar, text(x + barWidth / 2, top - 5, short(value), { anchor: 'middle', size: 11 })];
    });
    const total =
      bars === 'stacked' && below > 0
        ? [text(middle, BASE - below - 5, short(heights[group] ?? 0), { anchor: 'middle', size: 11 })]
        : [];
    return [...rectangles, ...total, text(middle, BASE + 20, label, { anchor: 'middle', size: 12 })];
  });
  return svgDocument(title, [...scale(axis, unit), ...body, ...key(series)]);
}

/** A line chart as an SVG document. */
export function drawLines({ title, unit, across, series, most }: LineChart): string {
  const points = series.flatMap((line) => line.points);
  const axis = axisFor(most ?? Math.max(0, ...points.map(([, y]) => y)));
  const last = Math.max(1e-9, ...points.map(([x]) => x));
  const pointAt = ([x, y]: readonly [number, number]): string =>
    `${px(MARGIN.left + (x / last) * PLOT.width)},${px(BASE - (Math.min(y, axis.most) / axis.most) * PLOT.height)}`;
  const lines = series.flatMap((line, i) =>
    line.points.length === 0
      ? []
      : [
          `<polyline points="${line.points.map(pointAt).join(' ')}" fill="none" stroke="${colour(i)}" stroke-width="2" stroke-linejoin="round"/>`,
        ],
  );
  const ends = [
    text(MARGIN.left, BASE + 20, '0', { anchor: 'middle', size: 12 }),
    text(MARGIN.left + PLOT.width, BASE + 20, short(last), { anchor: 'end', size: 12 }),
    text(MARGIN.left + PLOT.width / 2, BASE + 20, across, { anchor: 'middle', size: 12 }),
  ];
  return svgDocument(title, [...scale(axis, unit), ...lines, ...ends, ...key(series.map(({ label }) => label))]);
}

interface Axis {
  readonly most: number;
  readonly ticks: readonly number[];
}

/** Ticks at 1, 2 or 5 times a power of ten, from 0 to at least `most`. */
export function axisFor(most: number): Axis {
  if (!(most > 0)) return { most: 1, ticks: [0, 1] };
  const rough = most / WANTED_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
  const count = Math.ceil(most / step - 1e-9);
  return { most: count * step, ticks: Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12))) };
}

function scale({ most, ticks }: Axis, unit: string): readonly string[] {
  return [
    text(MARGIN.left - 8, MARGIN.top - 14, unit, { anchor: 'end', size: 12 }),
    ...ticks.flatMap((tick) => {
      const y = BASE - (tick / most) * PLOT.height;
      return [
        `<line x1="${MARGIN.left}" y1="${px(y)}" x2="${MARGIN.left + PLOT.width}" y2="${px(y)}" stroke="${tick === 0 ? INK : FAINT}"/>`,
        text(MARGIN.left - 8, y + 4, short(tick), { anchor: 'end', size: 12 }),
      ];
    }),
  ];
}

function key(labels: readonly string[]): readonly string[] {
  let x = MARGIN.left;
  return labels.flatMap((label, i) => {
    const entry = [
      `<rect x="${px(x)}" y="${HEIGHT - 22}" width="12" height="12" fill="${colour(i)}"/>`,
      text(x + 18, HEIGHT - 12, label, { anchor: 'start', size: 12 }),
    ];
    x += 18 + label.length * LETTER + 20;
    return entry;
  });
}

function svgDocument(title: string, body: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}" font-family="system-ui, 'DejaVu Sans', sans-serif">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="6" fill="#ffffff"/>`,
    text(MARGIN.left, 26, title, { anchor: 'start', size: 15, isBold: true }),
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

interface TextStyle {
  readonly anchor: 'start' | 'middle' | 'end';
  readonly size: number;
  readonly isBold?: boolean;
}

function text(x: number, y: number, words: string, { anchor, size, isBold = false }: TextStyle): string {
  const weight = isBold ? ' font-weight="600"' : '';
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}" font-size="${size}"${weight} fill="${INK}">${escaped(words)}</text>`;
}

const colour = (index: number): string => COLOURS[index % COLOURS.length] ?? INK;

/** Three digits, no exponent. */
const short = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));

const px = (value: number): string => String(Math.round(value * 10) / 10);

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
