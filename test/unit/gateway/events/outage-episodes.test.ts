import { expect, it } from 'vitest';
import { OutageEpisodes } from '#src/gateway/events/outage-episodes.js';
import type { StreamState } from '#src/shared/domain/stream-status.js';

type Step = readonly [atMs: number, what: StreamState | 'lost' | 'refused' | 'opened'];

/** What is told of these steps: words, or a state that is told as it is. */
function told(from: StreamState, steps: readonly Step[]): string[] {
  const episodes = new OutageEpisodes(from);
  let state = from;
  return steps.flatMap(([atMs, what]) => {
    if (what === 'lost') return episodes.lost({ reason: 'it refuses' }, atMs)?.text ?? [];
    if (what === 'refused') {
      return episodes.lost({ reason: 'it refuses', code: 'DIPTYCH_E_SOURCE_AUTH' }, atMs)?.text ?? [];
    }
    if (what === 'opened') return episodes.opened(atMs)?.text ?? [];
    const entry = episodes.changed({ from: state, to: what }, atMs);
    state = what;
    return entry === 'nothing' ? [] : (entry?.text ?? what);
  });
}

it.each<[string, StreamState, readonly Step[], readonly string[]]>([
  [
    'an outage that ends soon',
    'live',
    [
      [0, 'lost'],
      [400, 'stalled'],
      [2000, 'opened'],
      [2400, 'live'],
    ],
    ['No picture came for 2.4 s: it refuses.'],
  ],
  [
    'a pause of the camera',
    'live',
    [
      [0, 'stalled'],
      [1500, 'live'],
    ],
    ['No picture came for 1.5 s.'],
  ],
  [
    'a pause of the camera that is over as soon as it is told',
    'live',
    [
      [0, 'stalled'],
      [20, 'live'],
    ],
    ['No picture came for a moment.'],
  ],
  [
    'a connection that is lost and made again while the last picture stands',
    'live',
    [
      [0, 'lost'],
      [800, 'opened'],
    ],
    ['The source was lost for 0.8 s: it refuses.'],
  ],
  [
    'a long outage with many attempts',
    'live',
    [
      [0, 'stalled'],
      [2000, 'lost'],
      [2100, 'offline'],
      [4000, 'lost'],
      [9000, 'lost'],
      [15_000, 'opened'],
      [15_100, 'live'],
    ],
    ['offline', 'live'],
  ],
  [
    'a password that is wrong from the start',
    'connecting',
    [
      [0, 'refused'],
      [10, 'unauthorized'],
    ],
    ['unauthorized'],
  ],
  [
    'a camera that comes at the second attempt',
    'connecting',
    [
      [0, 'lost'],
      [1000, 'opened'],
      [1100, 'live'],
    ],
    ['No picture comes from the source: it refuses.', 'live'],
  ],
  [
    'a stall of a picture that was frozen',
    'frozen',
    [
      [0, 'stalled'],
      [1000, 'frozen'],
    ],
    ['frozen'],
  ],
  [
    'two outages',
    'live',
    [
      [0, 'stalled'],
      [1000, 'live'],
      [5000, 'offline'],
      [6000, 'live'],
    ],
    ['No picture came for 1.0 s.', 'offline', 'live'],
  ],
])('%s is one event', (_name, from, steps, expected) => {
  expect(told(from, steps)).toEqual(expected);
});
