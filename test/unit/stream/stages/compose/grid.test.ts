import { describe, expect, it } from 'vitest';
import type { CompositionPlan } from '#src/stream/domain/composition-plan.js';
import type { SlotAssignment, Track, TrackId } from '#src/shared/domain/track.js';
import { expectSmooth, expectSound, film, output, uncovered } from './film.js';
import { seededRandom } from '#src/shared/random.js';
import { faceBox, makeTrack, placeIn } from './two-people.js';

const places = [1, 2, 3, 4, 5].map((id) => ({ id, at: { x: 130 + 330 * id, y: 420 + 20 * id } }));
const crowd = (tS: number): readonly Track[] =>
  places.map(({ id, at }) => makeTrack({ id, box: faceBox(at, 110), seenPtsMs: tS * 1000 }));

/** Slots over time: from each entry's time on. */
const show =
  (...script: readonly (readonly [fromS: number, slots: SlotAssignment])[]) =>
  (tS: number) => ({
    slots: script.findLast(([fromS]) => fromS <= tS)![1],
    tracks: crowd(tS),
  });

const last = (plans: readonly CompositionPlan[]): CompositionPlan => plans.at(-1)!;
const tiles = (plan: CompositionPlan): readonly (readonly [TrackId | undefined, ...number[]])[] =>
  plan.regions.map(({ trackId, dest }) => [trackId, dest.x, dest.y, dest.width, dest.height]);

