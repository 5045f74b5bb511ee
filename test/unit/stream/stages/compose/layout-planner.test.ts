import { describe, expect, it } from 'vitest';
import type { CompositionPlan, Region } from '#src/stream/domain/composition-plan.js';
import type { SlotAssignment } from '#src/shared/domain/track.js';
import { LayoutPlanner } from '#src/stream/stages/compose/layout-planner.js';
import { expectSmooth, expectSound, film, left, output, people, right, type Moment } from './film.js';
import { faceBox, makeTrack, placeIn, source } from './two-people.js';

const whole = { x: 0, y: 0, width: 1920, height: 1080 };
const leftTile = { x: 0, y: 0, width: 960, height: 1080 };
const rightTile = { x: 960, y: 0, width: 960, height: 1080 };

const last = (plans: readonly CompositionPlan[]): CompositionPlan => plans.at(-1)!;
const shows = (region: Region | undefined, point: { x: number; y: number }): boolean => {
  if (!region) return false;
  const { x, y } = placeIn(region, point);
  return x > 1 / 3 && x < 2 / 3 && y > 0.15 && y < 0.6;
};

describe('layout planner, at rest', () => {
  it.each([
    { slots: [1, 2], layout: 'dual', dests: [leftTile, rightTile], trackIds: [1, 2] },
    { slots: [2, 1], layout: 'dual', dests: [leftTile, rightTile], trackIds: [2, 1] },
    { slots: [1, undefined], layout: 'single', dests: [whole], trackIds: [1] },
    { slots: [undefined, 2], layout: 'single', dests: [whole], trackIds: [2] },
    { slots: [undefined, undefined], layout: 'scene', dests: [whole], trackIds: [undefined] },
    { slots: [], layout: 'scene', dests: [whole], trackIds: [undefined] },
  ])('shows $layout for slots $slots from the first frame', ({ slots, layout, dests, trackIds }) => {
    const plans = film(() => ({ slots }), 0);

    const { regions } = last(plans);
    expectSound(plans);
    expect(last(plans).layout).toBe(layout);
    expect(regions.map(({ dest }) => dest)).toEqual(dests);
    expect(regions.map(({ trackId }) => trackId)).toEqual(trackIds);
    expect(regions.every(({ alpha }) => alpha === 1)).toBe(true);
    for (const region of regions) {
      if (region.trackId !== undefined) expect(shows(region, region.trackId === 1 ? left : right)).toBe(true);
    }
  });

  it('shows the slate before there is a source', () => {
    const plans = film(() => ({ slots: [], source: undefined, condition: 'lost' }), 0);

    expect(last(plans)).toMatchObject({
      layout: 'slate',
      regions: [{ content: 'slate', crop: whole, dest: whole, alpha: 1 }],
    });
  });

  it.each([
    { name: '4:3', picture: { width: 640, height: 480 }, dest: { x: 240, y: 0, width: 1440, height: 1080 } },
    { name: '16:10, cut', picture: { width: 1280, height: 800 }, dest: whole },
    { name: 'upright', picture: { width: 1080, height: 1920 }, dest: { x: 656, y: 0, width: 608, height: 1080 } },
    { name: '2.4:1', picture: { width: 1920, height: 800 }, dest: { x: 0, y: 140, width: 1920, height: 800 } },
  ])('never stretches the scene: $name', ({ picture, dest }) => {
    const plans = film(() => ({ slots: [], source: picture }), 0);

    expectSound(plans, picture);
    expect(last(plans).regions.map((region) => region.dest)).toEqual([dest]);
  });

  it.each([
    { width: 1280, height: 720 },
    { width: 1282, height: 722 },
    { width: 720, height: 1280 },
    { width: 640, height: 640 },
  ])('fills an output of $width × $height', (frame) => {
    const plans = film((tS) => ({ slots: tS < 1 ? [1, 2] : [1, undefined] }), 2, { output: frame });

    expectSound(plans, source, frame);
    const widths = plans[0]!.regions.map(({ dest }) => dest.width);
    expect(widths[0]! + widths[1]!).toBe(frame.width);
    expect(last(plans).regions.map(({ dest }) => dest)).toEqual([{ x: 0, y: 0, ...frame }]);
  });
});

