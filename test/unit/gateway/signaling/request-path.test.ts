import { describe, expect, it } from 'vitest';
import { requestPath } from '#src/gateway/signaling/request-path.js';

describe('the path of a request target', () => {
  it.each([
    ['/ws', '/ws'],
    ['/ws?stream=hall', '/ws'],
    ['/ws#part', '/ws'],
    ['http://host:8080/ws', '/ws'],
    ['HTTPS://host/ws?x', '/ws'],
    ['//', '//'],
    ['//evil.example/ws', '//evil.example/ws'],
    ['///', '///'],
    ['/[', '/['],
    ['http://[/ws', undefined],
    ['http://', undefined],
    ['http://host:99999/ws', undefined],
    ['*', undefined],
    ['host:443', undefined],
    ['javascript:/ws', undefined],
    ['ws', undefined],
    ['', undefined],
  ])('of %j is %j', (target, expected) => {
    const path = requestPath(target);

    expect(path).toBe(expected);
  });

  it('is found or not for any text, without an exception', () => {
    const parts = ['/', '//', '[', ']', ':', '@', '%', '%zz', '\\', '\0', 'ÿ', '?', '#', 'http:', 'ws', '..', ' '];
    const texts = parts.flatMap((a) => parts.flatMap((b) => parts.map((c) => a + b + c)));

    expect(() => texts.map(requestPath)).not.toThrow();
  });
});
