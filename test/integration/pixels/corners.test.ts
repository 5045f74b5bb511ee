import { afterEach, describe, expect, it } from 'vitest';
import type { Box, Size } from '#src/shared/domain/box.js';
import { seededRandom } from '#src/shared/random.js';
import type { FillRegion } from '#src/stream/native/types.js';
import { addon, composed, firstDifference, whole } from './pictures.js';

type Corners = FillRegion & { readonly radii: readonly [number, number, number, number] };

const output = { width: 96, height: 64 };
const below: FillRegion = { colour: [150, 90, 170], dest: whole(output), alpha: 1 };

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

/** How much of a sample lies outside of the arc, 0 … 256: native/src/core/corners.hpp. */
function cover(column: number, row: number, { dest, radii }: Corners): number {
  const isRight = column >= dest.x + dest.width / 2;
  const isLower = row >= dest.y + dest.height / 2;
  const most = 2 * Math.floor(Math.min(dest.width, dest.height) / 4);
  const radius = Math.min(most, radii[(isLower ? 2 : 0) + (isRight ? 1 : 0)]!);
  const a = 2 * radius - 2 * (isRight ? dest.x + dest.width - 1 - column : column - dest.x) - 1;
  const b = 2 * radius - 2 * (isLower ? dest.y + dest.height - 1 - row : row - dest.y) - 1;
  if (a <= 0 || b <= 0) return 0;
  return 8 * Math.min(32, Math.max(0, Math.floor(16 * Math.hypot(a, b)) - 32 * radius + 16));
}

/** Corners over one colour, as packed I420. */
function reference(size: Size, corners: readonly Corners[]): Uint8Array {
  const planes = [0, 1, 2].map((p) => {
    const step = p === 0 ? 1 : 2;
    const [width, height] = [size.width / step, size.height / step];
    return Uint8Array.from({ length: width * height }, (_, at) => {
      const [column, row] = [step * (at % width), step * Math.floor(at / width)];
      return corners.reduce((value, region) => {
        const { x, y, width: across, height: down } = region.dest;
        if (column < x || row < y || column >= x + across || row >= y + down) return value;
        const covers =
          p === 0
            ? [cover(column, row, region)]
            : [0, 1].flatMap((j) => [0, 1].map((i) => cover(column + i, row + j, region)));
        const mean = p === 0 ? covers[0]! : covers.reduce((sum, each) => sum + each, 2) >> 2;
        const alpha = (mean * Math.round(region.alpha * 256) + 128) >> 8;
        return (value * (256 - alpha) + region.colour[p]! * alpha + 128) >> 8;
      }, below.colour[p]!);
    });
  });
  return Uint8Array.from(planes.flatMap((plane) => [...plane]));
}

const corners = (dest: Box, radii: Corners['radii'], alpha = 1): Corners => ({
  ...{ colour: [200, 20, 240], dest, radii, alpha },
});

describe('round corners', () => {
  it.each<[string, Corners]>([
    ['of the whole picture', corners(whole(output), [20, 20, 20, 20])],
    ['each of its own', corners({ x: 10, y: 8, width: 60, height: 40 }, [0, 3, 8, 20])],
    ['half transparent', corners({ x: 10, y: 8, width: 60, height: 40 }, [9, 9, 9, 9], 0.5)],
    ['not seen', corners(whole(output), [20, 20, 20, 20], 0)],
    ['of no radius', corners(whole(output), [0, 0, 0, 0])],
    ['over the edge', corners({ x: -10, y: 50, width: 60, height: 40 }, [12, 12, 12, 12])],
    ['larger than half of the rectangle', corners({ x: 20, y: 20, width: 22, height: 14 }, [500, 1024, 7, 30])],
  ])('%s', async (_, region) => {
    expect(firstDifference(await composed(output, [below, region]), reference(output, [region]))).toBeUndefined();
  });

  it('random ones over each other', async () => {
    const next = seededRandom(5);
    const even = (least: number, most: number): number => 2 * Math.round((least + next() * (most - least)) / 2);
    for (let job = 0; job < 40; job += 1) {
      const regions = Array.from({ length: 3 }, () => {
        const dest = { x: even(-20, 80), y: even(-20, 50), width: even(2, 110), height: even(2, 80) };
        const radius = (): number => Math.floor(next() * 40);
        return corners(dest, [radius(), radius(), radius(), radius()], next() < 0.5 ? 1 : next());
      });

      expect(firstDifference(await composed(output, [below, ...regions]), reference(output, regions))).toBeUndefined();
    }
  });

  it('leave what is between them, and hide what is below their outside', async () => {
    const picture = await composed(output, [below, corners(whole(output), [32, 32, 32, 32])]);

    const luma = (x: number, y: number): number => picture[y * output.width + x]!;
    expect([luma(0, 0), luma(95, 0), luma(0, 63), luma(95, 63)]).toEqual([200, 200, 200, 200]);
    expect([luma(48, 0), luma(0, 32), luma(48, 32), luma(12, 12)]).toEqual([150, 150, 150, 150]);
  });

  it.each<[unknown, string]>([
    [12, 'regions[0].radii: expected an array of 4, got 12'],
    [[1, 2, 3], 'regions[0].radii: expected an array of 4, got an array'],
    [[1, 2, 3, -1], 'regions[0].radii[3]: expected a whole number from 0 to 1024, got -1'],
    [[1, 2, 3, 0.5], 'regions[0].radii[3]: expected a whole number from 0 to 1024, got 0.5'],
  ])('are refused with the radii %j', (radii, message) => {
    const regions = [{ ...below, radii } as unknown as FillRegion];
    expect(() => addon.compose(output, regions)).toThrow(message);
  });
});