describe('layout planner, on the way', () => {
  const changes: readonly { name: string; from: SlotAssignment; to: SlotAssignment; backS?: number }[] = [
    { name: 'the right person leaves', from: [1, 2], to: [1, undefined] },
    { name: 'the left person leaves', from: [1, 2], to: [undefined, 2] },
    { name: 'both leave', from: [1, 2], to: [undefined, undefined] },
    { name: 'the only person leaves', from: [1, undefined], to: [undefined, undefined] },
    { name: 'a second person comes on the right', from: [1, undefined], to: [1, 2] },
    { name: 'a second person comes on the left of the first', from: [2, undefined], to: [1, 2] },
    { name: 'one comes', from: [], to: [1, undefined] },
    { name: 'one comes on the right', from: [], to: [undefined, 2] },
    { name: 'two come', from: [], to: [1, 2] },
    { name: 'they change sides', from: [1, 2], to: [2, 1] },
    { name: 'the left one goes and comes back at once', from: [1, 2], to: [undefined, 2], backS: 0.2 },
    { name: 'they change sides and back at once', from: [1, 2], to: [2, 1], backS: 0.1 },
    { name: 'both go and come back at once', from: [1, 2], to: [], backS: 0.4 },
    { name: 'one comes and goes at once', from: [], to: [1, undefined], backS: 0.5 },
    { name: 'one is replaced by the other', from: [1, undefined], to: [undefined, 2] },
    { name: 'one is replaced by the other, half way', from: [1, undefined], to: [undefined, 2], backS: 0.3 },
  ];

  it.each(changes)('changes without a jump: $name', ({ from, to, backS }) => {
    const isBack = (tS: number): boolean => backS !== undefined && tS >= 1 + backS;
    const plans = film((tS) => ({ slots: tS < 1 || isBack(tS) ? from : to }), 5);

    const end = backS === undefined ? to : from;
    const rest = film(() => ({ slots: end }), 0);
    expectSound(plans);
    expectSmooth(plans);
    expect(last(plans).layout).toBe(last(rest).layout);
    expect(last(plans).regions.map(({ dest, trackId }) => ({ dest, trackId }))).toEqual(
      last(rest).regions.map(({ dest, trackId }) => ({ dest, trackId })),
    );
  });

  it('stays smooth for any change of slots', () => {
    const states: readonly SlotAssignment[] = [[1, 2], [2, 1], [1, undefined], [undefined, 1], [2, undefined], []];
    for (let seed = 1; seed <= 20; seed += 1) {
      const plans = film((tS) => ({ slots: states[Math.floor(tS * 2.9 + seed * 7 * (1 + Math.floor(tS))) % 6]! }), 12);

      expectSound(plans);
      // Turned round from one edge to the other: 1920 px in 0.6 s; a tile may slide out of the picture
      // at that speed.
      expectSmooth(plans, output, { dest: 230, cut: 230 });
      for (const { regions } of plans) expect(regions.length).toBeLessThanOrEqual(6);
    }
  });

  it('takes the configured time, and more for the scene', () => {
    const settledAfter = (to: SlotAssignment): number => {
      const plans = film((tS) => ({ slots: tS < 1 ? [1, 2] : to }), 6, { transitionS: 1 });
      const end = JSON.stringify(last(plans).regions);
      return plans.findIndex(({ regions }) => JSON.stringify(regions) === end) / 30 - 1;
    };

    expect(settledAfter([1, undefined])).toBeCloseTo(1, 1);
    expect(settledAfter([])).toBeCloseTo(3, 1);
  });

  it('cuts when transitions take no time', () => {
    const plans = film((tS) => ({ slots: tS < 1 ? [1, 2] : [undefined, 2] }), 1, { transitionS: 0 });

    expect(last(plans).regions.map(({ dest, trackId }) => ({ dest, trackId }))).toEqual([{ dest: whole, trackId: 2 }]);
  });

  it('goes on with the shot of a person found again under a new id', () => {
    const plans = film((tS) => {
      const [one, two] = people(tS);
      const again = makeTrack({ id: 7, box: faceBox({ x: 520, y: 460 }, 122), seenPtsMs: tS * 1000 });
      return tS < 1 ? { slots: [1, 2] } : { slots: [7, 2], tracks: [again, { ...one!, state: 'lost' }, two!] };
    }, 2);

    const after = plans.slice(30);
    const steps = after.map(({ regions }, index) => regions[0]!.crop.x - plans[29 + index]!.regions[0]!.crop.x);
    expect(Math.max(...steps.map(Math.abs))).toBeLessThan(3);
    expect(after.every(({ regions }) => regions.length === 2 && regions[0]!.trackId === 7)).toBe(true);
  });

  it('dissolves to another person who stands elsewhere under a new id', () => {
    const plans = film((tS) => {
      const third = makeTrack({ id: 7, box: faceBox({ x: 900, y: 460 }, 122), seenPtsMs: tS * 1000 });
      return { slots: tS < 1 ? [1, 2] : [7, 2], tracks: [...people(tS), third] };
    }, 3);

    expectSmooth(plans);
    expect(plans.some(({ regions }) => regions.length === 3)).toBe(true);
    expect(shows(last(plans).regions[0], { x: 900, y: 460 })).toBe(true);
  });

  it('shows the scene for a slot whose person was never seen', () => {
    const plans = film(() => ({ slots: [99, undefined], tracks: [] }), 0);

    expectSound(plans);
    expect(last(plans).regions).toMatchObject([{ crop: whole, dest: whole }]);
  });
});

