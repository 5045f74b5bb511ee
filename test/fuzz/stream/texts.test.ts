import fc from 'fast-check';
import { expect, it } from 'vitest';
import { maskTarget, maskUrl, maskUrlsIn } from '#src/shared/config/mask-url.js';
import { targetSchema } from '#src/shared/config/target-schema.js';
import { DiptychError } from '#src/shared/domain/errors.js';
import { explainSrtUrl, parseSrtLocation } from '#src/shared/srt/location.js';
import { parseSourceLocation } from '#src/stream/stages/ingest/source-location.js';
import { fuzz } from '../harness/fuzz.js';
import { anyText } from '../harness/junk.js';

const SECRET = 'geheimgeheim';

const scheme = fc.constantFrom(
  'rtsp://',
  'rtsps://',
  'rtmp://',
  'rtmps://',
  'srt://',
  'https://',
  'RTSP://',
  'file://',
  'test:',
  '',
  'rtsp:/',
  ' rtsp://',
);
const host = fc.constantFrom(
  'h',
  '[::1]',
  '[::1]:554',
  '192.168.1.2:8554',
  'h:99999',
  '',
  '[',
  'h:',
  '%zz',
  'x'.repeat(300),
);
const part = fc.oneof(
  anyText,
  fc.constantFrom(
    '/',
    '//',
    '?',
    '#',
    '&',
    ';',
    '=',
    '%2f',
    '%3d',
    '%26',
    '@',
    ':',
    'a=1',
    'stream',
    '/password/',
    '?token=',
    '&key=',
    'user=admin',
    '%25',
    ' ',
  ),
);
/** A secret where URLs have one. */
const place = fc.constantFrom(
  `u:${SECRET}@`,
  `?password=${SECRET}`,
  `/user=a&password=${SECRET}&c=1`,
  `?a=1&token=${SECRET}`,
  `/password/${SECRET}/1`,
  `?psk=${SECRET}`,
);
const url = fc
  .tuple(scheme, host, fc.array(part, { maxLength: 8 }))
  .map(([begin, authority, parts]) => begin + authority + parts.join(''));

it('masking takes any text, in time, and again what it has masked', () =>
  fuzz({
    name: 'mask-url',
    inputs: fc.oneof(
      url,
      fc.tuple(part, fc.nat({ max: 2000 })).map(([text, times]) => `rtsp://h/${text.repeat(times)}`),
    ),
    check: (text) => {
      const masked = maskUrl(text);

      expect(typeof maskUrl(masked)).toBe('string');
      expect(typeof maskUrlsIn(`before ${text} after`)).toBe('string');
    },
  }));

it('a secret in a URL is hidden, whatever stands behind it', () =>
  fuzz({
    name: 'mask-secret',
    inputs: fc.tuple(
      fc.constantFrom('rtsp://', 'rtsps://', 'https://'),
      place,
      fc.array(fc.constantFrom('&x=1', '/1', '#y', '?z', ';a', '%20'), { maxLength: 4 }),
    ),
    check: ([begin, secret, rest]) => {
      const text = secret.endsWith('@')
        ? `${begin}${secret}h/1${rest.join('')}`
        : `${begin}h/a${secret}${rest.join('')}`;

      expect(maskUrl(text)).not.toContain(SECRET);
    },
  }));

it('the address of a source of any kind is taken apart, or refused with one error', () =>
  fuzz({
    name: 'source-url',
    inputs: fc.record({
      url,
      user: fc.option(anyText, { nil: undefined }),
      password: fc.option(anyText, { nil: undefined }),
    }),
    check: ({ url: text, user, password }) => {
      try {
        parseSourceLocation({
          url: text,
          ...(user !== undefined && { user }),
          ...(password !== undefined && { password }),
        });
      } catch (error) {
        if (!(error instanceof DiptychError)) throw error;
        if (password !== undefined && password.length > 8) expect(error.message).not.toContain(password);
      }
    },
  }));

/** Parameters of SRT, right and wrong. */
const srtParameter = fc
  .tuple(
    fc.constantFrom('mode', 'passphrase', 'pbkeylen', 'streamid', 'latency', 'pkt_size', 'MODE', '%6dode', 'x', ''),
    fc.constantFrom('=', '', '==', '%3d'),
    fc.oneof(
      anyText,
      fc.constantFrom(
        'caller',
        'listener',
        'rendezvous',
        SECRET,
        '16',
        '32',
        '120',
        '-1',
        '1e3',
        '9'.repeat(40),
        '%',
        '%ff',
      ),
      fc.constantFrom('#!::r=a,m=publish', 'x'.repeat(513), '\u00e4'.repeat(300)),
    ),
  )
  .map((texts) => texts.join(''));
const srtUrl = fc
  .tuple(
    fc.constantFrom('srt://', 'SRT://', 'srt:', 'srt:/', 'srt:///'),
    fc.constantFrom('h', '', '[::1]', '[fe80::1%eth0]', 'u:p@h', '::1', 'x'.repeat(300)),
    fc.oneof(
      fc.nat({ max: 70_000 }).map((port) => `:${port}`),
      fc.constantFrom('', ':', ':-1', ':0x10', ':9000/', ':9000/a'),
    ),
    fc.constantFrom('?', '', '#', '??', '&'),
    fc.array(srtParameter, { maxLength: 6 }),
  )
  .map(([begin, authority, port, mark, parameters]) => `${begin}${authority}${port}${mark}${parameters.join('&')}`);

it('an SRT address, of a source or a target, is taken apart or refused in words, without its secrets', () =>
  fuzz({
    name: 'srt-url',
    inputs: fc.record({ url: fc.oneof(srtUrl, url), key: fc.option(anyText, { nil: undefined }) }),
    check: ({ url: text, key }) => {
      const problem = explainSrtUrl(text);
      const location = parseSrtLocation(text);
      const target = targetSchema.safeParse({ url: text, ...(key !== undefined && { key }) });

      expect(location === undefined).toBe(problem !== undefined);
      expect(problem ?? '').not.toContain(SECRET);
      expect(target.error?.message ?? '').not.toContain(SECRET);
      if (!location) return;
      expect(location.port).toBeGreaterThan(0);
      expect(location.port).toBeLessThan(65_536);
      expect(['caller', 'listener']).toContain(location.mode);
      expect(location.host).not.toBe('');
      expect(maskTarget({ url: text, key })).not.toContain(SECRET);
    },
  }));
