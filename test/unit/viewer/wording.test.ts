import { describe, expect, it } from 'vitest';
import {
  displayState,
  nextSourceText,
  recordingLabel,
  sentence,
  slotLabel,
  stateLabel,
  targetError,
  targetLabel,
  type Reception,
} from '#src/viewer/wording.js';

const playing: Reception = { connection: 'open', isPlaying: true };
const waiting: Reception = { connection: 'open', isPlaying: false };

const error = { code: 'DIPTYCH_E_GRAPH', message: 'the disk is full' } as const;
const later = {
  code: 'DIPTYCH_E_SOURCE_UNREACHABLE',
  message: 'no route',
  nextTryAt: '1970-01-01T00:00:03.200Z',
} as const;

it.each<[string, Parameters<typeof nextSourceText>[0], string]>([
  ['nothing', undefined, ''],
  [
    'one that is opened',
    { url: 'rtsp://h/2', since: '1970-01-01T00:00:00.000Z' },
    'rtsp://h/2 is shown as soon as it sends a picture.',
  ],
  [
    'one that fails',
    { url: 'rtsp://h/2', since: '1970-01-01T00:00:00.000Z', error: later },
    'rtsp://h/2 is shown as soon as it sends a picture. No route. Trying again in 4 s.',
  ],
])('of what is to take the place of a source: %s', (_name, next, text) => {
  expect(nextSourceText(next, 0)).toBe(text);
});

describe('displayState', () => {
  it.each<[string, Parameters<typeof displayState>, string, RegExp | undefined]>([
    ['live', [{ state: 'live' }, playing], 'Live', undefined],
    ['live, first picture to come', [{ state: 'live' }, waiting], 'Connecting', /first picture/],
    ['no answer yet', [undefined, { connection: 'connecting', isPlaying: false }], 'Connecting', /to the gateway/],
    ['lost', [{ state: 'live' }, { connection: 'lost', isPlaying: false, retryInS: 2.2 }], 'Reconnecting', /in 3 s/],
    [
      'about to try',
      [undefined, { connection: 'lost', isPlaying: false, retryInS: 0.2 }],
      'Reconnecting',
      /Trying again…/,
    ],
    ['lost without a date', [undefined, { connection: 'lost', isPlaying: false }], 'Reconnecting', /lost\.$/],
    ['waiting for the camera', [{ state: 'connecting' }, waiting], 'Connecting', /camera/],
    ['the slate shows it already', [{ state: 'connecting' }, playing], 'Connecting', undefined],
    ['stalled', [{ state: 'stalled' }, waiting], 'Stalled', /no pictures/],
    ['stalled, picture held', [{ state: 'stalled' }, playing], 'Stalled', undefined],
    ['offline', [{ state: 'offline' }, waiting], 'Offline', /not on the air/],
    [
      'nobody sends, as the list says it',
      [{ state: 'offline', error: { code: 'DIPTYCH_E_SOURCE_UNPUBLISHED', message: 'nobody publishes yet' } }, playing],
      ...(['Nobody sends', undefined] as const),
    ],
    ['offline with a slate', [{ state: 'offline' }, playing], 'Offline', undefined],
    ['failed', [{ state: 'failed', error }, waiting], 'Failed', /^The disk is full\.$/],
    ['failed, with a slate', [{ state: 'failed', error }, playing], 'Failed', /^The disk is full\.$/],
    [
      'offline, tried again',
      [{ state: 'offline', error: later }, waiting, 0],
      'Offline',
      /^No route\. Trying again in 4 s\.$/,
    ],
    [
      'tried again now',
      [{ state: 'connecting', error: later }, waiting, 9000],
      'Connecting',
      /^No route\. Trying again…$/,
    ],
    [
      'tried again much later',
      [{ state: 'unauthorized', error: { ...later, nextTryAt: '1970-01-01T00:05:00.000Z' } }, waiting, 0],
      ...(['Login refused', /in 5 min\.$/] as const),
    ],
    ['failed without a reason', [{ state: 'failed' }, waiting], 'Failed', /failed/],
    ['a problem here', [undefined, { ...waiting, problem: 'No such stream.' }], 'No picture', /^No such stream\.$/],
  ])('%s', (_name, args, label, message) => {
    const shown = displayState(...args);

    expect(shown.label).toBe(label);
    if (message) expect(shown.message).toMatch(message);
    else expect(shown.message).toBeUndefined();
  });
});

describe('words and numbers', () => {
  it.each([
    [slotLabel(0, [0, 1]), 'Left tile'],
    [slotLabel(1, [0, 1]), 'Right tile'],
    [slotLabel(1, [0, 1, 2]), 'Tile 2'],
    [slotLabel(2, [0, 1, 2]), 'Tile 3'],
    [slotLabel(undefined, [0]), 'No tile'],
    [sentence('DIPTYCH_E_SOURCE_UNREACHABLE: nobody answers'), 'Nobody answers.'],
    [stateLabel('stalled'), 'Stalled'],
    [targetLabel('retrying'), 'Trying again'],
    [targetLabel('connecting', 'rtmp://h/live'), 'Connecting'],
    [targetLabel('connecting', 'srt://h:9000?passphrase=***'), 'Connecting'],
    [targetLabel('connecting', 'srt://:9000?passphrase=***'), 'Waiting for a receiver'],
    [targetLabel('connecting', 'srt://0.0.0.0:9000?mode=listener'), 'Waiting for a receiver'],
    [targetLabel('live', 'srt://:9000'), 'Live'],
    [recordingLabel('retrying'), 'Trying again'],
    [
      targetError({ code: 'DIPTYCH_E_TARGET', message: 'target rtmp://h/a/*** nothing listens on h' }).message,
      'nothing listens on h',
    ],
  ])('%j is %j', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});