describe('layout planner, people out of sight', () => {
  it('does not chase a drifting prediction', () => {
    const plans = film((tS) => {
      const seenS = Math.min(tS, 1);
      const drift = Math.max(0, tS - 1) * 600;
      const track = makeTrack({
        id: 1,
        state: tS > 1 ? 'lost' : 'tracked',
        box: faceBox({ x: left.x + drift, y: left.y }, 120),
        seenPtsMs: seenS * 1000,
      });
      return { slots: [1, 2], tracks: [track, people(tS)[1]!] };
    }, 2.4);

    expectSmooth(plans);
    expect(placeIn(last(plans).regions[0]!, left).x).toBeGreaterThan(0);
    const centres = plans.slice(-15).map(({ regions }) => regions[0]!.crop.x);
    // The prediction would have run on by 300 px.
    expect(Math.max(...centres) - Math.min(...centres)).toBeLessThan(12);
  });

  it('holds the shot of a removed track that has a slot', () => {
    const plans = film((tS) => ({ slots: [1, 2], tracks: tS < 1 ? people(tS) : people(tS).slice(1) }), 2);

    expect(last(plans).regions[0]!.crop).toEqual(plans[0]!.regions[0]!.crop);
  });

  it('takes a fresh shot of a person who comes back elsewhere', () => {
    const plans = film((tS) => {
      const at = tS < 3 ? right : { x: 1000, y: 300 };
      const two = makeTrack({ id: 2, box: faceBox(at, 140), seenPtsMs: tS * 1000 });
      return { slots: tS < 1 || tS >= 3 ? [1, 2] : [1, undefined], tracks: [people(tS)[0]!, two] };
    }, 4);

    const backAt = plans.findIndex(({ ptsMs }) => ptsMs >= 3100);
    const tile = plans[backAt]!.regions.find(({ trackId }) => trackId === 2);
    expectSmooth(plans);
    expect(shows(tile, { x: 1000, y: 300 })).toBe(true);
  });
});

