import { describe, expect, it } from 'vitest';
import { outageOf, type OutageInput } from '#src/viewer/outage.js';
import type { Reception } from '#src/viewer/wording.js';

const playing: Reception = { connection: 'open', isPlaying: true };
const since = '1970-01-01T00:00:00.000Z';
const NOW_MS = 3_000;
const refused = {
  code: 'DIPTYCH_E_SOURCE_REFUSED',
  message: 'rtsp://h/1: refuses connections',
  nextTryAt: '1970-01-01T00:00:07.100Z',
} as const;

describe('what is wrong with a stream', () => {
  it.each<[string, OutageInput | undefined, Reception, object | undefined]>([
    ['nothing', { state: 'live' }, playing, undefined],
    ['not known yet', undefined, playing, undefined],
    [
      'it only starts',
      { state: 'connecting', error: { code: 'DIPTYCH_E_NOT_READY', message: 'the stream is starting' } },
      playing,
      undefined,
    ],
    [
      'a camera that was never there',
      { state: 'connecting', error: refused },
      playing,
      {
        tone: 'bad',
        title: 'No picture from the camera yet.',
        text: 'rtsp://h/1: refuses connections.',
        retry: 'Trying again in 5 s.',
      },
    ],
    ['a camera that was lost', { state: 'offline', error: refused }, playing, { title: 'The camera was lost.' }],
    [
      'a wrong password',
      {
        state: 'unauthorized',
        error: {
          code: 'DIPTYCH_E_SOURCE_AUTH',
          message: 'the source refused the user name or password; check source.user and source.password',
        },
      },
      playing,
      {
        ...{ tone: 'bad', title: 'The camera refuses the user name or password.', retry: '' },
        text: 'Check “User” and “Password”.',
      },
    ],
    [
      'no user name given',
      {
        state: 'unauthorized',
        error: {
          code: 'DIPTYCH_E_SOURCE_AUTH',
          message: 'rtsp://h/1: asks for a user name and password; set source.user and source.password',
        },
      },
      playing,
      {
        title: 'The camera asks for a user name and a password.',
        text: 'Set “User” and “Password”.',
      },
    ],
    [
      'a machine that is too slow',
      { state: 'overloaded', since, error: { code: 'DIPTYCH_E_OVERLOADED', message: 'choose a smaller picture' } },
      playing,
      { tone: 'warn', title: 'This machine has been overloaded and has left out pictures for 3 s.' },
    ],
    [
      'a camera that was lost a moment ago',
      { state: 'offline', since, error: refused },
      playing,
      { title: 'The camera has been lost for 3 s.' },
    ],
    [
      'what failed a moment ago',
      { state: 'failed', since, error: { code: 'DIPTYCH_E_SOURCE_FILE', message: 'there is no such file' } },
      playing,
      { title: 'This stream has not worked for 3 s.', text: 'There is no such file.' },
    ],
    [
      'nobody sends',
      {
        state: 'offline',
        error: { code: 'DIPTYCH_E_SOURCE_UNPUBLISHED', message: 'nobody publishes yet; open the page' },
      },
      playing,
      { tone: 'warn', title: 'Nobody sends a picture.', text: 'Open the page.', canSend: true },
    ],
    [
      'the gateway is gone',
      { state: 'live' },
      { connection: 'lost', isPlaying: false, retryInS: 3.2 },
      { tone: 'bad', title: 'The connection to the gateway was lost.', retry: 'Trying again in 4 s.' },
    ],
    [
      'this browser cannot play it',
      { state: 'live' },
      { ...playing, problem: 'No WebRTC.' },
      { tone: 'bad', title: 'There is no picture.', text: 'No WebRTC.' },
    ],
    [
      'another source is opened',
      { state: 'live', source: { next: { url: 'rtsp://h/2', since } } },
      playing,
      { tone: 'warn', title: 'Another source is being opened.', text: /rtsp:\/\/h\/2 is shown/ },
    ],
  ])('%s', (_name, stream, reception, expected) => {
    const outage = outageOf(stream, reception, NOW_MS);

    if (expected === undefined) expect(outage).toBeUndefined();
    else {
      for (const [key, value] of Object.entries(expected)) {
        const told = outage?.[key as keyof typeof outage];
        if (value instanceof RegExp) expect(told).toMatch(value);
        else expect(told).toBe(value);
      }
    }
  });
});
