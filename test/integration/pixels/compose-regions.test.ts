import { afterEach, describe, expect, it } from 'vitest';
import type { Box } from '#src/shared/domain/box.js';
import { addon, composed, firstDifference, randomPicture, withFrame } from './pictures.js';
import { referenceCompose } from './reference.js';

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

describe('several regions', () => {
  const output = { width: 96, height: 64 };
  const first = randomPicture({ width: 150, height: 90 }, 11);
  const second = randomPicture({ width: 77, height: 63 }, 12);

  const cases: readonly { name: string; regions: readonly { of: 0 | 1; crop: Box; dest: Box; alpha: number }[] }[] = [
    { name: 'none: black', regions: [] },
    {
      name: 'two tiles side by side',
      regions: [
        {
          of: 0,
          crop: { x: 3.3, y: 2.2, width: 50, height: 66 },
          dest: { x: 0, y: 0, width: 48, height: 64 },
          alpha: 1,
        },
        {
          of: 1,
          crop: { x: 8.1, y: 1.2, width: 40, height: 53 },
          dest: { x: 48, y: 0, width: 48, height: 64 },
          alpha: 1,
        },
      ],
    },
    {
      name: 'one covers the other in part',
      regions: [
        {
          of: 0,
          crop: { x: 3.3, y: 2.2, width: 60, height: 56 },
          dest: { x: 10, y: 8, width: 60, height: 40 },
          alpha: 1,
        },
        {
          of: 1,
          crop: { x: 8.1, y: 1.2, width: 40, height: 53 },
          dest: { x: 30, y: 20, width: 20, height: 60 },
          alpha: 1,
        },
      ],
    },
    {
      name: 'one is covered by the other',
      regions: [
        {
          of: 0,
          crop: { x: 3.3, y: 2.2, width: 60, height: 56 },
          dest: { x: 10, y: 8, width: 60, height: 40 },
          alpha: 1,
        },
        { of: 1, crop: { x: 0, y: 0, width: 77, height: 63 }, dest: { x: 0, y: 0, width: 96, height: 64 }, alpha: 1 },
      ],
    },
    {
      name: 'half transparent over opaque over half transparent',
      regions: [
        { of: 1, crop: { x: 1, y: 1, width: 60, height: 56 }, dest: { x: 0, y: 0, width: 96, height: 64 }, alpha: 0.5 },
        {
          of: 0,
          crop: { x: 3.3, y: 2.2, width: 60, height: 56 },
          dest: { x: 10, y: 8, width: 60, height: 40 },
          alpha: 1,
        },
        {
          of: 1,
          crop: { x: 8.1, y: 1.2, width: 40, height: 53 },
          dest: { x: 30, y: 20, width: 50, height: 60 },
          alpha: 0.25,
        },
      ],
    },
    {
      name: 'more pieces than are cut out',
      regions: [
        {
          of: 0,
          crop: { x: 3.3, y: 2.2, width: 90, height: 60 },
          dest: { x: 0, y: 0, width: 96, height: 64 },
          alpha: 1,
        },
        ...Array.from({ length: 24 }, (_, i) => ({
          of: 1 as const,
          crop: { x: i, y: 2.5, width: 20, height: 20 },
          dest: { x: 4 + (i % 6) * 16, y: 4 + Math.floor(i / 6) * 16, width: 6, height: 8 },
          alpha: 1,
        })),
      ],
    },
  ];

  it.each(cases)('$name', async ({ regions }) => {
    const expected = referenceCompose(
      output,
      regions.map(({ of, ...rest }) => ({ ...rest, picture: of === 0 ? first : second })),
    );

    const actual = await withFrame(first, 'I420', (one) =>
      withFrame(second, 'NV12', (other) =>
        composed(
          output,
          regions.map(({ of, ...rest }) => ({ ...rest, frame: of === 0 ? one : other })),
        ),
      ),
    );

    expect(firstDifference(actual, expected)).toBeUndefined();
  });
});
