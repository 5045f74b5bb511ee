import { describe, expect, it } from 'vitest';
import { gatewaySchema, streamSchema } from '#src/shared/config/schema.js';
import { explainControlCharacters, explainUrlCharacters } from '#src/shared/config/url-characters.js';

const ALL_CONTROL = [...Array.from({ length: 0x20 }, (_, code) => code), 0x7f].map((code) => String.fromCharCode(code));

describe('explainUrlCharacters', () => {
  it.each(['rtsp://h/x', 'RTSPS://h/x', 'rtsp:h', 'test:', 'file:///x', 'rtmp://h/a/k', 'http://h/', 'foo+bar://h/'])(
    'refuses every control character and space in %s',
    (url) => {
      for (const character of [...ALL_CONTROL, ' ']) {
        for (const text of [`${url}${character}SET`, `${character}${url}`]) {
          expect(explainUrlCharacters(text), JSON.stringify(text)).toMatch(/^character \d+ is a /);
        }
      }
      expect(explainUrlCharacters(url)).toBeUndefined();
    },
  );

  it.each(['/home/me/my film.mp4', 'my film.mp4', 'a: b.mp4', 'line\nfeed.mp4', 'rtsp://h/%20%0d%0a', 'rtsp://h/é'])(
    'takes %j',
    (text) => {
      expect(explainUrlCharacters(text)).toBeUndefined();
    },
  );

  it('says where and what, without the rest', () => {
    expect(explainUrlCharacters('rtsp://u:geheim@h/x\r\nSET')).toBe(
      'character 20 is a control character (U+000D), which is not allowed here; a space is written as %20',
    );
    expect(explainUrlCharacters('rtsp://h/a b')).toMatch(/^character 11 is a space,/);
    expect(explainUrlCharacters('a\0b')).toMatch(/^character 2 /);
  });
});

it('lets a user name hold spaces, and no control character', () => {
  expect(explainControlCharacters('an admin')).toBeUndefined();
  for (const character of ALL_CONTROL) expect(explainControlCharacters(`a${character}`)).toMatch(/^character 2 /);
});

it.each([
  ['U+0085', '\x85', 'control character'],
  ['U+2028', '\u2028', 'end of line'],
  ['U+2029', '\u2029', 'end of line'],
  ['U+D800', '\ud800', 'half of a character'],
  ['U+DFFF', '\udfff', 'half of a character'],
])('refuses %s in text and in URLs', (name, character, kind) => {
  for (const problem of [explainControlCharacters(`a${character}`), explainUrlCharacters(`rtsp:/${character}`)]) {
    expect(problem).toContain(kind);
    expect(problem).toContain(name);
  }
});

it.each(['\u00a0', '\u200b', '\ufeff', '\u202e'])('refuses %j in URLs, where nobody sees it', (character) => {
  expect(explainUrlCharacters(`rtsp://h/${character}x`)).toMatch(/^character 10 is a /);
});

it('refuses half of a character in a path, which cannot be written', () => {
  expect(explainUrlCharacters('/home/a\ud800b')).toMatch(/half of a character/);
  expect(explainUrlCharacters('/home/a😀b')).toBeUndefined();
});

describe('the configuration', () => {
  const source = { url: 'test:' };

  it.each([
    ['source.url', { source: { url: 'rtsp://h/x\r\nSET_PARAMETER x' } }],
    ['source.user', { source: { ...source, user: 'a\r\nb' } }],
    ['source.password', { source: { ...source, password: 'a\nb' } }],
    ['targets.0.url', { source, targets: [{ url: 'rtmp://h/app/key\r\nx' }] }],
  ])('refuses a line feed in %s', (path, stream) => {
    const { error } = streamSchema.safeParse(stream);

    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });

  it.each([
    { http: { host: '127.0.0.1\n' } },
    { webrtc: { listenIp: '0.0.0.0 ' } },
    { webrtc: { announcedAddress: 'example.org\r\na=x' } },
  ])('refuses it in an address: %j', (config) => {
    expect(gatewaySchema.safeParse(config).success).toBe(false);
  });
});