describe('grid', () => {
  it.each([
    {
      slots: [1, 2, 3],
      tilesAre: [
        [1, 0, 0, 640, 1080],
        [2, 640, 0, 640, 1080],
        [3, 1280, 0, 640, 1080],
      ],
    },
    {
      slots: [1, undefined, 2, 3],
      tilesAre: [
        [1, 0, 0, 640, 1080],
        [2, 640, 0, 640, 1080],
        [3, 1280, 0, 640, 1080],
      ],
    },
    {
      slots: [1, 2, 3, 4],
      tilesAre: [
        [1, 0, 0, 960, 540],
        [2, 0, 540, 960, 540],
        [3, 960, 0, 960, 540],
        [4, 960, 540, 960, 540],
      ],
    },
  ])('shows $slots from left to right', ({ slots, tilesAre }) => {
    const plan = last(film(show([0, slots]), 0));

    expect(plan.layout).toBe('grid');
    expect(tiles(plan)).toEqual(tilesAre);
    expectSound([plan]);
    for (const region of plan.regions) {
      const face = placeIn(region, places.find(({ id }) => id === region.trackId)!.at);
      expect(face.x).toBeGreaterThan(0.3);
      expect(face.x).toBeLessThan(0.7);
      expect(face.y).toBeGreaterThan(0.15);
      expect(face.y).toBeLessThan(0.6);
    }
  });

  it.each([
    { name: 'nobody else, so the other tile is empty', slots: [undefined, 3, undefined, undefined], layout: 'single' },
    { name: 'two of four', slots: [1, undefined, undefined, 4], layout: 'dual' },
    { name: 'nobody', slots: [undefined, undefined, undefined, undefined], layout: 'scene' },
  ])('is a $layout with $name', ({ slots, layout }) => {
    expect(last(film(show([0, slots]), 0)).layout).toBe(layout);
  });

  const changes: readonly { name: string; from: SlotAssignment; to: SlotAssignment; black?: number }[] = [
    { name: 'a third comes on the right', from: [1, 2], to: [1, 2, 3] },
    { name: 'a third comes on the left', from: [2, 3], to: [1, 2, 3] },
    { name: 'a third comes between', from: [1, 3], to: [1, 2, 3] },
    { name: 'the left one of three leaves', from: [1, 2, 3], to: [2, 3] },
    { name: 'the middle one of three leaves', from: [1, 2, 3], to: [1, 3] },
    { name: 'the right one of three leaves', from: [1, 2, 3], to: [1, 2] },
    { name: 'two of three leave', from: [1, 2, 3], to: [2] },
    { name: 'two come at once', from: [2], to: [1, 2, 3] },
    { name: 'a fourth comes on the right', from: [1, 2, 3], to: [1, 2, 3, 4], black: 0.11 },
    { name: 'a fourth comes between', from: [1, 2, 4], to: [1, 2, 3, 4], black: 0.11 },
    { name: 'a fourth comes on the left', from: [2, 3, 4], to: [1, 2, 3, 4], black: 0.11 },
    { name: 'one of four leaves', from: [1, 2, 3, 4], to: [1, 3, 4], black: 0.11 },
    { name: 'two of four leave', from: [1, 2, 3, 4], to: [1, 3] },
    { name: 'all of four leave', from: [1, 2, 3, 4], to: [], black: 0.14 },
    { name: 'four come', from: [], to: [1, 2, 3, 4], black: 0.14 },
    { name: 'two of four change tiles', from: [1, 2, 3, 4], to: [1, 3, 2, 4] },
    { name: 'one of three is another', from: [1, 2, 3], to: [1, 2, 5] },
    { name: 'one goes while another comes', from: [1, 2, 3], to: [2, 5] },
  ];

  it.each(changes)('changes without a jump: $name', ({ from, to, black = 0.05 }) => {
    const plans = film(show([0, from], [1, to]), 5);

    const rest = last(film(show([0, to]), 0));
    expectSound(plans);
    expectSmooth(plans);
    expect(Math.max(...plans.map((plan) => uncovered(plan)))).toBeLessThanOrEqual(black);
    expect(last(plans).layout).toBe(rest.layout);
    expect(tiles(last(plans))).toEqual(tiles(rest));
  });

  it.each([2, 3, 4])('stays valid and smooth for any change of up to %i slots', (most) => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const random = seededRandom(seed);
      const script = Array.from({ length: 30 }, (_, index) => {
        const shuffled = [1, 2, 3, 4, 5].map((id) => ({ id, place: random() })).sort((a, b) => a.place - b.place);
        const ids = shuffled.slice(0, Math.floor(random() * (most + 1))).map(({ id }) => id);
        return [index * 0.4, ids] as const;
      });

      const plans = film(show(...script), 12);

      expectSound(plans);
      // A tile that is sent the other way on its way may be twice as fast, and slide out so.
      expectSmooth(plans, output, { dest: 240, cut: 260 });
      for (const { regions } of plans) expect(regions.length).toBeLessThanOrEqual(3 * (most + 2));
    }
  });

  it('keeps shots in position when the tracker had swapped two people', () => {
    const corrected = (tS: number): readonly Track[] =>
      crowd(tS).map((track) => (track.id === 1 ? { ...track, id: 3 } : track.id === 3 ? { ...track, id: 1 } : track));
    const plans = film(
      (tS) => (tS < 1 ? { slots: [1, 2, 3], tracks: crowd(tS) } : { slots: [3, 2, 1], tracks: corrected(tS) }),
      3,
    );

    const places = plans.map(({ regions }) => regions.map(({ crop, dest }) => ({ crop, dest })));
    for (const place of places) expect(place).toEqual(places[0]);
    expect(last(plans).regions.map(({ trackId }) => trackId)).toEqual([3, 2, 1]);
  });

  it('dissolves to the people themselves when they were taken for each other and keep their tiles', () => {
    const corrected = (tS: number): readonly Track[] =>
      crowd(tS).map((track) => (track.id === 1 ? { ...track, id: 2 } : track.id === 2 ? { ...track, id: 1 } : track));
    const plans = film((tS) => ({ slots: [1, 2], tracks: tS < 1 ? crowd(tS) : corrected(tS) }), 3);

    expect(plans[30]!.regions.find(({ alpha }) => alpha === 1)!.crop).toEqual(plans[29]!.regions[0]!.crop);
    const upper = plans
      .slice(30)
      .map(({ regions }) => regions.find(({ dest, alpha }) => dest.x === 0 && alpha < 1)?.alpha ?? 1);
    expect(upper.filter((alpha) => alpha < 1).length).toBeGreaterThan(5);
    const [tile] = last(plans).regions;
    expect(tile!.trackId).toBe(1);
    expect(placeIn(tile!, places[1]!.at).x).toBeCloseTo(0.5, 1);
  });

  it('refuses five', () => {
    expect(() => film(show([0, [1, 2, 3, 4, 5]]), 0)).toThrow(RangeError);
  });
});
