import { describe, expect, it } from 'vitest';
import { headOf, type Head } from '#src/stream/domain/head.js';
import { LayoutPlanner } from '#src/stream/stages/compose/layout-planner.js';
import type { CompositionPlan } from '#src/stream/domain/composition-plan.js';
import { output } from './film.js';
import { faceBox, makeTrack, source } from './two-people.js';

interface Person {
  readonly x: number;
  readonly eyesY: number;
  /** Crown to chin, pixels. */
  readonly head: number;
}

interface Place {
  /** Height of the head, share of the tile's. */
  readonly head: number;
  /** Eyes below the upper edge, share of the tile's height. */
  readonly eyes: number;
  /** Space above the hair, share of the tile's height. */
  readonly headroom: number;
}

/** A face whose head has this place and size. */
const trackOf = (id: number, { x, eyesY, head }: Person, seenPtsMs: number) =>
  makeTrack({ id, box: faceBox({ x, y: eyesY + head / 2 - 0.4 * head }, 0.8 * head), seenPtsMs });

/** Shows two people for `durationS`, and says how they lie in their tiles at the end. */
function placesOf(at: (tS: number) => readonly Person[], durationS = 6): readonly Place[] {
  const planner = new LayoutPlanner({ output });
  let plan: CompositionPlan | undefined;
  let heads: readonly Head[] = [];
  for (let index = 0; index <= durationS * 30; index += 1) {
    const ptsMs = (index * 1000) / 30;
    const tracks = at(index / 30).map((person, who) => trackOf(who + 1, person, ptsMs));
    heads = tracks.map(headOf);
    plan = planner.plan({ ptsMs, source, tracks, slots: [1, 2], condition: 'live', slate: output });
  }
  return heads.map(({ eyesY, height }, who) => {
    const { crop } = plan!.regions.find(({ trackId }) => trackId === who + 1)!;
    const place = { head: height / crop.height, eyes: (eyesY - crop.y) / crop.height };
    return { ...place, headroom: place.eyes - place.head / 2 };
  });
}

const still = (left: Partial<Person>, right: Partial<Person>) => (): readonly Person[] => [
  { x: 500, eyesY: 450, head: 200, ...left },
  { x: 1400, eyesY: 450, head: 200, ...right },
];

describe('the heads of two tiles', () => {
  it.each<{ name: string; at: (tS: number) => readonly Person[]; ratio: number; eyeLine: number }>([
    { name: 'of one size', at: still({}, {}), ratio: 1.01, eyeLine: 0.005 },
    { name: 'near and farther away', at: still({ head: 350 }, { head: 180 }), ratio: 1.01, eyeLine: 0.005 },
    {
      name: 'so far away that the zoom is limited',
      at: still({ head: 111 }, { head: 300 }),
      ratio: 1.01,
      eyeLine: 0.01,
    },
    {
      name: 'so near that the picture is too small',
      at: still({ head: 475, eyesY: 420 }, {}),
      ratio: 1.01,
      eyeLine: 0.01,
    },
    { name: 'both', at: still({ head: 475, eyesY: 420 }, { head: 111 }), ratio: 1.43, eyeLine: 0.01 },
    { name: 'one at the upper edge', at: still({ eyesY: 110 }, {}), ratio: 1.01, eyeLine: 0.035 },
    { name: 'one at the lower edge', at: still({ eyesY: 800 }, {}), ratio: 1.01, eyeLine: 0.08 },
    {
      name: 'one who comes a little nearer',
      at: (tS) => still({ head: tS < 1 ? 200 : 226, eyesY: 450 }, {})(),
      ratio: 1.04,
      eyeLine: 0.01,
    },
    {
      name: 'one who sits up a little',
      at: (tS) => still({ eyesY: tS < 1 ? 450 : 424 }, {})(),
      ratio: 1.02,
      eyeLine: 0.02,
    },
  ])('are of equal size and at equal height: $name', ({ name, at, ratio, eyeLine }) => {
    const [a, b] = placesOf(at, 12) as [Place, Place];

    const sizes = Math.max(a.head, b.head) / Math.min(a.head, b.head);
    const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
    console.log(
      `${name}: heads ${percent(a.head)} and ${percent(b.head)}, ratio ${sizes.toFixed(2)}; eyes at ${percent(a.eyes)} and ` +
        `${percent(b.eyes)}; headroom ${percent(a.headroom)} and ${percent(b.headroom)}`,
    );
    expect(sizes).toBeLessThanOrEqual(ratio);
    expect(Math.abs(a.eyes - b.eyes)).toBeLessThanOrEqual(eyeLine);
  });

  it('change their size without a jump, while one of them walks up to the camera', () => {
    const planner = new LayoutPlanner({ output });
    const heights = Array.from({ length: 240 }, (_, index) => {
      const tS = index / 30;
      const head = 100 + 400 * Math.min(1, Math.max(0, (tS - 1) / 5));
      const ptsMs = tS * 1000;
      const tracks = still({ head, eyesY: 420 }, {})().map((person, who) => trackOf(who + 1, person, ptsMs));
      const { regions } = planner.plan({ ptsMs, source, tracks, slots: [1, 2], condition: 'live', slate: output });
      return regions.map(({ crop }) => crop.height);
    });

    const steps = heights.slice(1).flatMap((now, index) => now.map((height, who) => height / heights[index]![who]!));
    expect(Math.max(...steps)).toBeLessThan(1.03);
    expect(Math.min(...steps)).toBeGreaterThan(0.97);
  });
});
