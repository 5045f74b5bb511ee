import { describe, expect, it } from 'vitest';
import { center, type Box } from '#src/shared/domain/box.js';
import { isCutByRegion, RegionScheduler } from '#src/stream/stages/detect/region-scheduler.js';

const HD = { width: 1920, height: 1080 };
const box = (x: number, y: number, side: number): Box => ({ x, y, width: side, height: side });

const contains = (outer: Box, inner: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** Longer side of the box in the model's 256×256 input. */
const sideInInput = (face: Box, region: Box): number => (face.width * 256) / Math.max(region.width, region.height);

describe('the sweep, with nobody known', () => {
  it.each([60, 100, 200, 300])('shows any face of %d pixels whole and large enough in one detection', (side) => {
    for (let x = 0; x + side <= HD.width; x += 35) {
      for (let y = 0; y + side <= HD.height; y += 35) {
        const face = box(x, y, side);
        const regions = new RegionScheduler().next(HD, []);

        const best = Math.max(0, ...regions.filter((r) => contains(r, face)).map((r) => sideInInput(face, r)));
        expect(best, `${side} pixels at ${x}, ${y}`).toBeGreaterThanOrEqual(14);
      }
    }
  });

  it('shows a face of 30 pixels anywhere within 15 s at 15 detections a second', () => {
    const scheduler = new RegionScheduler();
    const regions = Array.from({ length: 225 }, () => scheduler.next(HD, [])).flat();
    for (let x = 0; x + 30 <= HD.width; x += 63) {
      for (let y = 0; y + 30 <= HD.height; y += 63) {
        const face = box(x, y, 30);
        expect(regions.some((r) => contains(r, face) && sideInInput(face, r) >= 14)).toBe(true);
      }
    }
  });

  it('goes on while one person is known', () => {
    const scheduler = new RegionScheduler();
    const person = box(300, 400, 100);
    const pairs = Array.from({ length: 10 }, () => scheduler.next(HD, [person]));

    expect(pairs.every((regions) => regions.length === 2 && contains(regions[0] as Box, person))).toBe(true);
    expect(new Set(pairs.map((regions) => regions[1]).map((region) => JSON.stringify(region))).size).toBe(5);
  });

  it.each([
    ['portrait', { width: 1080, height: 1920 }],
    ['square', { width: 500, height: 500 }],
    ['very wide', { width: 4000, height: 400 }],
    ['tiny', { width: 64, height: 48 }],
  ])('covers a %s picture, inside it, in whole pixels', (_, picture) => {
    const scheduler = new RegionScheduler();
    const regions = Array.from({ length: 30 }, () => scheduler.next(picture, [])).flat();

    for (const region of regions) {
      expect(contains({ x: 0, y: 0, ...picture }, region)).toBe(true);
      expect(Object.values(region).every(Number.isInteger)).toBe(true);
    }
    const corner = { x: picture.width - 1, y: picture.height - 1, width: 1, height: 1 };
    expect(regions.some((region) => contains(region, corner))).toBe(true);
  });

  it('starts over when the size of the picture changes', () => {
    const scheduler = new RegionScheduler();
    scheduler.next(HD, []);

    const [whole] = scheduler.next({ width: 640, height: 480 }, []);

    expect(whole).toEqual({ x: 0, y: 0, width: 640, height: 480 });
  });
});

describe('around people', () => {
  it('fills a good part of the input with a lone face, with room to move', () => {
    const face = box(800, 500, 80);
    const [region] = new RegionScheduler().next(HD, [face]);

    expect(region).toEqual({ x: 700, y: 400, width: 280, height: 280 });
  });

  it('stays inside the picture for a face at its corner', () => {
    const [region] = new RegionScheduler().next(HD, [box(1860, 1040, 80)]);

    expect(region).toEqual({ x: 1640, y: 800, width: 280, height: 280 });
  });

  it('takes the whole picture for a face that nearly fills it', () => {
    const [region] = new RegionScheduler().next(HD, [box(500, 100, 900)]);

    expect(region).toEqual({ x: 0, y: 0, ...HD });
  });

  it('shows two who stand close in one region', () => {
    const pair = [box(600, 500, 80), box(900, 480, 100)];
    const regions = new RegionScheduler().next(HD, pair);

    const shared = regions[0] as Box;
    expect(pair.every((face) => contains(shared, face) && sideInInput(face, shared) >= 24)).toBe(true);
    expect(regions).toHaveLength(2);
  });

  it('shows two who stand far apart in one each, and keeps one for the sweep', () => {
    const pair = [box(100, 500, 80), box(1700, 480, 70)];
    const regions = new RegionScheduler().next(HD, pair);

    expect(regions).toHaveLength(3);
    expect(contains(regions[0] as Box, pair[0] as Box)).toBe(true);
    expect(contains(regions[1] as Box, pair[1] as Box)).toBe(true);
  });

  it('takes turns where there are more people than regions', () => {
    const crowd = [100, 600, 1100, 1600].map((x) => box(x, 500, 50));
    const scheduler = new RegionScheduler();

    const twice = [...scheduler.next(HD, crowd).slice(0, 2), ...scheduler.next(HD, crowd).slice(0, 2)];

    for (const face of crowd) expect(twice.some((region) => contains(region, face))).toBe(true);
  });

  it('forgets people who have left the picture', () => {
    const away = box(-300, 500, 80);
    expect(center(away).x).toBeLessThan(0);

    expect(new RegionScheduler().next(HD, [away])).toEqual(new RegionScheduler().next(HD, []));
  });

  it('refuses a budget without room for the sweep', () => {
    expect(() => new RegionScheduler({ maxRegions: 1 })).toThrow(RangeError);
  });
});

describe('isCutByRegion', () => {
  const region = { x: 420, y: 0, width: 1080, height: 1080 };
  it.each([
    ['inside', box(600, 300, 100), false],
    ['at the left border', box(425, 300, 100), true],
    ['at the right border', box(1395, 300, 100), true],
    ['at the top, which is the picture’s own', box(600, -20, 100), false],
    ['at the bottom, which is the picture’s own', box(600, 1000, 100), false],
  ])('a detection %s: %s', (_, found, expected) => {
    expect(isCutByRegion(found, region, HD, 10)).toBe(expected);
  });

  it.each([
    ['top', box(600, 95, 100), true],
    ['bottom', box(600, 910, 100), true],
  ])('a detection at an inner %s border is cut', (_, found, expected) => {
    expect(isCutByRegion(found, { x: 0, y: 100, width: 1920, height: 900 }, HD, 10)).toBe(expected);
  });
});
