import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { Panel } from '../parts/panel.js';
import type { StreamModel } from './stream-model.js';

const HEIGHT_PX = 132;
const AXIS_PX = 44;
/** Seconds that are shown at least, so that the first ones do not fill the width. */
const LEAST_S = 60;
/** As uPlot counts the sides. */
const ON_THE_RIGHT = { side: 1 };
const FONT = '11px system-ui, sans-serif';
const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Delay and frame rate of the last ten minutes. */
export function GraphPanel({ model }: { readonly model: StreamModel }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const { delayMs, stats, isCurrent } = model;
  useEffect(() => (place.current ? drawGraph(place.current, model) : undefined), [model]);
  const fps = isCurrent.value ? stats.value.fps : undefined;
  return (
    <Panel
      title="Delay and frame rate"
      name="graph"
      aside={
        <span class="headline">
          <span data-line="delay" title="From the camera’s packet to this screen, estimated">
            {delayMs.value === undefined ? '' : `≈ ${Math.round(delayMs.value)} ms`}
          </span>
          <span data-line="fps" title="Pictures a second that arrive here">
            {fps === undefined ? '' : `${Math.round(fps)} fps`}
          </span>
        </span>
      }
    >
      <div class="graph" ref={place} role="img" aria-label="Delay and frame rate of the last ten minutes" />
    </Panel>
  );
}

/** Draws until the returned function is called; anew where the colours of the system change. */
function drawGraph(place: HTMLElement, { history, nowMs }: StreamModel): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let plot = makePlot(place, history.columns);
  const unsubscribe = nowMs.subscribe(() => plot.setData(history.columns));
  const resize = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT_PX }));
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

function makePlot(place: HTMLElement, data: uPlot.AlignedData): uPlot {
  const style = getComputedStyle(place);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = (scale: string, unit: string, hasGrid: boolean): uPlot.Axis => ({
    ...{ scale, size: AXIS_PX, stroke: colour('--muted'), font: FONT },
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
          values: (_plot, splits) => splits.map((timeS) => time.format(timeS * 1000)),
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
