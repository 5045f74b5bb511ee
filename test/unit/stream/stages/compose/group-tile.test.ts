import { describe, expect, it } from 'vitest';
import type { Gaze } from '#src/shared/domain/detection.js';
import { headOf } from '#src/stream/domain/head.js';
import type { Shot } from '#src/stream/domain/shot.js';
import { LayoutPlanner } from '#src/stream/stages/compose/layout-planner.js';
import { ShotGrammar } from '#src/stream/stages/shot/shot-grammar.js';
import { output } from './film.js';
import { faceBox, makeTrack, source } from './two-people.js';

interface Person {
  readonly x: number;
  /** Width of the face, pixels. @defaultValue 160 */
  readonly face?: number;
  /** Lower by so many pixels. @defaultValue 0 */
  readonly lower?: number;
  readonly gaze?: Gaze;
}

interface Shown {
  readonly shot: Shot;
  /** Height of each head, fraction of the picture's. */
  readonly sizes: readonly number[];
  /** Height of each pair of eyes, fraction of the picture's. */
  readonly eyes: readonly number[];
  /** Crops from left to right. */
  readonly crops: readonly { readonly x: number; readonly width: number }[];
}

/** Three people who stay where they are, after 6 s. */
function show(people: readonly Person[]): Shown {
  const grammar = new ShotGrammar({ output });
  const planner = new LayoutPlanner({ output });
  let shown: Shown | undefined;
  for (let index = 0; index <= 6 * 30; index += 1) {
    const ptsMs = (index * 1000) / 30;
    const tracks = people.map(({ x, face = 160, lower = 0, gaze = 'front' }, who) =>
      makeTrack({ id: who + 1, box: faceBox({ x, y: 500 + lower }, face), seenPtsMs: ptsMs, gaze }),
    );
    const slots = tracks.map(({ id }) => id);
    const shot = grammar.update({ ptsMs, ...source, tracks, slots });
    const { regions } = planner.plan({ ptsMs, source, tracks, slots, shot, condition: 'live', slate: output });
    const places = tracks.map((track) => {
      const { x, eyesY, height } = headOf(track);
      const { crop, dest } = regions.find((one) => x > one.crop.x && x < one.crop.x + one.crop.width)!;
      const scale = dest.height / crop.height / output.height;
      return { size: height * scale, eyes: (eyesY - crop.y) * scale };
    });
    shown = {
      shot,
      sizes: places.map(({ size }) => size),
      eyes: places.map(({ eyes }) => eyes),
      crops: regions.map(({ crop }) => crop).sort((a, b) => a.x - b.x),
    };
  }
  return shown!;
}

const GROUP = [{ x: 400 }, { x: 560 }];

describe('two who share a frame beside a third', () => {
  it.each<[string, readonly Person[]]>([
    ['of one size', [...GROUP, { x: 1500 }]],
    ['who is far away', [...GROUP, { x: 1500, face: 80 }]],
    ['who is near', [...GROUP, { x: 1500, face: 230 }]],
    ['who is lower', [...GROUP, { x: 1500, lower: 240 }]],
    ['when they are low', [{ x: 400, lower: 260 }, { x: 560, lower: 260 }, { x: 1500 }]],
  ])('have heads as large, and eyes as high, as a third %s', (_, people) => {
    const { shot, sizes, eyes } = show(people);

    expect(shot.groups).toEqual([[1, 2], [3]]);
    for (const size of sizes) expect(size / sizes[0]!).toBeCloseTo(1, 1);
    for (const height of eyes) expect(Math.abs(height - eyes[0]!)).toBeLessThan(0.03);
  });

  it('have room on the side to which both look, half of the space to the third at most', () => {
    const still = show([...GROUP, { x: 1500 }]);
    const looking = show([...GROUP.map((one) => ({ ...one, gaze: 'right' as const })), { x: 1500 }]);
    const near = show([...GROUP.map((one) => ({ ...one, gaze: 'right' as const })), { x: 960 }]);
    const [left, third] = near.crops;

    expect(looking.crops[0]!.x - still.crops[0]!.x).toBeCloseTo(0.035 * still.crops[0]!.width, -1);
    expect(near.shot.groups).toEqual([[1, 2], [3]]);
    expect(third!.x - left!.x - left!.width).toBeGreaterThan(0);
  });
});

it('a tile goes from a frame to somebody who is not in it without a way past nobody', () => {
  const planner = new LayoutPlanner({ output });
  const common = { reason: 'close', isUrgent: false } as const;
  const away: number[] = [];
  for (let index = 0; index <= 4 * 30; index += 1) {
    const ptsMs = (index * 1000) / 30;
    const isSplit = index >= 60;
    const tracks = [400, 560, 1500].map((x, who) =>
      makeTrack({ id: who + 1, box: faceBox({ x, y: 500 }, 160), seenPtsMs: ptsMs }),
    );
    const shot = isSplit
      ? ({ kind: 'split', ...common, groups: [[1], [3]] } as const)
      : ({ kind: 'together', ...common, groups: [[1, 2]] } as const);
    const slots = isSplit ? [1, 3] : [1, 2];
    const { regions } = planner.plan({ ptsMs, source, tracks, slots, shot, condition: 'live', slate: output });
    const theirs = regions.find(({ trackId }) => trackId === 3);
    if (isSplit && !(theirs!.crop.x < 1500 && theirs!.crop.x + theirs!.crop.width > 1500)) away.push(index);
  }

  expect(away).toEqual([]);
});
