import { describe, expect, it } from 'vitest';
import {
  gpuProblem,
  reasons,
  workplace,
  displayState,
  formatBytes,
  formatDuration,
  formatLength,
  formatMemory,
  formatMoment,
  formatMs,
  recordingLabel,
  nextSourceText,
  sentence,
  slotLabel,
  stateLabel,
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
      ...(['Refused by the camera', /in 5 min\.$/] as const),
    ],
    ['failed without a reason', [{ state: 'failed' }, waiting], 'Failed', /failed/],
    ['a problem here', [undefined, { ...waiting, problem: 'No such stream.' }], 'Failed', /^No such stream\.$/],
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
    [formatMs(4.24), '4.2'],
    [formatMs(42.4), '42'],
    [formatBytes(0), '0 B'],
    [formatBytes(999), '999 B'],
    [formatBytes(12_345), '12.3 kB'],
    [formatBytes(123_456_789), '123 MB'],
    [formatBytes(5e15), '5000 TB'],
    [formatMemory(undefined), '–'],
    [formatMemory({ processBytes: 812e6, streamsInProcess: 1 }), '812 MB'],
    [
      formatMemory({ processBytes: 812e6, streamsInProcess: 3, gpuBytes: 1.2e9 }),
      '812 MB + 1.2 GB on the GPU for 3 streams',
    ],
    [formatDuration(-1), '0 s'],
    [formatDuration(59.9), '59 s'],
    [formatDuration(60), '1 min'],
    [formatDuration(3_900), '1 h 05 min'],
    [formatLength(-1), '0:00'],
    [formatLength(9.6), '0:10'],
    [formatLength(598.2), '9:58'],
    [formatLength(3_607), '1:00:07'],
    [formatMoment('2026-11-29T08:15:30.125Z', 'UTC'), '29 Nov 2026, 08:15:30'],
    [formatMoment('2026-11-29T23:15:30.125Z', 'Asia/Tokyo'), '30 Nov 2026, 08:15:30'],
    [recordingLabel('retrying'), 'Trying again'],
  ])('%j is %j', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});

describe('reasons', () => {
  const source = { url: 'test:', decoder: 'avdec_h264', decoderReason: 'nvh264dec failed: no surfaces' };
  const output = { width: 2, height: 2, fps: 30, encoder: 'x264enc', bitrateKbps: 1 };
  const stages = [
    { stage: 'decode', memory: 'system', reason: 'carried over' },
    { stage: 'reid', memory: 'cuda', reason: 'network on the GPU' },
  ] as const;

  it('are told for the card, decoder and encoder, and for what is done on the card', () => {
    expect(
      reasons({
        source,
        output: { ...output, encoderReason: 'no NVENC' },
        gpu: { state: 'used', reason: 'H100', stages },
      }),
    ).toEqual([
      ['GPU', 'H100'],
      ['Decoder avdec_h264', 'nvh264dec failed: no surfaces'],
      ['Encoder x264enc', 'no NVENC'],
      ['Compare faces', 'network on the GPU'],
    ]);
  });

  it('leave out what nobody knows, and what is said in red already', () => {
    expect(reasons({ source: { url: 'test:' }, output, gpu: { state: 'lost', reason: 'Xid 79', stages: [] } })).toEqual(
      [],
    );
    expect(reasons({ source: { url: 'test:' }, output })).toEqual([]);
  });
});

describe('what does the work', () => {
  const gpu = { reason: 'CUDA_ERROR_ECC_UNCORRECTABLE', stages: [] };

  it.each([
    [undefined, '–', ''],
    [{ ...gpu, state: 'used', name: 'NVIDIA H100' }, 'NVIDIA H100', ''],
    [{ ...gpu, state: 'off' }, 'CPU', ''],
    [
      { ...gpu, state: 'lost', name: 'NVIDIA H100' },
      'CPU · GPU lost',
      'The GPU was lost; the stream continues on the CPU. CUDA_ERROR_ECC_UNCORRECTABLE.',
    ],
  ] as const)('of %o is %s', (status, where, problem) => {
    expect(workplace(status)).toBe(where);
    expect(gpuProblem(status)).toBe(problem);
  });
});
