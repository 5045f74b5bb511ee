import { describe, expect, it } from 'vitest';
import { isKnownHost, namesOf } from '#src/gateway/access/known-hosts.js';

const NAMES = ['Studio', 'diptych.example.org', undefined, ''];

describe('isKnownHost', () => {
  it.each<[string, string | undefined, boolean]>([
    ['an address', '192.168.1.20:8080', true],
    ['the loopback address', '127.0.0.1', true],
    ['an IPv6 address', '[fe80::1]:8080', true],
    ['localhost', 'localhost:8080', true],
    ['a name below localhost', 'diptych.localhost', true],
    ['the name of the machine', 'studio:8080', true],
    ['the same by multicast DNS', 'studio.local', true],
    ['a name of the configuration', 'diptych.example.org', true],
    ['the same in capitals, with a last dot', 'Diptych.Example.org.', true],
    ['nothing, as HTTP/1.0 may', undefined, true],
    ['another name', 'attacker.example:8080', false],
    ['a name that ends like one of ours', 'evil-diptych.example.org', false],
    ['a name below one of ours', 'evil.diptych.example.org', false],
    ['a name that begins with an address', '127.0.0.1.attacker.example', false],
    ['a name that ends in localhost without a dot', 'notlocalhost', false],
    ['an address behind a user name', 'attacker.example@127.0.0.1', false],
    ['two names', 'localhost attacker.example', false],
    ['a path', 'localhost/attacker', false],
    ['nothing at all', '', false],
  ])('%s', (_name, host, expected) => {
    expect(isKnownHost(host, namesOf(NAMES))).toBe(expected);
  });

  it('takes every name where the configuration says so', () => {
    expect(isKnownHost('attacker.example', namesOf(['*']))).toBe(true);
  });
});
