import { describe, expect, it } from 'vitest';
import { iceLinks } from '#src/gateway/whip/ice-links.js';
import { parseIceLinks } from '#src/viewer/whip-client.js';

describe('iceLinks', () => {
  it.each([
    [[], []],
    [[{ urls: ['stun:stun.example.org'] }], ['<stun:stun.example.org>; rel="ice-server"']],
    [
      [{ urls: ['turn:a:3478?transport=udp', 'turns:a'], username: '17:me', credential: 'a"b\\c' }],
      [
        '<turn:a:3478?transport=udp>; rel="ice-server"; username="17:me"; credential="a\\"b\\\\c"; credential-type="password"',
        '<turns:a>; rel="ice-server"; username="17:me"; credential="a\\"b\\\\c"; credential-type="password"',
      ],
    ],
  ])('%#', (servers, expected) => {
    expect(iceLinks(servers)).toEqual(expected);
  });

  it('is what the page reads again', () => {
    const server = { urls: ['turn:a:3478?transport=udp'], username: 'x, y; z', credential: 'a"b\\c' };
    const stun = { urls: ['stun:b'] };

    expect(parseIceLinks(iceLinks([server, stun]).join(', '))).toEqual([
      { ...server, urls: 'turn:a:3478?transport=udp' },
      { urls: 'stun:b' },
    ]);
  });
});
