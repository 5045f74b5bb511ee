import { describe, expect, it } from 'vitest';
import { center, type Box } from '#src/shared/domain/box.js';
import {
  isCutByRegion,
  RegionScheduler,
  type ExpectedPerson,
  type SweptPicture,
} from '#src/stream/stages/detect/region-scheduler.js';

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

    expect(whole).toMatchObject({ x: 0, y: 0, width: 640, height: 480 });
  });
});

describe('around people', () => {
  it('fills a good part of the input with a lone face, with room to move', () => {
    const face = box(800, 500, 80);
    const [region] = new RegionScheduler().next(HD, [face]);

    expect(region).toMatchObject({ x: 700, y: 400, width: 280, height: 280 });
  });

  it('stays inside the picture for a face at its corner', () => {
    const [region] = new RegionScheduler().next(HD, [box(1860, 1040, 80)]);

    expect(region).toMatchObject({ x: 1640, y: 800, width: 280, height: 280 });
  });

  it('takes the whole picture for a face that nearly fills it', () => {
    const [region] = new RegionScheduler().next(HD, [box(500, 100, 900)]);

    expect(region).toMatchObject({ x: 0, y: 0, ...HD });
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

describe('the size of the input', () => {
  const scheduler = () => new RegionScheduler({ knownBoxSide: 40 });
  const sure = (x: number, side: number) => ({ ...box(x, 400, side), isSure: true });

  it.each<[string, readonly ExpectedPerson[], number]>([
    ['is as small as a face without doubt allows', [sure(800, 200)], 90],
    ['shows two faces large enough that share a region', [sure(700, 300), sure(800, 240)], 112.5],
    ['is full for somebody in doubt', [box(800, 400, 200)], 256],
    ['is full where one of two is in doubt', [sure(700, 200), box(1000, 400, 200)], 256],
    ['is full for a face that is small in the picture', [sure(800, 60)], 256],
  ])('%s', (_, people, side) => {
    const [around, ...sweep] = scheduler().next(HD, people);

    expect(around!.inputSide).toBeCloseTo(side, 0);
    expect(sweep.map(({ inputSide }) => inputSide)).toEqual([256]);
  });

  it('shows two in one region each where that costs less', () => {
    const apart = [sure(300, 200), sure(1500, 200)];

    const [first, second] = scheduler().next(HD, apart);

    expect([first!.inputSide, second!.inputSide]).toEqual([90, 90]);
    expect(contains(first!, apart[0]!) && contains(second!, apart[1]!)).toBe(true);
    expect(new RegionScheduler().next(HD, apart)).toHaveLength(2);
  });

  it('is full for models of one size', () => {
    expect(new RegionScheduler().next(HD, [sure(800, 200)])[0]!.inputSide).toBe(256);
  });
});

describe('the sweep over a picture that is known, small', () => {
  /** The picture in grey, with brighter squares of 60 pixels. */
  const small = (ptsMs: number, ...bright: readonly { readonly x: number; readonly y: number }[]): SweptPicture => {
    const [step, columns, rows] = [12, 160, 90];
    const luma = new Uint8Array(columns * rows).fill(100);
    for (const { x, y } of bright) {
      for (let row = 0; row < 5; row++) {
        const from = (Math.floor(y / step) + row) * columns + Math.floor(x / step);
        luma.fill(200, from, from + 5);
      }
    }
    return { sketch: { luma, columns }, step, ptsMs };
  };
  const person = box(300, 400, 150);

  /** A scheduler that has searched everything once. */
  function swept(people: readonly Box[] = []) {
    const scheduler = new RegionScheduler();
    for (let i = 0; i < 300; i++) scheduler.next(HD, people, small(i * 67));
    return scheduler;
  }

  it('goes on slowly where nothing changes', () => {
    const scheduler = swept();

    const regions = Array.from({ length: 60 }, (_, i) => scheduler.next(HD, [], small(20_100 + i * 67))).flat();

    expect(regions.length).toBeGreaterThanOrEqual(9);
    expect(regions.length).toBeLessThanOrEqual(11);
    expect(new Set(regions.map((region) => JSON.stringify(region))).size).toBeGreaterThan(3);
  });

  it('searches at once where something changes', () => {
    const scheduler = swept([person]);

    const [around, ...sweep] = scheduler.next(HD, [person], small(20_100, { x: 1400, y: 300 }));

    expect(contains(around!, person)).toBe(true);
    expect(sweep).toHaveLength(1);
    expect(contains(sweep[0]!, box(1400, 300, 60))).toBe(true);
  });

  it('searches there again some times, because a face may be missed at first', () => {
    const scheduler = swept([person]);
    const newcomer = { x: 1400, y: 300 };

    const times = Array.from({ length: 60 }, (_, i) => scheduler.next(HD, [person], small(20_100 + i, newcomer)));

    const coarse = times.map(([, ...sweep]) => sweep.filter(({ width }) => width >= HD.height));
    expect(coarse.flat().length).toBeGreaterThanOrEqual(8);
    expect(coarse.flat().every((region) => contains(region, box(1400, 300, 60)))).toBe(true);
    expect(coarse.slice(30).flat()).toEqual([]);
  });

  it('does not take the movement of somebody who is known for a newcomer', () => {
    const scheduler = swept([person]);
    const regions = Array.from({ length: 5 }, (_, i) =>
      scheduler.next(HD, [person], small(20_100 + i, { x: 250 + i * 20, y: 800 })),
    );

    expect(regions.every((each) => each.length === 1)).toBe(true);
  });

  describe('where somebody who is known goes away', () => {
    const standing = { x: 320, y: 800 };
    const elsewhere = box(1300, 400, 150);
    const walked = { x: 1320, y: 800 };

    /** How often the sweep has searched, some time after they were before it, the place where they stood. */
    function searches(scheduler: RegionScheduler, ...bright: readonly { readonly x: number; readonly y: number }[]) {
      for (let i = 0; i < 100; i++) scheduler.next(HD, [person], small(20_100 + i * 67, standing));
      const times = Array.from({ length: 20 }, (_, i) =>
        scheduler.next(HD, [elsewhere], small(27_000 + i, walked, ...bright)),
      );
      return times.filter((regions) => regions.length > 1).length;
    }

    it('does not search what is as it was before they came', () => {
      expect(searches(swept())).toBeLessThanOrEqual(1);
    });

    it('searches for who was behind them', () => {
      expect(searches(swept(), { x: 320, y: 500 })).toBeGreaterThanOrEqual(8);
    });

    it('searches what it has never seen', () => {
      const scheduler = new RegionScheduler();
      for (let i = 0; i < 300; i++) scheduler.next(HD, [person], small(i * 67, standing));

      expect(searches(scheduler)).toBeGreaterThanOrEqual(8);
    });
  });

  it('begins anew with a picture of another size', () => {
    const scheduler = swept();

    expect(scheduler.next({ width: 1280, height: 720 }, [], { ...small(20_100), step: 8 })).toHaveLength(3);
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
