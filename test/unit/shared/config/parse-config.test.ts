import { describe, expect, it } from 'vitest';
import { ConfigError, type ConfigIssue } from '#src/shared/config/config-error.js';
import { freeTargetId, nameTargets, parseConfig } from '#src/shared/config/parse-config.js';
import { streamSchema } from '#src/shared/config/schema.js';

const parse = (text: string): ReturnType<typeof parseConfig> => parseConfig({ text, fileName: 'g.yaml' });

function issuesOf(text: string): readonly ConfigIssue[] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  throw new Error('expected a mistake to be found');
}

/** Nine anchors, each nine times the one before it. */
const ALIAS_BOMB = Array.from('abcdefghi').reduce(
  (text, name, index) =>
    `${text}${name}: &${name} [${
      index === 0
        ? '1'
        : Array(9)
            .fill(`*${'abcdefghi'[index - 1] ?? ''}`)
            .join(',')
    }]\n`,
  '',
);

describe('parseConfig', () => {
  it('fills an empty file with defaults', () => {
    const config = parse('');

    expect(config.http).toEqual({
      ...{ host: '127.0.0.1', port: 8080, basePath: '/' },
      allowedOrigins: [],
      allowedHosts: [],
      trustProxy: [],
      frameAncestors: [],
    });
    expect(config.streams).toEqual([]);
  });

  it('names streams and targets that have no name', () => {
    const text = `
streams:
  - source: { url: 'test:' }
    targets:
      - url: rtmp://host/app/a
      - id: target-1
        url: rtmp://host/app/b
      - url: rtmp://host/app/c
`;
    const [stream] = parse(text).streams;

    expect(stream?.id).toBe('main');
    expect(stream?.targets.map(({ id }) => id)).toEqual(['target-2', 'target-1', 'target-3']);
  });

  it.each<[string, string, Partial<ConfigIssue>, RegExp]>([
    [
      'an unknown key near a known one',
      'http:\n  host: 127.0.0.1\n  prot: 1',
      { line: 3, column: 3, path: 'http.prot' },
      /no such option; did you mean "port"\?/,
    ],
    [
      'an unknown key near nothing',
      'colour: red',
      { line: 1, column: 1, path: 'colour' },
      /the keys here are http, webrtc, log, access, gpu, streamsPerProcess, spareProcess, limits, recordings, state, cluster, streams/,
    ],
    [
      'a number out of range',
      'streams:\n  - source: { url: "test:" }\n    output:\n      fps: 120',
      { line: 4, column: 12, path: 'streams[0].output.fps' },
      /expected a whole number from 5 to 60, got 120 \(constant frame rate.*leave it out for 30/,
    ],
    [
      'a fraction for a whole number',
      'http: { port: 80.5 }',
      { line: 1, column: 15, path: 'http.port' },
      /expected a whole number from 0 to 65535, got 80.5/,
    ],
    [
      'a size off the grid',
      'streams: [{ source: { url: "test:" }, output: { width: 1921 } }]',
      { path: 'streams[0].output.width' },
      /expected a whole number from 320 to 3840 in steps of 4, got 1921/,
    ],
    [
      'a word that is none of the choices',
      'log:\n  level: loud',
      { line: 2, column: 10, path: 'log.level' },
      /expected one of trace, debug, info, warn, error, got "loud"/,
    ],
    [
      'text for a number',
      'http:\n  port: high',
      { line: 2, column: 9, path: 'http.port' },
      /expected a whole number.*got "high"/,
    ],
    [
      'text for a switch',
      'streams: [{ source: { url: "test:", loop: maybe } }]',
      { path: 'streams[0].source.loop' },
      /expected true or false, got "maybe"/,
    ],
    [
      'a missing source',
      'streams:\n  - id: hall',
      { line: 2, column: 5, path: 'streams[0].source' },
      /is missing; add it: a block of keys \(url, user/,
    ],
    [
      'a missing address',
      'streams:\n  - source:\n      user: admin',
      { line: 3, column: 7, path: 'streams[0].source.url' },
      /is missing; add it: text \(rtsp:/,
    ],
    ['a list for a block', 'http: []', { line: 1, column: 7, path: 'http' }, /expected a block of keys .*got a list/],
    ['a block for a list', 'streams: {}', { path: 'streams' }, /expected a list, got a block of keys/],
    ['nothing for a block', 'http:', { path: 'http' }, /got nothing/],
    [
      'a name with a space',
      'streams: [{ id: "a b", source: { url: "test:" } }]',
      { path: 'streams[0].id' },
      /use letters, digits and dashes, at most 63; got "a b"/,
    ],
    [
      'two streams of one name',
      'streams:\n  - { id: a, source: { url: "test:" } }\n  - { id: a, source: { url: "test:" } }',
      { line: 3, path: 'streams[1].id' },
      /expected a unique name, got "a" a second time/,
    ],
    [
      'two targets of one name',
      'streams:\n  - source: { url: "test:" }\n    targets:\n      - { id: a, url: rtmp://h/a/b }\n      - { id: a, url: rtmp://h/a/c }',
      { line: 5, path: 'streams[0].targets[1].id' },
      /got "a" a second time/,
    ],
    [
      'ports the wrong way round',
      'webrtc:\n  minPort: 5000\n  maxPort: 4000',
      { line: 3, column: 12, path: 'webrtc.maxPort' },
      /expected at least minPort \(5000\), got 4000/,
    ],
    [
      'a TURN server without a secret',
      'webrtc:\n  iceServers:\n    - urls: ["turn:turn.example.org"]',
      { line: 3, path: 'webrtc.iceServers[0]' },
      /expected secret, or username and credential, of the TURN server, got neither/,
    ],
    [
      'a TURN server with two kinds of secrets',
      'webrtc:\n  iceServers:\n    - { urls: ["turn:a"], secret: b, username: c, credential: d }',
      { line: 3, path: 'webrtc.iceServers[0]' },
      /got both; leave one out/,
    ],
    [
      'a user name without a password',
      'webrtc:\n  iceServers:\n    - { urls: ["turn:a"], username: c }',
      { line: 3, path: 'webrtc.iceServers[0]' },
      /username and credential together, got one of them/,
    ],
    ['broken YAML', 'http:\n  host: "a\n', { path: '' }, /Missing closing "quote/],
    [
      'an alias of nothing',
      'http:\n  host: *x',
      { line: 2, column: 9 },
      /begins with \* refers to an anchor before it/,
    ],
    ['an alias before its anchor', 'a: *x\nb: &x 1', { line: 1, column: 4 }, /anchor before it/],
    ['an alias of itself', 'streams: &x\n  - *x', { line: 2, column: 5 }, /refers to what it is a part of/],
    ['aliases that stand for too much', ALIAS_BOMB, { line: 2 }, /stand for others that do so too/],
    ['more aliases than anyone writes', `a: &x 1\nb: [${'*x,'.repeat(101)}]`, { line: 2 }, /more than 100 values/],
    ['a tag of nothing', 'http:\n  host: !geheim', { line: 2, column: 9 }, /begins with ! names a type/],
    ['20,000 brackets', '['.repeat(20_000), { line: 1, column: 33 }, /deeper than 32/],
    ['20,000 dashes', '- '.repeat(20_000), { line: 1 }, /deeper than 32/],
    ['20,000 questions', '? '.repeat(20_000), { line: 1 }, /deeper than 32/],
    ['a block of 2,000 keys', Array.from({ length: 2000 }, (_, i) => `k${i}: 1`).join('\n'), {}, /more than 1000 keys/],
    ['two megabytes', 'a'.repeat(2 * 1024 * 1024), { line: 1 }, /at most 262144 are read/],
    [
      'a time that no timer holds',
      'streams: [{ source: { url: "test:", timeoutS: 1e300 } }]',
      { path: 'streams[0].source.timeoutS' },
      /expected a number from 0.1 to 3600, got 1e\+300/,
    ],
    [
      'NUL in a label',
      'streams: [{ source: { url: "test:" }, slots: { labels: ["a\\0b"] } }]',
      { path: 'streams[0].slots.labels[0]' },
      /character 2 is a control character \(U\+0000\)/,
    ],
    [
      'a label that is too long',
      `streams: [{ source: { url: "test:" }, slots: { labels: ["${'a'.repeat(41)}"] } }]`,
      {},
      /expected text of 0 to 40 characters/,
    ],
    ['a key with a line feed', '"a\\nb": 1', { path: 'a\uFFFDb' }, /no such option/],
    [
      'a value of neither kind',
      'streams: [{ source: { url: "test:", track: { video: first } } }]',
      { path: 'streams[0].source.track.video' },
      /expected "auto" or a whole number from 0 to 31, got "first"/,
    ],
    ['a list for a key', 'http: {}\n? [geheim]\n: 1', { line: 2, column: 3 }, /A key is a list/],
    ['a key twice', 'http: {}\nhttp: {}', { line: 2, column: 1, path: '' }, /Map keys must be unique/],
  ])('tells the place of %s', (_name, text, place, message) => {
    const [issue] = issuesOf(text);

    expect(issue).toMatchObject({ source: 'g.yaml', ...place });
    expect(issue?.message).toMatch(message);
  });

  it('tells every mistake, and counts them in the message', () => {
    const issues = issuesOf('http:\n  port: -1\n  hots: a\nlog: { level: x }');

    expect(issues.map(({ path }) => path).sort()).toEqual(['http.hots', 'http.port', 'log.level']);
    expect(() => parse('http:\n  port: -1\n  hots: a')).toThrow(/g\.yaml:\d+:\d+ http\..*\(and 1 more/);
  });

  it.each([
    ['usernam: a', 'streams[0].source.onvif.usernam', 'did you mean "username"?'],
    ['username: [a]', 'streams[0].source.onvif.username', 'expected text, got a list'],
    ['password: [a]', 'streams[0].source.onvif.password', 'expected text, got a list'],
  ])('names the key in a block that stands where true or false may: %s', (key, path, words) => {
    const [issue] = issuesOf(`streams: [{ source: { url: "rtsp://h/", onvif: { url: "http://h/", ${key} } } }]`);

    expect(issue?.path).toBe(path);
    expect(issue?.message).toContain(words);
  });

  it('lists the first 20 of many mistakes, and counts the rest', () => {
    const text = Array.from({ length: 1000 }, (_, index) => `wrong${index}: 1`).join('\n');

    expect(issuesOf(text)).toHaveLength(20);
    expect(() => parse(text)).toThrow(/\(and 999 more/);
  });

  it.each([
    ['a target', 'streams: [{ source: { url: "test:" }, targets: [{ url: "http://host/app/geheim" }] }]'],
    ['a password', 'streams: [{ source: { url: "test:", password: [geheim] } }]'],
    ['a password that is taken for an alias', 'streams: [{ source: { url: "test:", password: *geheim } }]'],
    ['a password that is taken for a block', 'streams:\n  - source:\n      url: "test:"\n      password: |geheim'],
    [
      'an ONVIF password',
      'streams: [{ source: { url: "rtsp://h/", onvif: { url: "http://h/", password: [geheim] } } }]',
    ],
    ['an ONVIF address', 'streams: [{ source: { url: "rtsp://h/", onvif: { url: "http://a:geheim@h/" } } }]'],
    ['a target that is no block', 'streams: [{ source: { url: "test:" }, targets: ["host/app/geheim"] }]'],
    ['an address with a space', 'streams: [{ source: { url: "rtsp://a:x geheim@host/1" } }]'],
    ['an address as a key', 'streams: [{ source: { "rtsp://a:geheim@host/1": 1 } }]'],
    ['a source', 'streams: [{ source: { url: ["rtsp://a:geheim@host/1"] } }]'],
    ['a misplaced address', 'log: { level: "rtsp://a:geheim@host/1" }'],
  ])('does not repeat the secret of %s', (_name, text) => {
    const issues = issuesOf(text);

    expect(JSON.stringify(issues)).not.toContain('geheim');
  });

  it.each(['12345', '1e5', 'true', '.5'])('does not repeat %s, which YAML does not take for text', (password) => {
    const [issue] = issuesOf(`streams: [{ source: { url: "test:", password: ${password} } }]`);

    expect(issue?.message).toMatch(/^expected text, got a value that is not shown here .*; write it in quotes$/);
  });
});

describe('overrides', () => {
  it('win over the file, the last one most of all', () => {
    const config = parseConfig({ text: 'http: { port: 1000, host: 10.0.0.1 }', fileName: 'g.yaml' }, [
      { source: 'environment variable DIPTYCH_PORT', path: ['http', 'port'], value: 2000 },
      { source: 'command line (--port)', path: ['http', 'port'], value: 3000 },
    ]);

    expect(config.http).toMatchObject({ port: 3000, host: '10.0.0.1' });
  });

  it('are named as the place of a mistake they bring', () => {
    const overrides = [{ source: 'command line (--port)', path: ['http', 'port'], value: 'x' }];

    expect(() => parseConfig({ text: '', fileName: 'g.yaml' }, overrides)).toThrow(
      /^command line \(--port\) http\.port: expected a whole number/,
    );
  });
});

describe('target names', () => {
  it('are kept where given', () => {
    const stream = streamSchema.parse({ source: { url: 'test:' }, targets: [{ id: 'x', url: 'rtmp://h/a/k' }] });

    expect(nameTargets(stream).targets).toEqual([{ id: 'x', url: 'rtmp://h/a/k' }]);
  });

  it('take the first free number', () => {
    expect(freeTargetId(new Set(['target-1', 'target-3']))).toBe('target-2');
  });
});
