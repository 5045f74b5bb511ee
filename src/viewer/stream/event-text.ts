import type { SlotAction } from '../../shared/domain/slot-action.js';
import type { StreamView } from '../../shared/domain/stream-status.js';
import type { StreamEvent } from '../../shared/ipc/messages.js';
import { sentence, stateLabel, targetError, targetLabel } from '../wording.js';

/** Of an error, before its words; for programs. */
const CODE = /^DIPTYCH_E_[A-Z_]+: /;
/** A suspicion that is answered later than this, s, is another one. */
const ANSWERED_WITHIN_S = 10;

/** What an event says to people, or `undefined` where it is only for programs. @param before - earlier events, newest first */
export function eventText(event: StreamEvent, before: readonly StreamEvent[]): string | undefined {
  const { name, details, ptsMs } = event;
  const person = (key: string): string => `person ${String(details[key])}`;
  switch (name) {
    case 'swap_corrected': {
      const suspected = before.find((one) => one.name === 'swap_suspected');
      const tookS = suspected === undefined ? Infinity : (ptsMs - suspected.ptsMs) / 1000;
      const after = tookS <= ANSWERED_WITHIN_S && tookS >= 0.05 ? ` after ${tookS.toFixed(1)} s` : '';
      return sentence(`${person('formerTrackId')} and ${person('trackId')} crossed; swap put right${after}`);
    }
    case 'reentry':
      return sentence(`${person('trackId')} came back`);
    case 'new_identity':
      return sentence(`${person('trackId')} is new`);
    case 'source_opened':
      return 'The camera was opened.';
    case 'source_lost':
      return sentence(`The camera was lost${reason(details)}`);
    case 'source_recovered':
      return 'The camera is back.';
    case 'source_changing':
      return 'Another source is opened.';
    case 'source_change_failed': {
      // Each try tells; the list says once why.
      const former = before.find(({ name: other }) => other === name || other === 'source_changing');
      const isKnown = former?.name === name && former.details['reason'] === details['reason'];
      return isKnown ? undefined : sentence(`The new source does not come${reason(details)}`);
    }
    case 'gpu_lost':
      return 'The GPU was lost; the stream continues on the CPU.';
    case 'process_recycled':
      return 'The process of the stream was replaced, because it took too much memory.';
    case 'swap_suspected':
    case 'reid_skipped':
    case 'keyframe-wanted':
    // Whoever asked for it is told at once.
    case 'slots':
      return undefined;
    default:
      return sentence(`${name.replace(/[_-]/g, ' ')}${reason(details)}`);
  }
}

/** What was asked of the tiles, once the gateway has taken it. */
export function slotText(action: SlotAction): string {
  switch (action.action) {
    case 'swap':
      return 'Tiles swapped.';
    case 'lock':
      return 'Everybody keeps their tile.';
    case 'unlock':
      return 'Tiles follow left and right again.';
    case 'pin':
      return `Person ${action.trackId} was put in tile ${action.slot + 1}.`;
  }
}

const reason = ({ message, reason: why }: StreamEvent['details']): string => {
  const text = message ?? why;
  return typeof text === 'string' ? `: ${text.replace(CODE, '')}` : '';
};

/** What has changed between two statuses, in sentences. */
export function changeTexts(before: StreamView | undefined, after: StreamView): readonly string[] {
  if (!before) return [];
  const texts: string[] = [];
  if (before.state !== after.state) {
    const why = after.error === undefined ? '' : `: ${after.error.message}`;
    texts.push(sentence(`The stream is ${stateLabel(after.state).toLowerCase()}${why}`));
  }
  for (const { id, state, error } of after.targets) {
    const former = before.targets.find((target) => target.id === id);
    if (former?.state === state) continue;
    const why = error === undefined ? '' : `: ${targetError(error).message}`;
    texts.push(sentence(`Target ${id} is ${targetLabel(state).toLowerCase()}${why}`));
  }
  for (const { id } of before.targets) {
    if (after.targets.every((target) => target.id !== id)) texts.push(`Target ${id} was removed.`);
  }
  return texts;
}
