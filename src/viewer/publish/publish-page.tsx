import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { canOpenCameras } from '../camera-error.js';
import type { PublishingState } from '../camera-publisher.js';
import { Bar, Pill } from '../parts/bar.js';
import { Icon } from '../parts/icon.js';
import { MissingPage } from '../parts/missing-page.js';
import { Figures, Panel, Problem, type FigureRow } from '../parts/panel.js';
import type { SentFigures } from '../sent-figures.js';
import { streamPage } from '../urls.js';
import { formatDelay } from '../format.js';
import { problemText, stateLabel } from '../wording.js';
import { PublishModel, type DeviceOptions } from './publish-model.js';

const STATES: Readonly<Record<PublishingState, { readonly state: string; readonly label: string }>> = {
  idle: { state: 'idle', label: 'Not sending' },
  connecting: { state: 'connecting', label: 'Connecting' },
  live: { state: 'live', label: 'Sending' },
  retrying: { state: 'connecting', label: 'Connecting again' },
};

/** The page that sends this device's camera to a stream. */
export function PublishPage({ streamId }: { readonly streamId: string }): JSX.Element {
  const model = useMemo(() => new PublishModel(streamId), [streamId]);
  useEffect(() => {
    document.title = `Send a camera to ${streamId} · Diptych`;
  }, [streamId]);
  const { state, label } = STATES[model.state.value];
  if (model.isMissing.value && model.state.value === 'idle') {
    return (
      <MissingPage title={streamId} text={`There is no stream “${streamId}” on this gateway to send a camera to.`} />
    );
  }
  return (
    <>
      <Bar title={`Camera for ${streamId}`}>
        <Pill state={state} label={label} isAnnounced />
      </Bar>
      <main class="stream">
        <div class="column">
          <div class="stage">
            <OwnPicture model={model} />
            <div class="controls">
              <a class="control" href={streamPage(streamId)} title="To the stream" aria-label="To the stream">
                <Icon name="back" />
              </a>
              <span class="spacer" />
              <button
                type="button"
                class={model.state.value === 'idle' ? 'button primary large' : 'button large'}
                disabled={model.isBusy.value || !canOpenCameras()}
                onClick={() => void model.toggle()}
              >
                {model.state.value === 'idle' ? 'Use this camera' : 'Stop'}
              </button>
            </div>
          </div>
        </div>
        <div class="panels">
          <Devices model={model} />
          {model.state.value !== 'idle' && (
            <Panel title="Sent from here" name="sent">
              <Figures rows={sentRows(model.figures.value)} />
            </Panel>
          )}
          <Panel title="Arrives at the gateway" name="received">
            <Received model={model} />
          </Panel>
        </div>
      </main>
    </>
  );
}

function OwnPicture({ model }: { readonly model: PublishModel }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const media = model.media.value;
  useEffect(() => {
    if (video.current) video.current.srcObject = media ?? null;
  }, [media]);
  const message =
    model.problem.value ?? (media ? undefined : 'The picture of this device goes to the stream once you start.');
  return (
    <div class="screen">
      <div class={message === undefined ? 'player' : 'player dimmed'}>
        <video ref={video} muted autoplay playsInline aria-label="Picture of this device" />
      </div>
      <p class="message" aria-live="polite">
        {message}
      </p>
    </div>
  );
}

function Devices({ model }: { readonly model: PublishModel }): JSX.Element {
  const select = (label: string, device: 'camera' | 'microphone', options: DeviceOptions): JSX.Element => (
    <div class="field row">
      <label for={device}>{label}</label>
      <select
        id={device}
        value={model[device].value}
        onChange={({ currentTarget }) => void model.choose(device, currentTarget.value)}
      >
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
  return (
    <Panel title="Devices" name="devices">
      {select('Camera', 'camera', model.cameras.value)}
      {select('Microphone', 'microphone', model.microphones.value)}
      <div class="field row">
        <label for="level">Level</label>
        <meter id="level" min={0} max={1} low={0.2} high={0.95} optimum={0.6} value={model.level.value} />
      </div>
    </Panel>
  );
}

function Received({ model }: { readonly model: PublishModel }): JSX.Element {
  const view = model.view.value;
  const source = view?.source;
  const { lostRatio } = model.figures.value;
  // That nobody sends is what this page is for.
  const isTold = view?.error?.code === 'DIPTYCH_E_SOURCE_UNPUBLISHED';
  const stateRow = [
    'State',
    view ? (isTold ? 'Waiting for a camera' : stateLabel(view.state)) : 'The gateway does not answer',
  ] as const;
  if (isTold || !view) return <Figures rows={[stateRow]} />;
  return (
    <>
      <Problem text={view.error ? problemText(view.error) : ''} />
      <Figures
        rows={[
          stateRow,
          ['Codec', source?.codec ?? '–'],
          ['Picture', source?.width === undefined ? '–' : `${source.width} × ${source.height ?? 0}`],
          ['Rate', source?.fps === undefined ? '–' : `${Math.round(source.fps)} fps`],
          ['Lost on the way', lostRatio === undefined ? '–' : `${(lostRatio * 100).toFixed(1)} %`],
          ['Sound', source?.audio ?? '–'],
          ['People', String(view.people.length)],
        ]}
      />
    </>
  );
}

function sentRows({ codec, width, height, fps, kbps, roundTripMs }: SentFigures): FigureRow[] {
  return [
    ['Codec', codec?.replace(/^H26(\d)$/, 'H.26$1') ?? '–'],
    ['Picture', width === undefined ? '–' : `${width} × ${height ?? 0}`],
    ['Rate', `${fps === undefined ? '–' : `${Math.round(fps)} fps`}${kbps === undefined ? '' : ` · ${kbps} kbit/s`}`],
    ['Round trip', roundTripMs === undefined ? '–' : formatDelay(roundTripMs)],
  ];
}
