import { expect, it } from 'vitest';
import { probeText } from '#src/viewer/list/probe-result.js';

const picture = { codec: 'H.264', width: 1920, height: 1080, fps: 24.98, thumbnail: 'data:' };

it.each([
  [
    { ...picture, audio: 'AAC', decoder: 'avdec_h264' },
    'H.264 · 1920 × 1080 · 25 fps · sound AAC · decoded by avdec_h264',
  ],
  [{ ...picture, audio: 'none' }, 'H.264 · 1920 × 1080 · 25 fps · no sound'],
  [{ ...picture, audioReason: 'it is encrypted' }, 'H.264 · 1920 × 1080 · 25 fps · no sound: it is encrypted'],
  [{ thumbnail: 'data:', decoder: 'none' }, 'no sound'],
])('what a source sends in one line: %j', (result, text) => {
  expect(probeText(result)).toBe(text);
});
