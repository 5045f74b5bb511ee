import { expect, it } from 'vitest';
import type { StateDocument, StateEntry } from '#src/gateway/state/state-document.js';
import { withoutNumbers } from '#src/gateway/state/without-numbers.js';

const state = (...streams: readonly StateEntry[]): StateDocument => ({
  version: 1,
  generation: 3,
  streams: [...streams],
});

it.each<{ name: string; before: StateEntry; after: StateEntry }>([
  {
    name: 'a change',
    before: {
      stream: 'main',
      changed: { 'people.leaveOut': { value: ['Ben', 3] }, 'slots.mode': { value: 'identity' } },
    },
    after: { stream: 'main', changed: { 'people.leaveOut': { value: ['Ben'] }, 'slots.mode': { value: 'identity' } } },
  },
  {
    name: 'a stream that was added',
    before: { added: { id: 'hall', people: { names: ['Anna'], leaveOut: [7, 'Ben'] } } },
    after: { added: { id: 'hall', people: { names: ['Anna'], leaveOut: ['Ben'] } } },
  },
  { name: 'a stream without people', before: { added: { id: 'hall' } }, after: { added: { id: 'hall' } } },
  { name: 'other changes', before: { stream: 'main', changed: {} }, after: { stream: 'main', changed: {} } },
])('forgets numbers of people, and nothing else: $name', ({ before, after }) => {
  expect(withoutNumbers(state(before))).toEqual(state(after));
});
