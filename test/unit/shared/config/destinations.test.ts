import { describe, expect, it } from 'vitest';
import { doubleDestinations, type PublishingTarget } from '#src/shared/config/destinations.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { rejectDoubleTargets } from '#src/gateway/state/double-targets.js';

const first: PublishingTarget = { id: 'tv', url: 'rtmp://live.example.com/app/key' };

describe('doubleDestinations', () => {
  it.each<[string, PublishingTarget]>([
    ['the same URL', { url: 'rtmp://live.example.com/app/key' }],
    ['the default port', { url: 'rtmp://live.example.com:1935/app/key' }],
    ['another case of the host', { url: 'RTMP://LIVE.example.com/app/key' }],
    ['the key apart', { url: 'rtmp://live.example.com/app', key: 'key' }],
    ['the key apart, and a slash', { url: 'rtmp://live.example.com/app/', key: 'key' }],
    ['a slash more', { url: 'rtmp://live.example.com//app//key' }],
    ['a user', { url: 'rtmp://me:secret@live.example.com/app/key' }],
  ])('finds %s', (_what, target) => {
    const found = doubleDestinations([
      { id: 'a', targets: [first] },
      { id: 'b', targets: [target] },
    ]);

    expect(found).toEqual([{ stream: 1, target: 0, first: 'target tv of stream "a"' }]);
  });

  it.each<[string, string, string]>([
    ['a receiver that is called', 'srt://example.com:9000?latency=200', 'SRT://EXAMPLE.com:9000?mode=caller'],
    ['its stream id', 'srt://h:9000?streamid=a', 'srt://h:9000?passphrase=long-enough-word&streamid=a'],
    ['a port that is listened on', 'srt://:9000', 'srt://127.0.0.1:9000?mode=listener'],
  ])('finds %s twice', (_what, one, other) => {
    expect(doubleDestinations([{ id: 'a', targets: [{ url: one }, { url: other }] }])).toHaveLength(1);
  });

  it.each<[string, string, string]>([
    ['another stream id', 'srt://h:9000?streamid=a', 'srt://h:9000?streamid=b'],
    ['another port', 'srt://h:9000', 'srt://h:9001'],
    ['one that calls beside one that is called', 'srt://127.0.0.1:9000', 'srt://127.0.0.1:9000?mode=listener'],
  ])('lets pass %s of SRT', (_what, one, other) => {
    expect(doubleDestinations([{ id: 'a', targets: [{ url: one }, { url: other }] }])).toEqual([]);
  });

  it.each<[string, PublishingTarget]>([
    ['another key', { url: 'rtmp://live.example.com/app/key2' }],
    ['another case of the key', { url: 'rtmp://live.example.com/app/Key' }],
    ['another application', { url: 'rtmp://live.example.com/app2/key' }],
    ['another host', { url: 'rtmp://live2.example.com/app/key' }],
    ['another port', { url: 'rtmp://live.example.com:1936/app/key' }],
    ['what is no address', { url: 'rtmp://' }],
  ])('lets pass %s', (_what, target) => {
    expect(doubleDestinations([{ id: 'a', targets: [first, target] }])).toEqual([]);
  });
});

it('a configuration with one destination twice is refused with its line', () => {
  const text = `streams:
  - id: a
    source: { url: 'test:' }
    targets: [{ id: tv, url: 'rtmp://h/app/key' }]
  - id: b
    source: { url: 'test:' }
    targets:
      - url: rtmp://h:1935/app
        key: key
`;

  expect(() => parseConfig({ text, fileName: 'gateway.yaml' })).toThrow(
    /gateway\.yaml:8:\d+.*streams\[1\]\.targets\[0\]\.url.*target tv of stream "a"/,
  );
});

describe('rejectDoubleTargets', () => {
  const a = { id: 'a', targets: [first] };

  it.each([
    ['a target of another stream', { id: 'b', targets: [{ ...first, id: 'x' }] }],
    ['a target of the stream itself', { id: 'a', targets: [first, { ...first, id: 'x' }] }],
  ])('refuses the destination of %s', (_what, wanted) => {
    expect(() => rejectDoubleTargets(wanted, [a])).toThrow(
      expect.objectContaining({
        code: 'DIPTYCH_E_CONFLICT',
        message: expect.stringMatching(/target tv of stream "a"/) as string,
      }),
    );
  });

  it('refuses a name twice', () => {
    const wanted = { id: 'b', targets: [first, { id: 'tv', url: 'rtmp://h/a/other' }] };

    expect(() => rejectDoubleTargets(wanted, [])).toThrow(expect.objectContaining({ code: 'DIPTYCH_E_BAD_INPUT' }));
  });

  it('lets a stream keep its own', () => {
    expect(() => rejectDoubleTargets(a, [a])).not.toThrow();
  });
});
