import type { JSX } from 'preact';
import { isShowing, type StreamView } from '../../shared/domain/stream-status.js';
import { Figures, Problem, type FigureRow } from '../parts/panel.js';
import { formatBytes, formatDelay, formatMemory } from '../format.js';
import { gpuProblem, reasons, STAGE_LABELS, workplace } from '../workplace.js';
import type { ReceptionStats } from '../media-receiver.js';
import { edgeTexts, shownUrl } from '../wording.js';
import type { StreamModel } from './stream-model.js';

const STAGES = [
  ['decode', 'Decode'],
  ['detect', 'Detect'],
  ['compose', 'Compose'],
  ['encode', 'Encode'],
  ['total', 'In Diptych'],
] as const;

const count = (value: number): string => value.toLocaleString('en');
const megabits = (kilobits: number): string => `${(kilobits / 1000).toFixed(1)} Mbit/s`;

/** What comes in and goes out, where it is made and how long it takes; folded away at first. */
export function TechnicalPanel({
  model,
  view,
}: {
  readonly model: StreamModel;
  readonly view: StreamView;
}): JSX.Element {
  const stats = model.stats.value;
  const why = reasons(view);
  return (
    <details class="panel technical">
      <summary>Technical details</summary>
      <div class="technical-columns">
        <section>
          <h3>Camera</h3>
          <Figures rows={sourceRows(view)} />
        </section>
        <section>
          <h3>Output</h3>
          <Figures rows={outputRows(view, stats)} />
        </section>
        <section>
          <h3>Delay: typical, and 95 % are below</h3>
          <Figures rows={delayRows(view, stats, model.isCurrent.value)} />
        </section>
        <section>
          <h3>Frames</h3>
          <Figures rows={frameRows(view)} />
        </section>
        <section>
          <h3>Works on {workplace(view.gpu)}</h3>
          <Problem text={gpuProblem(view.gpu)} />
          <Figures rows={workRows(view)} />
        </section>
        {why.length > 0 && (
          <section>
            <h3>Why</h3>
            <dl class="reasons">
              {why.map(([label, text]) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        )}
      </div>
    </details>
  );
}

function sourceRows({ source, state }: StreamView): FigureRow[] {
  const { url, width, height, fps, codec, audio, audioReason, transport } = source;
  const isThere = isShowing(state);
  const address = shownUrl(url);
  return [
    ...(address === undefined ? [] : [['Address', address] as const]),
    ['Size', isThere && width !== undefined && height !== undefined ? `${width} × ${height}` : '–'],
    ['Frame rate', isThere && fps !== undefined ? `${Math.round(fps)} fps` : '–'],
    ['Video', codec ?? '–'],
    ['Sound', audioReason === undefined ? (audio ?? '–') : `None: ${audioReason}`],
    ...(transport === undefined ? [] : [['Transport', transport.toUpperCase()] as const]),
  ];
}

function outputRows(view: StreamView, { fps, bitrateKbps }: ReceptionStats): FigureRow[] {
  const { output, viewers } = view;
  return [
    ['Size', `${output.width} × ${output.height}`],
    ['Frame rate', `${output.fps} fps`],
    ['Encoder', `${output.encoder} · ${megabits(output.bitrateKbps)}`],
    ['Received here', fps === undefined ? '–' : `${Math.round(fps)} fps · ${megabits(bitrateKbps ?? 0)}`],
    ['Viewers', [viewers, ...edgeTexts(view)].join(' · ')],
  ];
}

function delayRows(
  { latencyMs }: StreamView,
  { networkMs = 0, bufferMs, decodeMs = 0 }: ReceptionStats,
  isCurrent: boolean,
): FigureRow[] {
  const shown = (ms: number | undefined): string =>
    !isCurrent || ms === undefined || ms === 0 ? '–' : formatDelay(ms);
  const hereMs = bufferMs === undefined ? undefined : networkMs + bufferMs + decodeMs;
  return [
    ...STAGES.map(([stage, label]) => [label, shown(latencyMs[stage].p50), shown(latencyMs[stage].p95)] as const),
    ['To this screen', shown(hereMs), ''],
  ];
}

const frameRows = ({ frames }: StreamView): FigureRow[] => [
  ['From the camera', count(frames.in)],
  ['Published', count(frames.out)],
  ['Repeated', count(frames.repeated)],
  ['Left out', count(frames.dropped)],
  ['Came damaged', count(frames.damaged)],
];

function workRows({ gpu, memory }: StreamView): FigureRow[] {
  const bytes = gpu?.state === 'used' ? gpu.bytesPerFrame : undefined;
  return [
    ...(gpu?.stages ?? []).map(
      ({ stage, memory: where }) => [STAGE_LABELS[stage], where === 'cuda' ? 'GPU' : 'CPU'] as const,
    ),
    ...(bytes
      ? ([
          ['To the GPU', `${formatBytes(bytes.toDevice)} a frame`],
          ['From the GPU', `${formatBytes(bytes.toHost)} a frame`],
        ] as const)
      : []),
    ['Memory', formatMemory(memory)],
  ];
}
