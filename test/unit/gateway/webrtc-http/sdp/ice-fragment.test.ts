import { describe, expect, it } from 'vitest';
import { formatIceFragment, parseIceFragment } from '#src/gateway/webrtc-http/sdp/ice-fragment.js';
import { TRANSPORT } from './fixture.js';

const CANDIDATE =
  'a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1';
const HEAD = 'a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n';
const ICE = 'a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n';

describe('parseIceFragment', () => {
  it.each([
    ['candidates', HEAD + ICE + CANDIDATE + '\r\n', { candidates: 1, isEnd: false, ice: { usernameFragment: 'EsAw' } }],
    ['the end', `${HEAD}${ICE}${CANDIDATE}\r\na=end-of-candidates\r\n`, { candidates: 1, isEnd: true }],
    ['the end alone', 'a=end-of-candidates\r\n', { candidates: 0, isEnd: true }],
    ['a restart', `a=ice-options:trickle ice2\r\n${HEAD}${ICE}`, { candidates: 0, ice: { usernameFragment: 'EsAw' } }],
    ['credentials of the session', ICE + HEAD, { ice: { usernameFragment: 'EsAw' } }],
    ['lines that end with LF', (HEAD + ICE).replaceAll('\r\n', '\n'), { ice: { usernameFragment: 'EsAw' } }],
    ['a hidden host', `${ICE}a=candidate:1 1 UDP 1 28ccd3d8.local 46698 typ host\r\n`, { candidates: 1 }],
  ])('%s', (_name, text, expected) => {
    expect(parseIceFragment(text)).toMatchObject(expected);
  });

  it.each([
    ['nothing', '', 'it is empty'],
    ['a whole description', `v=0\r\n${HEAD}`, 'the line "v=0"'],
    ['JSON', '{"candidate":""}', 'is none of a fragment'],
    ['no candidate', `${ICE}a=candidate:hello\r\n`, 'is no candidate'],
    ['a ufrag alone', 'a=ice-ufrag:EsAw\r\n', 'a=ice-pwd is missing'],
    ['nothing that concerns ICE', HEAD, 'neither credentials nor candidates'],
    ['too many candidates', `${CANDIDATE}\r\n`.repeat(300), 'more than 256'],
  ])('refuses %s', (_name, text, words) => {
    expect(() => parseIceFragment(text)).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_BAD_INPUT', message: expect.stringContaining(words) as string }),
    );
  });
});

describe('formatIceFragment', () => {
  it('names what another side needs to go on', () => {
    const text = formatIceFragment({
      ...TRANSPORT,
      mids: ['0', '1'],
      tagged: { type: 'video', protocol: 'UDP/TLS/RTP/SAVPF', formats: '96 97' },
    });

    expect(text.split('\r\n').slice(0, 8)).toEqual([
      'a=ice-lite',
      'a=ice-options:trickle ice2',
      'a=group:BUNDLE 0 1',
      'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
      'a=mid:0',
      'a=ice-ufrag:serverfrag',
      `a=ice-pwd:${'p'.repeat(32)}`,
      'a=candidate:udpcandidate 1 udp 1076302079 192.0.2.1 40000 typ host',
    ]);
    expect(parseIceFragment(text)).toMatchObject({ ice: { usernameFragment: 'serverfrag' }, isEnd: true });
  });
});
