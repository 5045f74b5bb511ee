import { isBlock } from '../../shared/is-block.js';
import type { StateDocument, StateEntry } from './state-document.js';

/** The option that may name people by their number. */
const PATH = 'people.leaveOut';

/**
 * What the API changed, without numbers of people: a gateway that starts knows nobody, and gives the same numbers to
 * others.
 */
export const withoutNumbers = (state: StateDocument): StateDocument => ({
  ...state,
  streams: state.streams.map(withoutNumbersOf),
});

function withoutNumbersOf(entry: StateEntry): StateEntry {
  if ('changed' in entry) {
    const change = entry.changed[PATH];
    if (!change) return entry;
    return { ...entry, changed: { ...entry.changed, [PATH]: { ...change, value: namesOf(change.value) } } };
  }
  if (!('added' in entry)) return entry;
  const { people } = entry.added;
  if (!isBlock(people) || !('leaveOut' in people)) return entry;
  return { added: { ...entry.added, people: { ...people, leaveOut: namesOf(people['leaveOut']) } } };
}

const namesOf = (list: unknown): unknown =>
  Array.isArray(list) ? list.filter((who) => typeof who !== 'number') : list;
