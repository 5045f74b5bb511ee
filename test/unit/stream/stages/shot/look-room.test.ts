import { describe, expect, it } from 'vitest';
import type { Gaze } from '#src/shared/domain/detection.js';
import { headOf } from '#src/stream/domain/head.js';
import type { Shot } from '#src/stream/domain/shot.js';
import { LayoutPlanner } from '#src/stream/stages/compose/layout-planner.js';
import { ShotGrammar } from '#src/stream/stages/shot/shot-grammar.js';
import { faceBox, makeTrack, placeIn, source } from '../compose/two-people.js';
import { FACE, stay, walk, type Path } from './played-shots.js';

const output = { width: 1920, height: 1080 };

interface Person {
  readonly at: Path;
  readonly gaze?: (tS: number) => Gaze;
}

interface Moment {
  readonly shot: Shot;
  /** Middle of each head in its tile, fraction of the width. */
  readonly places: readonly number[];
  /** Of the crops of the first two tiles, pixels; negative where they overlap. */
  readonly gap: number;
}

/** People who are seen all the time; the moment after `durationS`, at 30 frames a second. */
function momentAfter(people: readonly Person[], durationS: number): Moment {
  const grammar = new ShotGrammar({ output });
  const planner = new LayoutPlanner({ output });
  let last: Moment | undefined;
  for (let index = 0; index <= durationS * 30; index += 1) {
    const tS = index / 30;
    const ptsMs = tS * 1000;
    const tracks = people.map(({ at, gaze }, who) => {
      const box = faceBox({ x: at(tS)!, y: 500 }, FACE);
      return makeTrack({ id: who + 1, box, seenPtsMs: ptsMs, ...(gaze && { gaze: gaze(tS) }) });
    });
    const slots = tracks.map(({ id }) => id);
    const shot = grammar.update({ ptsMs, ...source, tracks, slots });
    const { regions } = planner.plan({ ptsMs, source, tracks, slots, shot, condition: 'live', slate: output });
    const [left, right] = regions.map(({ crop }) => crop);
    last = {
      shot,
      places: tracks.map((track) => {
        const { x, eyesY } = headOf(track);
        return placeIn(regions.find(({ trackId }) => trackId === track.id) ?? regions[0]!, { x, y: eyesY }).x;
      }),
      gap: left && right ? right.x - left.x - left.width : Infinity,
    };
  }
  return last!;
}

describe('room in front of people who share the picture', () => {
  it.each<[string, Gaze, Gaze, number]>([
    ['who look to the right', 'right', 'right', 0.465],
    ['who look to the left', 'left', 'left', 0.535],
    ['one of whom looks to the left', 'left', 'front', 0.5175],
    ['who look at each other', 'right', 'left', 0.5],
    ['who look at the camera', 'front', 'front', 0.5],
  ])('%s', (_, first, second, middle) => {
    const { shot, places } = momentAfter(
      [
        { at: stay(880), gaze: () => first },
        { at: stay(1080), gaze: () => second },
      ],
      6,
    );

    expect(shot.kind).toBe('together');
    expect((places[0]! + places[1]!) / 2).toBeCloseTo(middle, 2);
    for (const place of places) expect(Math.abs(place - 0.5)).toBeLessThan(0.42);
  });
});

describe('room in front of people', () => {
  it.each<{ name: string; people: readonly Person[]; afterS: number; places: readonly number[] }>([
    { name: 'who look at the camera', people: [{ at: stay(900), gaze: () => 'front' }], afterS: 5, places: [0.5] },
    { name: 'whose gaze is not known', people: [{ at: stay(900) }], afterS: 5, places: [0.5] },
    { name: 'who look to the right', people: [{ at: stay(900), gaze: () => 'right' }], afterS: 5, places: [0.43] },
    { name: 'who look to the left', people: [{ at: stay(900), gaze: () => 'left' }], afterS: 5, places: [0.57] },
    { name: 'who turn their back', people: [{ at: stay(900), gaze: () => 'away' }], afterS: 5, places: [0.5] },
    {
      name: 'who glance to the side',
      people: [{ at: stay(900), gaze: (tS) => (tS > 4.4 ? 'right' : 'front') }],
      afterS: 5,
      places: [0.5],
    },
    {
      name: 'who look at each other',
      people: [
        { at: stay(400), gaze: () => 'right' },
        { at: stay(1500), gaze: () => 'left' },
      ],
      afterS: 5,
      places: [0.43, 0.57],
    },
    {
      name: 'who look at each other, their tiles side by side',
      people: [
        { at: stay(700), gaze: () => 'right' },
        { at: stay(1200), gaze: () => 'left' },
      ],
      afterS: 5,
      // 16 px each of 468.
      places: [0.466, 0.534],
    },
    {
      name: 'who stand again after a walk',
      people: [{ at: walk(400, 1000, 1, 3) }],
      afterS: 7,
      places: [0.5],
    },
  ])('$name', ({ people, afterS, places }) => {
    const moment = momentAfter(people, afterS);

    expect(moment.places).toHaveLength(places.length);
    moment.places.forEach((place, index) => expect(Math.abs(place - places[index]!)).toBeLessThan(0.012));
    expect(moment.gap).toBeGreaterThan(-2);
  });

  it.each([
    { name: 'to the right', from: 500, to: 1400, sign: -1 },
    { name: 'to the left', from: 1400, to: 500, sign: 1 },
  ])('leads who walks $name', ({ from, to, sign }) => {
    const { places, shot } = momentAfter([{ at: walk(from, to, 1, 6) }], 5);

    expect(shot.looks?.get(1)).toBeCloseTo(-0.1 * sign, 2);
    expect((places[0]! - 0.5) * sign).toBeGreaterThan(0.07);
  });

  it('never makes two people share a frame', () => {
    for (let distance = 460; distance < 620; distance += 10) {
      const kindOf = (gazes: readonly [Gaze, Gaze]): string =>
        momentAfter(
          gazes.map((gaze, who) => ({ at: stay(960 + (who - 0.5) * distance), gaze: () => gaze })),
          4,
        ).shot.kind;

      expect(kindOf(['right', 'left'])).toBe(kindOf(['front', 'front']));
    }
  });
});
