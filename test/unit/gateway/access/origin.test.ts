import { describe, expect, it } from 'vitest';
import { isOriginAllowed } from '#src/gateway/access/origin.js';

describe('isOriginAllowed', () => {
  it.each<[string, string | undefined, string | undefined, readonly string[], boolean]>([
    ['the own page', 'http://cam.example:8080', 'cam.example:8080', [], true],
    ['the own page behind TLS', 'https://cam.example', 'cam.example', [], true],
    ['a Host header in capitals', 'http://cam.example', 'Cam.Example', [], true],
    ['a program', undefined, 'cam.example', [], true],
    ['another host', 'http://evil.example', 'cam.example', [], false],
    ['another port', 'http://cam.example:81', 'cam.example', [], false],
    ['a longer name', 'http://cam.example.evil.example', 'cam.example', [], false],
    ['a file', 'null', 'cam.example', [], false],
    ['no Host header', 'http://cam.example', undefined, [], false],
    ['an origin on the list', 'https://Wall.example', 'cam.example', ['https://wall.example'], true],
    ['the same host with another scheme', 'http://wall.example', 'cam.example', ['https://wall.example'], false],
    ['anyone', 'https://evil.example', 'cam.example', ['*'], true],
  ])('%s', (_name, origin, host, allowed, expected) => {
    expect(isOriginAllowed(origin, host, allowed)).toBe(expected);
  });
});
