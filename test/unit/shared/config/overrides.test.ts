import { describe, expect, it } from 'vitest';
import { applyOverrides, commandLineOverrides, environmentOverrides } from '#src/shared/config/overrides.js';
import { parseConfig } from '#src/shared/config/parse-config.js';

const parse = (
  text: string,
  ...overrides: Parameters<typeof parseConfig>[1] & object
): ReturnType<typeof parseConfig> => parseConfig({ text, fileName: 'g.yaml' }, overrides);

describe('environmentOverrides', () => {
  it('takes what is set and nothing else', () => {
    const overrides = environmentOverrides({ DIPTYCH_PORT: '9000', DIPTYCH_HOST: '', HOME: '/home/a' });

    expect(overrides).toEqual([{ source: 'environment variable DIPTYCH_PORT', path: ['http', 'port'], value: 9000 }]);
  });

  it('leaves a port that is no number for the schema to refuse', () => {
    expect(environmentOverrides({ DIPTYCH_PORT: 'x' })[0]?.value).toBe('x');
  });
});

describe('commandLineOverrides', () => {
  it('makes a stream of each source and gives the targets to the first', () => {
    const options = {
      sources: ['rtsp://a/1', 'test:'],
      targets: ['rtmp://h/a/k', 'rtmp://h/a/l'],
      port: '0',
      host: '::',
    };

    const config = parse('', ...commandLineOverrides(options));

    expect(config.http).toMatchObject({ host: '::', port: 0 });
    expect(config.streams.map(({ id, source }) => [id, source.url])).toEqual([
      ['main', 'rtsp://a/1'],
      ['main-2', 'test:'],
    ]);
    expect(config.streams.map(({ targets }) => targets.length)).toEqual([2, 0]);
  });

  it('names the files of TLS, the environment as well', () => {
    const byOption = parse('', ...commandLineOverrides({ tlsCert: 'c.pem', tlsKey: 'k.pem' }));
    const byVariable = parse('', ...environmentOverrides({ DIPTYCH_TLS_CERT: 'c.pem', DIPTYCH_TLS_KEY: 'k.pem' }));

    expect(byOption.http.tls).toEqual({ certFile: 'c.pem', keyFile: 'k.pem' });
    expect(byVariable.http.tls).toEqual(byOption.http.tls);
  });

  it('adds a target to the one stream of the file', () => {
    const text = 'streams: [{ source: { url: "test:" }, targets: [{ url: rtmp://h/a/k }] }]';

    const config = parse(text, ...commandLineOverrides({ targets: ['rtmp://h/a/l'] }, parse(text).streams));

    expect(config.streams[0]?.targets.map(({ url }) => url)).toEqual(['rtmp://h/a/k', 'rtmp://h/a/l']);
  });

  it.each([
    ['no stream', ''],
    ['2 streams', 'streams: [{ source: { url: "test:" } }, { id: b, source: { url: "test:" } }]'],
  ])('refuses a target for %s', (found, text) => {
    const { streams } = parse(text);

    expect(() => commandLineOverrides({ targets: ['rtmp://h/a/l'] }, streams)).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_USAGE', message: expect.stringContaining(found) as string }),
    );
  });
});

describe('applyOverrides', () => {
  it.each([
    ['a new block', undefined, ['a', 'b'], 1, { a: { b: 1 } }],
    ['a known block', { a: { c: 2 } }, ['a', 'b'], 1, { a: { c: 2, b: 1 } }],
    ['the end of a list', { a: [1] }, ['a', 1], 2, { a: [1, 2] }],
    ['text in the place of a block', { a: 'x' }, ['a', 'b'], 1, { a: { b: 1 } }],
  ])('writes into %s', (_name, value, path, wanted, expected) => {
    expect(applyOverrides(value, [{ source: 's', path, value: wanted }]).value).toEqual(expected);
  });

  it('does not change what it was given', () => {
    const value = { http: { port: 1 } };

    applyOverrides(value, [{ source: 's', path: ['http', 'port'], value: 2 }]);

    expect(value).toEqual({ http: { port: 1 } });
  });
});
