import { useSignal } from '@preact/signals';
import type { JSX, RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import { Control, moveFocus, useShortcuts } from './control.js';
import { copyLink, saveSnapshot, toggleFullscreen, togglePictureInPicture, type Say } from './player-actions.js';
import { ShortcutsDialog } from './shortcuts-dialog.js';
import type { StreamModel } from './stream-model.js';

const NOTE_SHOWN_MS = 2_500;

/** The controls of the player; the arrow keys go from one to the next. */
export function Toolbar({
  model,
  stage,
}: {
  readonly model: StreamModel;
  readonly stage: RefObject<HTMLDivElement | null>;
}): JSX.Element {
  const bar = useRef<HTMLDivElement>(null);
  const isHelpOpen = useSignal(false);
  const note = useSignal('');
  const say = (text: string): void => {
    note.value = text;
    setTimeout(() => {
      if (note.value === text) note.value = '';
    }, NOTE_SHOWN_MS);
  };
  useShortcuts(bar);
  return (
    <div class="controls-place">
      <div class="controls" ref={bar} role="toolbar" aria-label="Player" onKeyDown={moveFocus}>
        <Sound model={model} />
        <Control
          icon="boxes"
          label="Boxes and names"
          keys="o"
          isOn={model.isOverlayOn.value}
          onClick={() => model.setOverlay(!model.isOverlayOn.value)}
        />
        <span class="spacer" />
        <OneTimeControls model={model} stage={stage} say={say} />
        <Control icon="keys" label="Keyboard shortcuts" keys="?" onClick={() => (isHelpOpen.value = true)} />
      </div>
      <p class="note" role="status">
        {note.value}
      </p>
      {isHelpOpen.value && <ShortcutsDialog onClose={() => (isHelpOpen.value = false)} />}
    </div>
  );
}

function OneTimeControls({
  model,
  stage,
  say,
}: {
  readonly model: StreamModel;
  readonly stage: RefObject<HTMLDivElement | null>;
  readonly say: Say;
}): JSX.Element {
  return (
    <>
      <Control icon="snapshot" label="Save this picture" keys="s" onClick={() => void saveSnapshot(model, say)} />
      {document.pictureInPictureEnabled && (
        <Control
          icon="pip"
          label="Picture in picture"
          keys="p"
          onClick={() => void togglePictureInPicture(model, say)}
        />
      )}
      <Control icon="link" label="Copy the link" keys="c" onClick={() => void copyLink(model, say)} />
      <Control
        icon="fullscreen"
        label="Full screen"
        keys="f"
        onClick={() => void toggleFullscreen(stage.current, say)}
      />
    </>
  );
}

function Sound({ model }: { readonly model: StreamModel }): JSX.Element {
  const isOn = useSignal(false);
  const toggle = (): void => {
    isOn.value = !isOn.value;
    void model.picture.setSound(isOn.value);
  };
  return (
    <>
      <Control icon={isOn.value ? 'sound' : 'muted'} label="Sound" keys="m" isOn={isOn.value} onClick={toggle} />
      {isOn.value && <Volume model={model} />}
    </>
  );
}

function Volume({ model }: { readonly model: StreamModel }): JSX.Element {
  return (
    <input
      class="volume"
      type="range"
      min={0}
      max={1}
      step={0.05}
      defaultValue="1"
      aria-label="Volume"
      onInput={({ currentTarget }) => {
        model.picture.volume = currentTarget.valueAsNumber;
      }}
    />
  );
}
