import { describe, expect, it } from 'vitest';
import { iceServerLinks, iceServersFor } from '#src/gateway/signaling/ice-servers.js';
import { parseIceLinks } from '#src/viewer/whip-client.js';

const TURN = { urls: ['turn:turn.example.org?transport=udp'], validS: 3600 };

describe('iceServersFor', () => {
  it('gives user names that expire, signed with the secret', () => {
    const [server] = iceServersFor([{ ...TURN, secret: 'north' }], { nowS: 1_700_000_000.9, name: 'hall' });

    // printf 1700003600:hall | openssl dgst -sha1 -hmac north -binary | base64
    expect(server).toEqual({
      urls: TURN.urls,
      username: '1700003600:hall',
      credential: '5jkF6teqQ1ghgzpfGBwiZUS6VOQ=',
    });
  });

  it.each([
    ['a user of its own', { username: 'me', credential: 'pw' }, { username: 'me', credential: 'pw' }],
    ['nobody', {}, {}],
  ])('passes on %s', (_name, given, expected) => {
    const servers = iceServersFor([{ ...TURN, ...given }], { nowS: 0, name: 'hall' });

    expect(servers).toEqual([{ urls: TURN.urls, ...expected }]);
  });
});

describe('iceServerLinks', () => {
  it('is one header for each URL, with what is special in it escaped', () => {
    const links = iceServerLinks([
      { urls: ['stun:stun.example.net'] },
      { urls: ['turn:a?transport=udp', 'turn:a?transport=tcp'], username: 'u"x', credential: 'pä\\ss' },
    ]);

    const secrets = 'username="u\\"x"; credential="p%C3%A4\\\\ss"; credential-type="password"';
    expect(links).toEqual([
      '<stun:stun.example.net>; rel="ice-server"',
      `<turn:a?transport=udp>; rel="ice-server"; ${secrets}`,
      `<turn:a?transport=tcp>; rel="ice-server"; ${secrets}`,
    ]);
  });

  it('is what the page reads again', () => {
    const server = { urls: ['turn:a:3478?transport=udp'], username: 'x, y; z', credential: 'a"b\\c' };
    const stun = { urls: ['stun:b'] };

    expect(parseIceLinks(iceServerLinks([server, stun]).join(', '))).toEqual([
      { ...server, urls: 'turn:a:3478?transport=udp' },
      { urls: 'stun:b' },
    ]);
  });
});
