import type { JSX } from 'preact';
import { ActionButton } from '../parts/action.js';
import { slotLabel } from '../wording.js';

/** The tiles that a person can be pinned to. */
export function PinPerson({
  who,
  slot,
  slots,
  onPin,
  onError,
}: {
  /** What the person is called. */
  readonly who: string;
  /** The tile of the person; absent without one. */
  readonly slot: number | undefined;
  /** Those that there are. */
  readonly slots: readonly number[];
  readonly onPin: (slot: number) => Promise<void>;
  readonly onError: (text: string) => void;
}): JSX.Element {
  const pins = slot === undefined ? slots : [slot, ...slots.filter((other) => other !== slot)];
  return (
    <>
      <h3>Pin {who}</h3>
      <div class="actions">
        {pins.map((to) => (
          <ActionButton key={to} onAct={() => onPin(to)} onError={onError}>
            {to === slot ? 'In this tile' : `In the ${slotLabel(to, slots).toLowerCase()}`}
          </ActionButton>
        ))}
      </div>
      <p class="help">Who is pinned keeps the tile until “Follow left and right”.</p>
    </>
  );
}
