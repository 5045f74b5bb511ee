import { describe, expect, it } from 'vitest';
import { maskTarget } from '#src/shared/config/mask-url.js';
import { targetSchema } from '#src/shared/config/target-schema.js';

const SECRET = 'correct-horse-battery';

describe('a target', () => {
  it.each<[url: string, key?: string]>([
    ['rtmp://h/app/key'],
    ['rtmps://h/app', 'key'],
    ['srt://h:9000'],
    ['srt://[::1]:9000?mode=caller&streamid=publish:a&latency=500'],
    ['srt://:9000'],
    ['srt://h:9000?mode=listener', SECRET],
    [`srt://h:9000?passphrase=${SECRET}&pbkeylen=32`],
  ])('may be %s (%s)', (url, key) => {
    expect(targetSchema.safeParse({ url, key }).success).toBe(true);
  });

  it.each<[url: string, key: string | undefined, option: 'url' | 'key', words: RegExp]>([
    ['http://h/app/key', undefined, 'url', /use rtmp:.*srt:/],
    ['http://h', undefined, 'url', /^use rtmp:.*srt:/],
    ['rtmp://h/app', undefined, 'url', /no stream key/],
    ['srt://h', undefined, 'url', /needs host and port/],
    ['srt://h:99999', undefined, 'url', /the port is not one/],
    ['srt://h:9000?latency=fast', undefined, 'url', /latency is a number/],
    ['srt://h:9000?mode=rendezvous', undefined, 'url', /mode is caller or listener/],
    ['srt://h:9000?pass=x', undefined, 'url', /parameter that SRT does not have/],
    [`srt://h:9000?passphrase=ab&${SECRET}`, undefined, 'url', /& within one is written %26/],
    ['srt://h:9000?passphrase=short', undefined, 'url', /SRT takes 10 to 79/],
    ['srt://user:word@h:9000', undefined, 'url', /no user name/],
    ['srt://:9000?streamid=a', undefined, 'url', /a listener has no stream id/],
    ['srt://h:9000', 'short', 'key', /SRT takes 10 to 79/],
    [`srt://h:9000?passphrase=${SECRET}`, SECRET, 'key', /in one place/],
  ])('cannot be %s (%s)', (url, key, option, words) => {
    const { error } = targetSchema.safeParse({ url, key });

    expect(error?.issues).toMatchObject([{ path: [option], message: expect.stringMatching(words) as string }]);
    expect(error?.message).not.toContain(SECRET);
  });

  it.each([
    [`srt://h:9000?passphrase=${SECRET}&latency=9`, undefined, 'srt://h:9000?passphrase=***&latency=9'],
    ['srt://h:9000?streamid=#!::u=me,k=word', undefined, 'srt://h:9000?streamid=***'],
    ['srt://h:9000?mode=caller', SECRET, 'srt://h:9000?mode=caller'],
  ])('%s is shown without its secrets', (url, key, shown) => {
    expect(maskTarget({ url, key })).toBe(shown);
  });
});
