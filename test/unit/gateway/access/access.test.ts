import { describe, expect, it } from 'vitest';
import { Access, type KnownToken } from '#src/gateway/access/access.js';
import { isAccessNeeded, type AccessSituation } from '#src/gateway/access/access-needed.js';
import { HeldAccess } from '#src/gateway/access/held-access.js';
import { hashToken, makeToken, tokenIdOf } from '#src/gateway/access/token-hash.js';

const ADDRESS = '192.168.1.7';
const ADMIN: KnownToken = { name: 'anna', role: 'admin', hash: hashToken('anna-anna-anna') };
const DESK: KnownToken = {
  name: 'desk',
  role: 'operate',
  streams: ['hall', 'door'],
  hash: hashToken('desk-desk-desk'),
};
const HOUR_MS = 3_600_000;

function accessOf(tokens: readonly KnownToken[], key = Buffer.alloc(32, 1)): Access {
  const access = new Access({ key, sessionMs: HOUR_MS });
  access.setTokens(tokens, true);
  return access;
}

describe('whether a token is needed', () => {
  const SITUATION: AccessSituation = { required: 'auto', host: '127.0.0.1', isBehindProxy: false, hasTokens: false };

  it.each<[string, Partial<AccessSituation>, boolean]>([
    ['not on loopback', {}, false],
    ['not on localhost', { host: 'localhost' }, false],
    ['not on loopback of IPv6', { host: '::1' }, false],
    ['on all addresses', { host: '0.0.0.0' }, true],
    ['on all addresses of IPv6', { host: '::' }, true],
    ['on a name that only begins like loopback', { host: '127.0.0.1.example.org' }, true],
    ['behind a proxy', { isBehindProxy: true }, true],
    ['where somebody made one', { hasTokens: true }, true],
    ['where it is always', { required: 'always' }, true],
    ['not where it never is', { required: 'never', host: '0.0.0.0', hasTokens: true }, false],
  ])('%s', (_name, change, expected) => {
    expect(isAccessNeeded({ ...SITUATION, ...change })).toBe(expected);
  });
});

describe('who shows a token', () => {
  it.each([
    ['Bearer anna-anna-anna', undefined, 'anna', undefined],
    ['bearer   anna-anna-anna ', undefined, 'anna', undefined],
    [undefined, 'desk-desk-desk', 'desk', undefined],
    ['Bearer anna-anna-ann', undefined, 'nobody', true],
    [undefined, 'Desk-desk-desk', 'nobody', true],
    // What a proxy asks for itself is none of ours.
    ['Basic YTpi', undefined, 'nobody', undefined],
    [undefined, undefined, 'nobody', undefined],
  ])('%s, %s', (authorization, token, name, isGuess) => {
    const identified = accessOf([ADMIN, DESK]).identify({ authorization, token }, ADDRESS, 0);

    expect(identified.caller).toMatchObject({ name, address: ADDRESS });
    expect(identified.isGuess).toBe(isGuess);
  });

  it('is not asked where no token is needed', () => {
    const access = accessOf([ADMIN]);
    access.setTokens([ADMIN], false);

    expect(access.identify({ token: 'whatever' }, ADDRESS, 0).caller).toMatchObject({ way: 'open', role: 'admin' });
  });

  it('makes tokens that are as long as their hash', () => {
    const tokens = Array.from({ length: 100 }, makeToken);

    expect(new Set(tokens).size).toBe(100);
    expect(tokens.every((token) => /^dpt_[\w-]{43}$/.test(token))).toBe(true);
  });
});

describe('a session', () => {
  const signedIn = (access: Access, sessionId = 'one'): string => {
    const { caller } = access.identify({ token: 'desk-desk-desk' }, ADDRESS, 0);
    return access.signIn(caller, sessionId, 0).cookie;
  };

  it('is its token, until it expires', () => {
    const access = accessOf([ADMIN, DESK]);
    const cookie = signedIn(access);
    const at = (nowMs: number): string => access.identify({ cookie }, ADDRESS, nowMs).caller.name;

    expect([at(0), at(HOUR_MS - 1), at(HOUR_MS)]).toEqual(['desk', 'desk', 'nobody']);
  });

  it.each<[string, (access: Access) => void]>([
    ['its token is removed', (access) => access.setTokens([ADMIN], true)],
    ['it is ended', (access) => access.setEndedSessions(new Map([['one', HOUR_MS]]))],
  ])('ends when %s', (_name, change) => {
    const access = accessOf([ADMIN, DESK]);
    const cookie = signedIn(access);
    const { caller } = access.identify({ cookie }, ADDRESS, 0);
    change(access);

    expect(access.identify({ cookie }, ADDRESS, 0)).toMatchObject({
      caller: { way: 'none' },
      problem: expect.any(String) as string,
    });
    expect(access.isStillValid(caller, 0)).toBe(false);
  });

  it.each<[string, Partial<KnownToken>, boolean]>([
    ['may do less now', { role: 'view' }, false],
    ['is for fewer streams now', { streams: ['hall'] }, false],
    ['is for other streams now', { streams: ['hall', 'porch'] }, false],
    ['may do more now', { role: 'admin' }, true],
    ['is for more streams now', { streams: ['porch', 'door', 'hall'] }, true],
    ['is for all streams now', { streams: undefined }, true],
  ])('keeps what was opened with it only as far as it goes: a token that %s', (_name, change, isKept) => {
    const access = accessOf([ADMIN, DESK]);
    const { caller } = access.identify({ token: 'desk-desk-desk' }, ADDRESS, 0);
    access.setTokens([ADMIN, { ...DESK, ...change }], true);

    expect(access.isStillValid(caller, 0)).toBe(isKept);
  });

  it('ends for all streams when it is for some only', () => {
    const access = accessOf([ADMIN]);
    const { caller } = access.identify({ token: 'anna-anna-anna' }, ADDRESS, 0);
    access.setTokens([{ ...ADMIN, streams: ['hall'] }], true);

    expect(access.isStillValid(caller, 0)).toBe(false);
  });

  it.each<[string, (cookie: string) => string]>([
    ['signed by another key', () => signedIn(accessOf([DESK], Buffer.alloc(32, 2)))],
    ['changed', (cookie) => cookie.replace(/.(?=\.)/, 'A')],
    ['cut off', (cookie) => cookie.slice(0, -1)],
    ['longer', (cookie) => `${cookie}.x`],
    ['empty', () => ''],
    ['no pass', () => 'desk-desk-desk'],
  ])('is none where it is %s', (_name, change) => {
    const access = accessOf([ADMIN, DESK]);

    expect(access.identify({ cookie: change(signedIn(access)) }, ADDRESS, 0).caller.way).toBe('none');
  });

  it('stands for a browser only: it is no token', () => {
    const access = accessOf([DESK]);

    expect(access.identify({ token: signedIn(access) }, ADDRESS, 0).caller.way).toBe('none');
  });
});

