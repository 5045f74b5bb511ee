import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Authenticator, challengeNames, parseChallenges } from '#src/stream/rtsp/rtsp-auth.js';

const authenticator = (user: string | undefined, password = '', nonce = ''): Authenticator =>
  new Authenticator({
    credentials: user === undefined ? undefined : { user, password },
    hash: (name, text) => createHash(name).update(text).digest('hex'),
    clientNonce: () => nonce,
  });

const RFC7616 =
  'realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const CNONCE = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';

describe('an answer', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('of RFC 7616, section 3.9.1, with %s', (algorithm, response) => {
    const auth = authenticator('Mufasa', 'Circle of Life', CNONCE);

    const outcome = auth.challenged([`Digest ${RFC7616}, algorithm=${algorithm}`], false);

    expect(outcome).toBe('again');
    expect(auth.answer('GET', '/dir/index.html')).toContain(`response="${response}"`);
  });

  it('of RFC 2617 without qop, and without an algorithm that was not named', () => {
    const auth = authenticator('u', 'p');
    auth.challenged(['Digest realm="r", nonce="n"'], false);

    const answer = auth.answer('PLAY', 'rtsp://h/');

    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    expect(answer).toContain(`response="${md5(`${md5('u:r:p')}:n:${md5('PLAY:rtsp://h/')}`)}"`);
    expect(answer).not.toMatch(/algorithm|cnonce|qop/);
  });

  it('to Basic is UTF-8', () => {
    const auth = authenticator('é', 'a:b');
    auth.challenged(['Basic realm="x"'], false);

    expect(auth.answer('PLAY', 'rtsp://h/')).toBe(`Basic ${Buffer.from('é:a:b').toString('base64')}`);
  });

  it('quotes what would end a user name', () => {
    const auth = authenticator('a"b\\c', 'p');
    auth.challenged(['Digest realm="r", nonce="n"'], false);

    expect(auth.answer('PLAY', 'x')).toContain('username="a\\"b\\\\c"');
  });

  it('counts the uses of a nonce', () => {
    const auth = authenticator('u', 'p', 'c');
    auth.challenged(['Digest realm="r", nonce="n", qop=auth'], false);

    expect([auth.answer('A', 'x'), auth.answer('B', 'x')].map((text) => /nc=(\d+)/.exec(text ?? '')?.[1])).toEqual([
      '00000001',
      '00000002',
    ]);
  });
});

it.each([
  [['Basic realm="x"', 'Digest realm="r", nonce="n"'], 'Digest MD5'],
  [['Digest realm="r", nonce="n"', 'Digest realm="r", nonce="n", algorithm=SHA-256'], 'Digest SHA-256'],
  [['Digest realm="r", nonce="n", algorithm=SHA-512', 'Basic realm="x"'], 'Basic'],
  [['Digest realm="r", nonce="n", qop="auth-int", algorithm=SHA-256', 'Digest realm="r", nonce="m"'], 'Digest MD5'],
  [['Digest realm="r", nonce="n", Basic realm="x"'], 'Digest MD5'],
  [['DIGEST realm=r, nonce=n, algorithm=sha256'], 'Digest sha256'],
])('of %j the strongest that is known is answered: %s', (headers, scheme) => {
  const auth = authenticator('u', 'p');

  auth.challenged(headers, false);

  expect(auth.scheme).toBe(scheme);
});

describe('a challenge', () => {
  const again = 'Digest realm="r", nonce="n"';

  it.each([
    ['without a user', undefined, [again], 'no-credentials'],
    ['of unknown kinds only', 'u', ['NTLM', 'Digest realm="r", nonce="n", algorithm=SHA-512'], 'unknown'],
    ['that names nothing', 'u', [], 'unknown'],
  ])('%s', (_, user, headers, expected) => {
    expect(authenticator(user).challenged(headers, false)).toBe(expected);
  });

  it.each([
    ['to a first answer is a refusal', 1, 'Digest realm="r", nonce="m"', 'refused'],
    ['that says stale is answered again', 1, 'Digest realm="r", nonce="m", stale=TRUE', 'again'],
    ['with another nonce, after one that was taken, is answered again', 2, 'Digest realm="r", nonce="m"', 'again'],
    ['with the same nonce is a refusal', 2, again, 'refused'],
  ])('%s', (_, answers, next, expected) => {
    const auth = authenticator('u', 'p');
    auth.challenged([again], false);
    for (let count = 0; count < answers; count++) auth.answer('PLAY', 'x');

    expect(auth.challenged([next], true)).toBe(expected);
  });
});

it('names what is asked for', () => {
  expect(challengeNames(['NTLM', 'Digest realm="a, b", algorithm=SHA-512'])).toBe('ntlm, Digest SHA-512');
  expect(challengeNames([])).toBe('nothing that it names');
});

it('reads quoted text with commas and escapes', () => {
  const [challenge] = parseChallenges('Digest realm="a \\"b\\", c", nonce=""');

  expect([...(challenge?.parameters ?? [])]).toEqual([
    ['realm', 'a "b", c'],
    ['nonce', ''],
  ]);
});
