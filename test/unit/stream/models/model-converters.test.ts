import { describe, expect, it } from 'vitest';
import { convertModel } from '#src/stream/models/model-converters.js';

const file = (path: string, text: string) => ({ path, content: new TextEncoder().encode(text) });

describe('convertModel', () => {
  it.each([
    ['nothing', [], 'got nothing'],
    ['no data', [file('a-weights_manifest.json', '[]')], 'got a-weights_manifest.json'],
    ['no manifest', [file('a.bin', '')], 'got a.bin'],
    [
      'weights of another network',
      [file('a-weights_manifest.json', '[]'), file('a.bin', '')],
      'conv32_down/conv/filters should be 7×7×3×32, got nothing',
    ],
    [
      'weights of another shape, cut into two files',
      [
        file(
          'a-weights_manifest.json',
          '[{"weights":[{"name":"conv32_down/conv/filters","shape":[2],"dtype":"float32"}]}]',
        ),
        file('a.shard1.bin', '1234'),
        file('a.shard2.bin', '5678'),
      ],
      'should be 7×7×3×32, got 2',
    ],
  ])('refuses %s', (_, files, message) => {
    expect(() => convertModel('tfjs-dlib-face-descriptor', files)).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_MODEL', message: expect.stringContaining(message) as unknown }),
    );
  });
});
