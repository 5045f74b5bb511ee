import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatDelay, formatTime } from '../format.js';
import { Panel } from '../parts/panel.js';
import type { StreamModel } from './stream-model.js';

const HEIGHT_PX = 132;
/** Of an axis: its text is as wide as so many pixels a character, and stands so far from the graph. */
const CHARACTER_PX = 7;
const AXIS_GAP_PX = 12;
const AXIS_PX = 40;
/** Seconds that are shown at least, so that the first ones do not fill the width. */
const LEAST_S = 60;
/** As uPlot counts the sides. */
const ON_THE_RIGHT = { side: 1 };
const FONT = '11px system-ui, sans-serif';

/** Delay and frame rate of the last ten minutes. */
export function GraphPanel({ model }: { readonly model: StreamModel }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const { delayMs, stats, isCurrent } = model;
  useEffect(() => (place.current ? drawGraph(place.current, model) : undefined), [model]);
  const fps = isCurrent.value ? stats.value.fps : undefined;
  // Looked at again with every sample.
  const isEmpty = model.nowMs.value > 0 && !model.history.hasLine;
  return (
    <Panel
      title="Delay and frame rate"
      name="graph"
      aside={
        <span class="headline">
          <span data-line="delay" title="From the camera’s packet to this screen, estimated">
            {delayMs.value === undefined ? '' : `≈ ${formatDelay(Math.round(delayMs.value))}`}
          </span>
          <span data-line="fps" title="Pictures a second that arrive here">
            {fps === undefined ? '' : `${Math.round(fps)} fps`}
          </span>
        </span>
      }
    >
      {isEmpty && <p class="empty">No graph yet</p>}
      <div
        class="graph"
        hidden={isEmpty}
        ref={place}
        role="img"
        aria-label="Delay and frame rate of the last ten minutes"
      />
    </Panel>
  );
}

/** Draws until the returned function is called; anew where the colours of the system change. */
function drawGraph(place: HTMLElement, { history, nowMs }: StreamModel): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let plot = makePlot(place, history.columns);
  const unsubscribe = nowMs.subscribe(() => plot.setData(history.columns));
  const resize = new ResizeObserver(() => {
    // Nothing to size while it is hidden.
    if (place.clientWidth > 0) plot.setSize({ width: place.clientWidth, height: HEIGHT_PX });
  });
  resize.observe(place);
  const onColours = (): void => {
    plot.destroy();
    plot = makePlot(place, history.columns);
  };
  dark.addEventListener('change', onColours);
  return () => {
    dark.removeEventListener('change', onColours);
    resize.disconnect();
    unsubscribe();
    plot.destroy();
  };
}

/** Wide enough for its longest text. */
const axisWidth = (_plot: uPlot, values: readonly string[] | null): number =>
  Math.max(AXIS_PX, ...(values ?? []).map((text) => text.length * CHARACTER_PX + AXIS_GAP_PX));

function makePlot(place: HTMLElement, data: uPlot.AlignedData): uPlot {
  const style = getComputedStyle(place);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = (scale: string, unit: string, hasGrid: boolean): uPlot.Axis => ({
    ...{ scale, size: axisWidth, stroke: colour('--muted'), font: FONT },
    grid: hasGrid ? { stroke: colour('--line'), width: 1 } : { show: false },
    ticks: { show: false },
    values: (_plot, splits) => splits.map((value) => `${value}${unit}`),
  });
  const fromZero = (_plot: uPlot, _min: number | null, max: number | null): uPlot.Range.MinMax => [
    0,
    Math.max(10, (max ?? 0) * 1.15),
  ];
  const line = (label: string, scale: string, stroke: string): uPlot.Series => ({
    ...{ label, scale, stroke, width: 1.6, spanGaps: false },
    points: { show: false },
  });
  return new uPlot(
    {
      ...{ width: place.clientWidth, height: HEIGHT_PX, legend: { show: false }, padding: [8, 4, 0, 4] },
      cursor: { show: false },
      scales: {
        x: { time: true, range: (_plot, min, max) => [Math.min(min, max - LEAST_S), max] },
        ms: { range: fromZero },
        fps: { range: fromZero },
      },
      axes: [
        {
          ...{ stroke: colour('--muted'), font: FONT, size: 24, space: 90 },
          ...{ grid: { show: false }, ticks: { show: false } },
          values: (_plot, splits) => splits.map((timeS) => formatTime(timeS * 1000)),
        },
        axis('ms', ' ms', true),
        Object.assign(axis('fps', '', false), ON_THE_RIGHT),
      ],
      series: [{}, line('Delay', 'ms', colour('--line-delay')), line('Frame rate', 'fps', colour('--line-fps'))],
    },
    data,
    place,
  );
}
