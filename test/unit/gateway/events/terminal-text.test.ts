import { expect, it } from 'vitest';
import { terminalText } from '#src/gateway/events/terminal-text.js';
import { initialStatus } from '#src/gateway/streams/initial-status.js';
import { streamSchema } from '#src/shared/config/schema.js';
import type { StreamStatus } from '#src/shared/domain/stream-status.js';

const status: StreamStatus = {
  ...initialStatus(streamSchema.parse({ source: { url: 'test:' } })),
  source: { url: 'rtsp://***@door/1', codec: 'H.264', width: 1280, height: 720, fps: 24.98, audio: 'AAC' },
};

it('introduces a stream when it is live for the first time', () => {
  const event = { kind: 'state', text: 'The stream is live.', data: { from: 'connecting', to: 'live' } };

  expect(terminalText(event, status, true)?.text).toBe(
    'live: rtsp://***@door/1 (H.264 1280×720 at 25 fps, sound AAC) → 1920×1080 at 30 fps, 4500 kbit/s, auto',
  );
  expect(terminalText(event, status, false)).toEqual({ level: 'info', text: 'The stream is live.' });
});

it.each([
  ['state', { to: 'offline' }, 'warn'],
  ['state', { to: 'stalled' }, 'info'],
  ['state', { to: 'connecting' }, undefined],
  ['target', { to: 'retrying' }, 'warn'],
  ['target', { to: 'live' }, 'info'],
  ['target', { to: 'connecting' }, undefined],
  ['outage', {}, 'info'],
  ['options_changed', {}, 'info'],
  ['new_identity', { trackId: 1 }, undefined],
  ['identities_merged', { trackId: 1 }, undefined],
  ['suspicion_ended', {}, undefined],
  ['added', {}, undefined],
])('%s %j is told as %s', (kind, data, level) => {
  expect(terminalText({ kind, text: 'It happened.', data }, status, false)?.level).toBe(level);
});
