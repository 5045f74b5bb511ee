import { describe, expect, it } from 'vitest';
import type { Caller } from '#src/gateway/access/caller.js';
import { eventWithoutAddresses, hideUrl, seesAddresses } from '#src/gateway/access/hidden-addresses.js';

describe('hideUrl', () => {
  it.each([
    ['rtsp://***@cam.inner:554/hall?x=1', 'rtsp://***'],
    ['rtmps://live.inner/app/***', 'rtmps://***'],
    ['http://10.0.0.7/video.mjpg', 'http://***'],
    ['srt://cam.inner:9000?streamid=***', 'srt://***'],
    ['srt://:9000?passphrase=***', 'srt://:9000'],
    ['v4l2:/dev/v4l/by-id/usb-Sony', 'v4l2:***'],
    ['file:///srv/inner/talk.mp4', '***'],
    ['/srv/inner/talk.mp4', '***'],
    ['whip:', 'whip:'],
    ['test:people', 'test:people'],
  ])('%s', (url, expected) => {
    expect(hideUrl(url)).toBe(expected);
  });
});

describe('seesAddresses', () => {
  it.each<[Caller['way'], Caller['role'], boolean]>([
    ['open', 'admin', true],
    ['token', 'admin', true],
    ['cookie', 'operate', true],
    ['token', 'view', false],
    ['cookie', 'view', false],
    ['guest', 'view', false],
    ['guest', 'operate', false],
    ['none', undefined, false],
  ])('%s with role %s: %s', (way, role, expected) => {
    expect(seesAddresses({ way, name: '', address: '', ...(role && { role }) })).toBe(expected);
  });
});

describe('eventWithoutAddresses', () => {
  const told = (details: Readonly<Record<string, unknown>>): unknown =>
    eventWithoutAddresses({ ptsMs: 0, name: 'x', details }).details;

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['an address', { url: 'rtsp://cam.inner/1' }, { url: 'rtsp://***' }],
    [
      'a reason with its code',
      { reason: 'DIPTYCH_E_SOURCE_NAME: cam.inner is not known' },
      { reason: 'DIPTYCH_E_SOURCE_NAME: the host name of the source is not known' },
    ],
    ['a reason without one', { reason: 'cam.inner went away', lostMs: 3 }, { lostMs: 3 }],
    [
      'an error',
      { state: 'retrying', error: { code: 'DIPTYCH_E_TARGET', message: 'live.inner refuses', nextTryAt: 'T' } },
      { state: 'retrying', error: { code: 'DIPTYCH_E_TARGET', message: 'a target failed', nextTryAt: 'T' } },
    ],
    ['text that nobody foresaw', { host: 'cam.inner', list: ['cam.inner'], count: 1 }, { count: 1 }],
    [
      'names of people and options',
      { name: 'Anna', formerName: 'Ben', live: ['slots.labels'], tracks: [1, 2] },
      { name: 'Anna', formerName: 'Ben', live: ['slots.labels'], tracks: [1, 2] },
    ],
  ])('%s', (_name, details, expected) => {
    expect(told(details)).toEqual(expected);
  });
});
