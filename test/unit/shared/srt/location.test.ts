import { describe, expect, it } from 'vitest';
import { explainPassphrase, explainSrtUrl, parseSrtLocation } from '#src/shared/srt/location.js';

describe('parseSrtLocation', () => {
  it.each([
    ['srt://cam:9000', { mode: 'caller', host: 'cam', port: 9000 }],
    ['SRT://cam:9000/', { mode: 'caller', host: 'cam', port: 9000 }],
    ['srt://:9000', { mode: 'listener', host: '0.0.0.0', port: 9000 }],
    ['srt://[fe80::1]:9000?mode=server', { mode: 'listener', host: 'fe80::1', port: 9000 }],
    [
      'srt://cam:9000?passphrase=ten%20chars%21&pbkeylen=32&latency=200&transtype=live&pkt_size=1316',
      { mode: 'caller', host: 'cam', port: 9000, passphrase: 'ten chars!', keyBytes: 32, latencyMs: 200 },
    ],
    [
      'srt://cam:9000?streamid=#!::r=live/cam,m=request&mode=caller',
      { mode: 'caller', host: 'cam', port: 9000, streamId: '#!::r=live/cam,m=request' },
    ],
  ])('%s', (url, location) => {
    expect(parseSrtLocation(url)).toEqual(location);
  });
});

describe('explainSrtUrl', () => {
  it.each([
    ['srt://cam', 'needs host and port'],
    ['srt://', 'needs host and port'],
    ['srt://me:geheim@cam:9000', '?passphrase='],
    ['srt://cam:70000', 'port'],
    ['srt://cam:9000?passphrase=geheim', '6 characters'],
    ['srt://cam:9000?pbkeylen=20', '16, 24 or 32'],
    ['srt://cam:9000?latency=200000', 'microseconds'],
    ['srt://cam:9000?mode=rendezvous', 'caller or listener'],
    ['srt://:9000?mode=caller', 'needs a host'],
    ['srt://:9000?streamid=x', 'no stream id'],
    ['srt://cam:9000?password=geheim', 'a parameter that SRT does not have'],
    [`srt://cam:9000?streamid=${'x'.repeat(513)}`, '512'],
  ])('%s', (url, words) => {
    expect(explainSrtUrl(url)).toContain(words);
    expect(explainSrtUrl(url)).not.toContain('geheim');
    expect(parseSrtLocation(url)).toBeUndefined();
  });
});

it('a passphrase is long enough and no longer than SRT takes', () => {
  expect(explainPassphrase(undefined)).toBeUndefined();
  expect(explainPassphrase('x'.repeat(10))).toBeUndefined();
  expect(explainPassphrase('x'.repeat(80))).toContain('80');
});
