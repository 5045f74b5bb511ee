import { describe, expect, it } from 'vitest';
import { sliceCount } from '#src/stream/stages/encode/slice-count.js';

const HD = { width: 1920, height: 1080, fps: 30, preset: 'superfast' } as const;

describe('sliceCount', () => {
  it.each([
    ['a small picture', { ...HD, width: 1280, height: 720 }, 16, 1],
    ['two cores, which the rest of a stream needs', HD, 2, 1],
    ['one core', { ...HD, preset: 'veryfast' }, 1, 1],
    ['two cores and a preset that takes most of the time', { ...HD, preset: 'veryfast' }, 2, 2],
    ['three cores', HD, 3, 3],
    ['more cores than slices are of use', HD, 16, 4],
  ] as const)('%s', (_, output, cores, expected) => {
    expect(sliceCount(output, cores)).toBe(expected);
  });
});
