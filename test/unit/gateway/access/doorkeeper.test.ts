import { describe, expect, it } from 'vitest';
import { Doorkeeper, type SentFrom } from '#src/gateway/access/doorkeeper.js';

const doorkeeper = new Doorkeeper({ hosts: ['cam.example'], origins: ['https://wall.example'] });
const OWN = { host: 'cam.example', origin: undefined };

describe('the doorkeeper', () => {
  it.each<[string, SentFrom, string | undefined]>([
    ['a program', OWN, 'POST'],
    ['the own page', { ...OWN, origin: 'http://cam.example' }, 'DELETE'],
    ['a page on the list', { ...OWN, origin: 'https://wall.example' }, 'PATCH'],
    ['another page that only reads', { ...OWN, origin: 'https://evil.example' }, 'GET'],
    ['a question about what is allowed', { ...OWN, origin: 'https://evil.example' }, 'OPTIONS'],
    ['a WebSocket of the own page', { ...OWN, origin: 'http://cam.example' }, undefined],
  ])('lets in %s', (_name, caller, method) => {
    expect(doorkeeper.refuse(caller, method)).toBeUndefined();
  });

  it.each<[string, SentFrom, string | undefined, RegExp]>([
    [
      'a name that is not ours',
      { host: 'evil.example', origin: undefined },
      'GET',
      /called evil\.example.*allowedHosts/,
    ],
    ['a page of another site', { ...OWN, origin: 'https://evil.example' }, 'POST', /evil\.example.*allowedOrigins/],
    ['a WebSocket of another site', { ...OWN, origin: 'https://evil.example' }, undefined, /allowedOrigins/],
    ['a rebound page', { host: 'evil.example', origin: 'http://evil.example' }, 'POST', /allowedHosts/],
  ])('refuses %s, and says what to do', (_name, caller, method, words) => {
    expect(doorkeeper.refuse(caller, method)).toMatch(words);
  });

  it('shows nothing of a name that a terminal could take for commands, and no end of it', () => {
    const words = doorkeeper.refuse({ host: `\x1b[2J${'x'.repeat(500)}`, origin: undefined }, 'GET');

    expect(words).not.toContain('\x1b');
    expect(words?.length).toBeLessThan(300);
  });
});
