import { expect, it } from 'vitest';
import { parseRtmpLocation } from '#src/shared/rtmp/location.js';
import { platformAt, PLATFORMS, targetId } from '#src/viewer/stream/target-platforms.js';

it.each([
  [0, [], 'youtube'],
  [0, ['youtube'], 'youtube-2'],
  [0, ['youtube-2', 'youtube'], 'youtube-3'],
  [1, ['youtube'], 'twitch'],
  [PLATFORMS.length - 1, [], undefined],
] as const)('names the target of platform %i beside %j: %s', (index, taken, name) => {
  expect(targetId(platformAt(index), taken)).toBe(name);
});

it('publishes to servers that take a key', () => {
  const servers = PLATFORMS.flatMap(({ server }) => server ?? []);

  const locations = servers.map((url) => parseRtmpLocation({ url, key: 'key' }));

  expect(locations.map(({ host, application, stream }) => [host, application, stream])).toEqual([
    ['a.rtmp.youtube.com', 'live2', 'key'],
    ['live.twitch.tv', 'app', 'key'],
    ['live-api-s.facebook.com', 'rtmp', 'key'],
  ]);
});
