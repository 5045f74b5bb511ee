import { describe, expect, it } from 'vitest';
import { parseRtmpLocation } from '#src/shared/rtmp/location.js';
import { redirectedLocation } from '#src/stream/stages/publish/rtmp/redirect.js';

const from = parseRtmpLocation({ url: 'rtmp://me:pass@first/live/key?sig=a/b' });

describe('a redirect', () => {
  it.each<[string, object]>([
    ['rtmp://second/live', { host: 'second', port: 1935, application: 'live' }],
    ['rtmp://second:1936/edge/7?token=x', { host: 'second', port: 1936, application: 'edge/7?token=x' }],
    ['rtmp://second/live/key?sig=a/b', { host: 'second', application: 'live' }],
    ['rtmp://second/live/key', { host: 'second', application: 'live' }],
    ['rtmps://second/live', { scheme: 'rtmps', port: 443 }],
  ])('to %s keeps the stream key', (url, parts) => {
    expect(redirectedLocation(url, from)).toMatchObject({ ...parts, stream: 'key?sig=a/b' });
  });

  it('takes user and password to no other host', () => {
    expect(redirectedLocation('rtmp://second/live', from)).not.toHaveProperty('password');
    expect(redirectedLocation('rtmp://first:1936/live', from)).toMatchObject({ user: 'me', password: 'pass' });
  });

  it.each([
    ['http://second/live', from, /no RTMP server/],
    ['nonsense', from, /no RTMP server/],
    ['rtmp://second/live', parseRtmpLocation({ url: 'rtmps://first/live/key' }), /in the clear/],
  ])('to %s is not followed', (url, location, words) => {
    expect(() => redirectedLocation(url, location)).toThrow(words);
  });
});
