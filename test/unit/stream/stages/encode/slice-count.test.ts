import { describe, expect, it } from 'vitest';
import { sliceCount } from '#src/stream/stages/encode/slice-count.js';

const HD = { width: 1920, height: 1080, fps: 30 } as const;

describe('sliceCount', () => {
  it.each([
    ['a small picture', { ...HD, width: 1280, height: 720 }, 16, 1],
    ['one core', HD, 1, 1],
    ['two cores', HD, 2, 2],
    ['three cores', HD, 3, 3],
    ['more cores than slices are of use', HD, 16, 4],
  ] as const)('%s', (_, output, cores, expected) => {
    expect(sliceCount(output, cores)).toBe(expected);
  });
});