describe('layout planner, source in trouble', () => {
  const stall =
    (fromS: number, toS: number) =>
    (tS: number): Moment => ({
      slots: [1, 2],
      condition: tS >= fromS && tS < toS ? (tS < fromS + 2 ? 'stalled' : 'lost') : 'live',
    });

  it('holds the last picture, then fades to the slate, then back', () => {
    const plans = film(stall(1, 5), 8, { holdS: 1.5, transitionS: 0.6 });
    const planAt = (tS: number): CompositionPlan => plans[Math.round(tS * 30)]!;

    expectSound(plans);
    expect(planAt(2.4).layout).toBe('dual');
    expect(planAt(2.4).regions).toEqual(planAt(1).regions);
    expect(planAt(2.8).layout).toBe('slate');
    expect(planAt(2.8).regions.map(({ content }) => content)).toEqual(['source', 'source', 'slate']);
    expect(planAt(2.8).regions[2]!.alpha).toBeCloseTo(0.5, 1);
    expect(planAt(4).regions).toMatchObject([{ content: 'slate', alpha: 1, dest: whole }]);
    expect(planAt(5.3).layout).toBe('dual');
    expect(planAt(5.3).regions.map(({ content }) => content)).toEqual(['source', 'source', 'slate']);
    expect(planAt(6).regions.map(({ content }) => content)).toEqual(['source', 'source']);
  });

  it('shows nothing of a short stall', () => {
    const plans = film(stall(1, 2), 4);

    expect(plans.every(({ regions }) => regions.every(({ content }) => content === 'source'))).toBe(true);
  });

  it('turns round in the middle of the fade when the source is back', () => {
    const plans = film(stall(1, 2.8), 5);
    const alphas = plans.map(({ regions }) => regions.find(({ content }) => content === 'slate')?.alpha ?? 0);

    const steps = alphas.slice(1).map((alpha, index) => Math.abs(alpha - alphas[index]!));
    expect(Math.max(...alphas)).toBeGreaterThan(0.3);
    expect(Math.max(...alphas)).toBeLessThan(1);
    expect(Math.max(...steps)).toBeLessThan(0.15);
    expect(last(plans).regions).toHaveLength(2);
  });

  it('has the new layout ready behind the slate', () => {
    const plans = film(
      (tS) => ({
        slots: tS < 5 ? [1, 2] : [undefined, 2],
        condition: tS >= 1 && tS < 5 ? 'lost' : 'live',
      }),
      6,
    );

    const back = plans[Math.round(5.1 * 30)]!;
    expect(back.regions.map(({ content, dest }) => ({ content, dest }))).toEqual([
      { content: 'source', dest: whole },
      { content: 'slate', dest: whole },
    ]);
  });

  it('fades from the slate to the first picture', () => {
    const plans = film((tS) => ({ slots: [], ...(tS < 1 && { source: undefined, condition: 'lost' as const }) }), 2);

    expect(plans[33]!.regions.map(({ content }) => content)).toEqual(['source', 'slate']);
    expect(last(plans).regions.map(({ content }) => content)).toEqual(['source']);
  });

  it('begins again when the source changes its size', () => {
    const small = { width: 960, height: 540 };
    const plans = film((tS) => {
      const tracks = [makeTrack({ id: 9, box: faceBox({ x: 300, y: 250 }, 60), seenPtsMs: tS * 1000 })];
      return tS < 1 ? { slots: [1, 2] } : { slots: [9, undefined], tracks, source: small };
    }, 2);

    expectSound(plans.slice(0, 30));
    expectSound(plans.slice(30), small);
    expect(plans[30]!.regions.map(({ dest, trackId }) => ({ dest, trackId }))).toEqual([{ dest: whole, trackId: 9 }]);
  });

  it('plans the same moment again when time does not go on', () => {
    const planner = new LayoutPlanner({ output });
    const input = { source, tracks: people(0), slots: [1, 2], condition: 'live', slate: output } as const;
    planner.plan({ ...input, ptsMs: 1000 });
    const before = planner.plan({ ...input, ptsMs: 2000 });

    const late = planner.plan({ ...input, ptsMs: 1990 });

    expect(late).toEqual({ ...before, ptsMs: 1990 });
  });
});
