import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { Bar, Pill } from '../parts/bar.js';
import { Icon } from '../parts/icon.js';
import { MissingPage } from '../parts/missing-page.js';
import { outageOf } from '../outage.js';
import { may } from '../session.js';
import { publishPage } from '../urls.js';
import { displayState } from '../wording.js';
import { EventsPanel } from './events-panel.js';
import { GraphPanel } from './graph-panel.js';
import { PeoplePanel } from './people-panel.js';
import { ShotPanel } from './shot-panel.js';
import { Player } from './player.js';
import { RecordingPanel } from './recording-panel.js';
import { SettingsDialog } from './settings-dialog.js';
import { StreamModel } from './stream-model.js';
import { TargetsPanel } from './targets-panel.js';
import { TechnicalPanel } from './technical-panel.js';
import { TileDialog, type TileChoice } from './tile-dialog.js';

/** The page of one stream: the picture, what is known about it, and what can be done with it. */
export function StreamPage({ streamId: opened }: { readonly streamId: string }): JSX.Element {
  const model = useMemo(() => new StreamModel(opened), [opened]);
  const { streamId } = model;
  const isEditing = useSignal(false);
  const chosen = useSignal<TileChoice | undefined>(undefined);
  useEffect(() => {
    document.title = `${streamId} · Diptych`;
  }, [streamId]);
  const view = model.view.value;
  const reception = model.reception.value;
  const { state, label } = displayState(view, reception, model.nowMs.value);
  if (reception.isGone === true) return <MissingPage title={streamId} text={reception.problem ?? ''} />;
  const choose = (choice: TileChoice): void => {
    chosen.value = choice;
  };
  return (
    <>
      <Bar title={streamId}>
        <Pill state={state} label={label} isAnnounced />
        {model.canEdit.value && (
          <button
            type="button"
            class="control"
            title="Settings of the stream"
            aria-label="Settings of the stream"
            onClick={() => (isEditing.value = true)}
          >
            <Icon name="settings" />
          </button>
        )}
      </Bar>
      <main class="stream">
        <OutageBanner model={model} />
        <div class="column">
          <Player model={model} onTile={choose} />
          <GraphPanel model={model} />
        </div>
        <div class="panels">
          <PeoplePanel model={model} onPerson={choose} />
          <ShotPanel model={model} />
          <TargetsPanel model={model} />
          {view && may('operate') && (
            <RecordingPanel streamId={streamId} status={view.recording} nowMs={model.nowMs.value} />
          )}
          <EventsPanel model={model} />
        </div>
        {view && <TechnicalPanel model={model} view={view} />}
      </main>
      {isEditing.value && <SettingsDialog streamId={streamId} onClose={() => (isEditing.value = false)} />}
      {chosen.value && <TileDialog model={model} choice={chosen.value} onClose={() => (chosen.value = undefined)} />}
    </>
  );
}

/** What is wrong with the stream, and when it is tried again; nothing where nothing is wrong. */
function OutageBanner({ model }: { readonly model: StreamModel }): JSX.Element {
  const outage = outageOf(model.view.value, model.reception.value, model.nowMs.value);
  return (
    <div class="outage-place" role="alert">
      {outage && (
        <div class="outage" data-tone={outage.tone}>
          <strong>{outage.title}</strong>
          {outage.text !== '' && <p>{outage.text}</p>}
          {outage.retry !== '' && <p>{outage.retry}</p>}
          {outage.canSend === true && may('operate') && (
            <a class="button small" href={publishPage(model.streamId)}>
              Send this device’s camera
            </a>
          )}
        </div>
      )}
    </div>
  );
}
