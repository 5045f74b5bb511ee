import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { outageOf } from '../outage.js';
import { displayState, heldText, slotLabel } from '../wording.js';
import { Icon } from '../parts/icon.js';
import { may } from '../session.js';
import type { StreamModel } from './stream-model.js';
import type { TileChoice } from './tile-dialog.js';
import { Toolbar } from './toolbar.js';

/** The picture with its boxes, its tiles to click on, and the toolbar. */
export function Player({
  model,
  onTile,
}: {
  readonly model: StreamModel;
  readonly onTile: (choice: TileChoice) => void;
}): JSX.Element {
  const stage = useRef<HTMLDivElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const { picture, canvas } = model;
  useLayoutEffect(() => {
    picture.root.append(canvas);
    place.current?.append(picture.root);
  }, [picture, canvas]);
  const view = model.view.value;
  const reception = model.reception.value;
  const { message } = displayState(view, reception, model.nowMs.value);
  const outage = outageOf(view, reception, model.nowMs.value);
  // It is said above the picture already.
  const isOut = outage?.tone === 'bad' || outage?.canSend === true;
  useLayoutEffect(() => {
    picture.root.classList.toggle('dimmed', message !== undefined);
  }, [picture, message !== undefined]);
  const { width = 16, height = 9 } = view?.output ?? {};
  return (
    <div class="stage" ref={stage} style={{ '--aspect': String(width / height) }}>
      <div class="screen">
        <div ref={place} />
        {message !== undefined && !isOut && (
          <p class="message" aria-live="polite">
            {message}
          </p>
        )}
        <Tiles model={model} onTile={onTile} />
      </div>
      <Toolbar model={model} stage={stage} />
    </div>
  );
}

/** What can be clicked on in the picture. */
function Tiles({
  model,
  onTile,
}: {
  readonly model: StreamModel;
  readonly onTile: (choice: TileChoice) => void;
}): JSX.Element {
  const tiles = model.isCurrent.value && may('operate') ? model.tiles.value : [];
  const slots = tiles.map(({ slot }) => slot);
  const { isLocked, pinned } = model.hold.value;
  return (
    <div class="tiles">
      {tiles.map(({ slot, trackId, name, left, top, width, height }) => (
        <button
          key={slot}
          type="button"
          class="tile"
          data-slot={slot}
          style={{ left: `${left * 100}%`, top: `${top * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` }}
          aria-label={`${slotLabel(slot, slots)}, ${name ?? `person ${trackId}`}${heldText(pinned.includes(trackId), isLocked)}: change`}
          onClick={() => onTile({ slot, trackId, name })}
        >
          {model.isOverlayOn.value && (isLocked || pinned.includes(trackId)) && (
            <span class="held">
              <Icon name={pinned.includes(trackId) ? 'pin' : 'lock'} />
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
