import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findModel, isDetector, isEmbedder, parseManifest } from '#src/stream/models/manifest.js';
import { packagePath } from '#src/shared/package-root.js';

const text = readFileSync(packagePath('models/manifest.json'), 'utf8');

type Mutable = {
  autoDetector: string[];
  models: Record<string, unknown>[];
};

/** The shipped manifest with one thing changed. */
function changed(change: (manifest: Mutable) => void): string {
  const manifest = JSON.parse(text) as Mutable;
  change(manifest);
  return JSON.stringify(manifest);
}

const embedderOf = ({ models }: Mutable): Record<string, unknown> => models.find(({ task }) => task === 'embedder')!;

describe('models/manifest.json', () => {
  const manifest = parseManifest(text);

  it('is valid and prefers YuNet', () => {
    expect(manifest.autoDetector).toEqual(['yunet', 'blazeface']);
  });

  it.each(manifest.autoDetector)('pins %s by checksum and size', (name) => {
    expect(findModel(manifest, name)).toMatchObject({
      sha256: expect.any(String) as unknown,
      bytes: expect.any(Number) as unknown,
    });
  });

  it.each(manifest.models.filter(({ sources }) => sources.length === 0).map(({ name, title }) => ({ name, title })))(
    'says of $name that the user brings the file',
    ({ title }) => {
      expect(title).toContain('bring your own');
    },
  );

  it('pins what is converted and what it is made of, so that the result can be checked', () => {
    const converted = manifest.models.filter(({ sources }) => sources.some((source) => 'convert' in source));

    expect(converted.map(({ name }) => name)).toEqual([
      'movenet',
      'full-range-face',
      'nanodet',
      'dlib-face-descriptor',
    ]);
    expect(converted.every(({ sha256, bytes }) => sha256 !== undefined && bytes !== undefined)).toBe(true);
  });

  it('has detectors and embedders', () => {
    expect(manifest.models.every((model) => isDetector(model) !== isEmbedder(model))).toBe(true);
  });
});

describe('parseManifest', () => {
  it.each<[string, string, string]>([
    ['text that is not JSON', '{', 'is not JSON'],
    [
      'a URL with a line feed',
      changed((m) => Object.assign(m.models[0]!, { sources: [{ url: 'https://example.org/a\nb' }] })),
      'sources',
    ],
    ['another version', changed((m) => Object.assign(m, { version: 2 })), 'version'],
    ['a source without a checksum', changed((m) => delete m.models[0]?.['sha256']), 'needs sha256 and bytes'],
    [
      'a range of npm versions',
      changed((m) => (m.models[1]!['sources'] = [{ npm: 'a@^1.0.0', path: 'b' }])),
      'sources',
    ],
    [
      'a path that leaves the package',
      changed((m) => (m.models[1]!['sources'] = [{ npm: 'a@1.0.0', path: '../b' }])),
      'sources',
    ],
    [
      'an unknown conversion',
      changed((m) => (m.models[1]!['sources'] = [{ npm: 'a@1.0.0', files: [], convert: 'alchemy' }])),
      'sources',
    ],
    [
      'landmarks of which one is missing',
      changed((m) => (embedderOf(m)['alignment'] = { type: 'landmarks', points: [[0, 0]] })),
      'alignment.points',
    ],
    ['an embedder of no known metric', changed((m) => (embedderOf(m)['metric'] = 'manhattan')), 'metric'],
    ['a file with a folder in its name', changed((m) => (m.models[0]!['file'] = '../x.onnx')), 'models.0.file'],
    ['a detector without a decoder', changed((m) => delete m.models[0]?.['decoder']), 'models.0'],
    ['a name used twice', changed((m) => m.models.push(m.models[0]!)), 'yunet is used twice'],
    ['an auto detector that is not there', changed((m) => m.autoDetector.push('nobody')), 'nobody is no detector'],
  ])('refuses %s', (_, json, message) => {
    expect(() => parseManifest(json)).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_MODEL', message: expect.stringContaining(message) as unknown }),
    );
  });
});

it('names the models that there are when asked for another', () => {
  expect(() => findModel(parseManifest(text), 'yolo')).toThrow(/there is no model yolo.*yunet, blazeface/);
});

it('takes landmark models, which are neither', () => {
  const manifest = parseManifest(
    changed((m) => {
      const { decoder, regions, minScore, ...rest } = m.models[0]!;
      expect([decoder, regions, minScore]).not.toContain(undefined);
      m.models.push({ ...rest, name: 'face-mesh', task: 'landmarks' });
    }),
  );

  const model = findModel(manifest, 'face-mesh');

  expect([isDetector(model), isEmbedder(model)]).toEqual([false, false]);
});
