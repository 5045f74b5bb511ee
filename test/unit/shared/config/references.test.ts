import { describe, expect, it } from 'vitest';
import { toSchemaNode } from '#src/shared/config/json-schema.js';
import { readConfiguration } from '#src/shared/config/parse-config.js';
import { resolveReferences, withReferences } from '#src/shared/config/references.js';
import { gatewaySchema } from '#src/shared/config/schema.js';

const references = {
  environment: { CAM: 'cam.local', WORD: 's3cret:/@', PORT: '9000', EMPTY: '' },
  readText: (path: string) => {
    if (path === '/run/password') return 'from a file\n';
    if (path === '/run/empty') return '\n';
    throw new Error('ENOENT');
  },
};
const schema = toSchemaNode(gatewaySchema);
const resolve = (written: unknown) => resolveReferences(written, references, schema);
const read = (text: string) => readConfiguration({ text, fileName: 'g.yaml' }, { references });

describe('resolveReferences', () => {
  it.each<[string, unknown, unknown]>([
    ['a part of a text', 'rtsp://${CAM}/1', 'rtsp://cam.local/1'],
    ['several', '${CAM}:${PORT}', 'cam.local:9000'],
    ['a default', '${NOT_SET:-cam2}', 'cam2'],
    ['no default where it is set', '${CAM:-cam2}', 'cam.local'],
    ['an empty variable', 'x${EMPTY}', 'x'],
    ['an escaped one', 'a$${CAM}', 'a${CAM}'],
    ['a dollar alone', 'pa$$word$', 'pa$$word$'],
    ['a list and a block', [{ a: '${CAM}' }], [{ a: 'cam.local' }]],
    ['no number', { http: { port: 80 } }, { http: { port: 80 } }],
    ['where a number is expected', { http: { port: '${PORT}' } }, { http: { port: 9000 } }],
    ['a file', { source: { passwordFile: '/run/password' } }, { source: { password: 'from a file' } }],
  ])('fills in %s', (_what, written, value) => {
    expect(resolve(written)).toEqual({ value, issues: [] });
  });

  it.each<[string, unknown, readonly PropertyKey[], RegExp]>([
    ['a variable that is not set', { a: ['${NOT_SET}'] }, ['a', 0], /NOT_SET is not set; set it, or give a default/],
    ['no name', { a: '${}' }, ['a'], /expected the name of an environment variable/],
    ['half a reference', { a: '${CAM' }, ['a'], /write \$\$\{ where/],
    ['a missing file', { keyFile: '/x' }, ['keyFile'], /file \/x cannot be read \(ENOENT\)/],
    [
      'a file whose name cannot be printed',
      { keyFile: '/\0\n' + 'x'.repeat(999) },
      ['keyFile'],
      /^the file \/\uFFFD\uFFFDx{70,80}\.\.\. cannot/,
    ],
    ['an empty file', { keyFile: '/run/empty' }, ['keyFile'], /is empty/],
    ['a secret twice', { key: 'k', keyFile: '/run/password' }, ['keyFile'], /expected this or key, got both/],
  ])('refuses %s', (_what, written, path, message) => {
    const { issues } = resolve(written);

    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ path, message: expect.stringMatching(message) as string });
  });

  it('is taken back by withReferences, with defaults kept', () => {
    const written = { url: 'rtsp://${CAM}/1', passwordFile: '/run/password', list: [{ x: '$${' }] };
    const checked = {
      url: 'rtsp://cam.local/1',
      password: 'from a file',
      list: [{ x: '${', y: 1 }],
      transport: 'auto',
    };

    expect(withReferences(checked, written)).toEqual({ ...written, list: [{ x: '$${', y: 1 }], transport: 'auto' });
  });
});

describe('a configuration with references', () => {
  it('has their values, and its streams as they were written', () => {
    const { config, writtenStreams } = read(
      'streams: [{ source: { url: "rtsp://${CAM}/1", user: me, passwordFile: /run/password } }]',
    );

    expect(config.streams[0]?.source).toMatchObject({ url: 'rtsp://cam.local/1', password: 'from a file' });
    expect(writtenStreams).toEqual([{ source: { url: 'rtsp://${CAM}/1', user: 'me', passwordFile: '/run/password' } }]);
  });

  it('tells the line of one that cannot be followed', () => {
    expect(() => read('http:\n  host: "${NOWHERE}"')).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^g\.yaml:2:9 http\.host: .*NOWHERE/) as string }),
    );
  });

  it('does not tell what a variable holds', () => {
    expect(() => read('streams: [{ source: { url: "test:", latencyMs: "${WORD}" } }]')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') as string }),
    );
  });
});
