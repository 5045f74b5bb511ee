import { describe, expect, it } from 'vitest';
import { maskConfig, restoreSecrets } from '#src/gateway/api/masked-config.js';

const current = {
  id: 'main',
  source: {
    url: 'rtsp://me:w0rd@cam/1?x=2',
    user: 'me',
    password: 'w0rd',
    onvif: { url: 'http://cam/', password: 'w0rd' },
  },
  targets: [
    { id: 'tv', url: 'rtmp://h/app/hush' },
    { id: 'radio', url: 'rtmp://h/app', key: 'hush' },
    { id: 'env', url: 'rtmp://h/app', key: '${TV_KEY}' },
    { id: 'file', url: 'rtmp://h/app', keyFile: '/run/key' },
  ],
};
const masked = {
  id: 'main',
  source: { url: 'rtsp://***@cam/1?x=2', user: 'me', password: '***', onvif: { url: 'http://cam/', password: '***' } },
  targets: [
    { id: 'tv', url: 'rtmp://h/app/***' },
    { id: 'radio', url: 'rtmp://h/app', key: '***' },
    { id: 'env', url: 'rtmp://h/app', key: '${TV_KEY}' },
    { id: 'file', url: 'rtmp://h/app', keyFile: '/run/key' },
  ],
};

describe('a configuration that is shown', () => {
  it('has no secrets, and shows what it refers to', () => {
    expect(maskConfig(current)).toEqual(masked);
  });

  it('is what it was when it is sent back, in another order too', () => {
    expect(restoreSecrets(masked, current)).toEqual(current);
    expect(restoreSecrets({ targets: [...masked.targets].reverse() }, current)).toEqual({
      targets: [...current.targets].reverse(),
    });
  });

  it.each<[string, unknown, unknown]>([
    [
      'another path of the same camera',
      { source: { url: 'rtsp://***@cam/2' } },
      { source: { url: 'rtsp://me:w0rd@cam/2' } },
    ],
    ['a new password', { source: { password: 'new' } }, { source: { password: 'new' } }],
    ['an escaped reference', { source: { password: 'a$${b}' } }, { source: { password: 'a$${b}' } }],
    ['stars in a name', { slots: { labels: ['***'] } }, { slots: { labels: ['***'] } }],
  ])('takes %s', (_what, wanted, result) => {
    expect(restoreSecrets(wanted, current)).toEqual(result);
  });

  it.each<[string, unknown, RegExp]>([
    ['the password of another host', { source: { url: 'rtsp://***@evil/1' } }, /^source\.url: \*\*\* stands for/],
    ['the password of another port', { source: { url: 'rtsp://***@cam:1/1' } }, /^source\.url: \*\*\* stands for/],
    ['the key of another target', { targets: [{ id: 'new', key: '***' }] }, /^targets\[0\]\.key: \*\*\* stands for/],
    ['the key for another server', { targets: [{ id: 'tv', url: 'rtmp://evil/app/***' }] }, /^targets\[0\]\.url/],
    ['an environment variable', { source: { url: 'rtsp://evil/${HOME}' } }, /only the configuration file may refer/],
    ['a variable of another place', { source: { password: '${TV_KEY}' } }, /only the configuration file may refer/],
    ['a file', { source: { passwordFile: '/etc/shadow' } }, /only the configuration file may name files/],
  ])('does not give away %s', (_what, wanted, message) => {
    expect(() => restoreSecrets(wanted, current)).toThrow(message);
  });

  it.each(['{"a":', '['])('refuses blocks and lists that go deeper than any option: %s', (open) => {
    const nested: unknown = JSON.parse(open.repeat(5000) + '1' + (open === '[' ? ']' : '}').repeat(5000));

    expect(() => restoreSecrets(nested, current)).toThrow(/deeper than 32/);
  });
});