describe('a guest', () => {
  const wish = { role: 'view', streamId: 'hall', expiresAtMs: HOUR_MS } as const;
  const invited = (access: Access): string => {
    const { caller } = access.identify({ token: 'desk-desk-desk' }, ADDRESS, 0);
    return access.invite(caller, wish, 'guest');
  };

  it('has what the link says, by token and by cookie', () => {
    const access = accessOf([DESK]);
    const pass = invited(access);
    const expected = { way: 'guest', name: 'guest of desk', role: 'view', streams: ['hall'], expiresAtMs: HOUR_MS };

    expect(access.identify({ token: pass }, ADDRESS, 0).caller).toMatchObject(expected);
    expect(access.identify({ cookie: pass }, ADDRESS, 0).caller).toMatchObject(expected);
  });

  it.each<[string, readonly KnownToken[], number]>([
    ['the link has expired', [DESK], HOUR_MS],
    ['who made it has no token any more', [ADMIN], 0],
    ['who made it may not see the stream any more', [{ ...DESK, streams: ['door'] }], 0],
  ])('has nothing once %s, and is no guesser', (_name, tokens, nowMs) => {
    const access = accessOf([DESK]);
    const pass = invited(access);
    access.setTokens(tokens, true);
    const { caller, isGuess, problem } = access.identify({ token: pass }, ADDRESS, nowMs);

    expect([caller.way, isGuess]).toEqual(['none', undefined]);
    expect(problem).toContain('expired');
  });
});

it('ends what goes on for those who may not any more, once, and forgets what ended by itself', () => {
  const held = new HeldAccess();
  const ended: string[] = [];
  const caller = (name: string): Parameters<HeldAccess['hold']>[0] => ({
    way: 'token',
    name,
    address: ADDRESS,
    tokenId: tokenIdOf(ADMIN.hash),
  });
  held.hold(caller('goes'), () => ended.push('goes'));
  held.hold(caller('stays'), () => ended.push('stays'));
  held.hold(
    caller('goes'),
    () => ended.push('gone by itself'),
    () => true,
  );
  held.hold(caller('goes'), () => ended.push('released'))();
  const isOver = ({ name }: { readonly name: string }): boolean => name === 'goes';
  held.endWhere(isOver);
  held.endWhere(isOver);

  expect(ended).toEqual(['goes']);
});

describe('another host of the cluster', () => {
  const NOW_MS = 1_000_000;
  const bearer = (token: string | undefined): string => `Bearer ${token ?? ''}`;

  it('is known by what it shows, also where nobody else is asked, until that ends', () => {
    const access = accessOf([ADMIN]);
    const shown = bearer(access.asHost('one', NOW_MS));
    access.setTokens([], false);

    expect(access.hostOf(shown, NOW_MS)).toBe('one');
    expect(access.hostOf(shown, NOW_MS + 29_000)).toBe('one');
    expect(access.hostOf(shown, NOW_MS + 31_000)).toBeUndefined();
  });

  it.each<[string, (access: Access) => string | undefined]>([
    ['nothing', () => undefined],
    ['a token of who may do everything', () => bearer('anna-anna-anna')],
    ['what another key has signed', () => bearer(accessOf([ADMIN], Buffer.alloc(32, 2)).asHost('one', NOW_MS))],
    [
      'what a browser shows to other hosts',
      (access) => {
        const caller = access.identify({ token: 'anna-anna-anna' }, ADDRESS, NOW_MS).caller;
        return bearer(access.visit(caller, 'some-session', NOW_MS));
      },
    ],
  ])('is nobody who shows %s', (_name, shown) => {
    const access = accessOf([ADMIN]);
    expect(access.hostOf(shown(access), NOW_MS)).toBeUndefined();
  });
});
