import type { JSX } from 'preact';
import { Dialog } from '../parts/dialog.js';

const SHORTCUTS = [
  ['m', 'Sound on and off'],
  ['o', 'Boxes and names'],
  ['s', 'Save this picture'],
  ['p', 'Picture in picture'],
  ['c', 'Copy the link of this page'],
  ['f', 'Full screen'],
  ['0', 'Shots by the rules'],
  ['1 2 3 4', 'Hold a shot: split, together, single, wide'],
  ['← →', 'From one control of the player to the next'],
  ['?', 'This list'],
] as const;

/** Which key does what. */
export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="figures shortcuts">
        {SHORTCUTS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
