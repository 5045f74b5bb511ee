import { describe, expect, it } from 'vitest';
import { IDENTITY_SCENES } from '#src/test-camera/identity-scenes.js';
import { clipGeometry, cornerAt, cornerExpression, frontAt, panAt, positionAt } from '#src/test-camera/scene.js';
import { DEMO_SCENE, SCENES, STILL_SCENE, TIMECODE_SCENE } from '#src/test-camera/scenes.js';
import { sceneFilterGraph, timecodePlace } from '#src/test-camera/scene-graph.js';
import { timecodeSize } from '#src/test-camera/timecode.js';

const FULL_HD = { width: 1920, height: 1080 };

/** What ffmpeg computes: the few functions of its expression language that the scenes use. */
function evaluate(expression: string, t: number): number {
  const clip = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
  const { sin, pow, round, PI } = Math;
  const body = new Function('t', 'clip', 'sin', 'pow', 'round', 'PI', `return ${expression}`) as (
    ...values: unknown[]
  ) => number;
  return body(t, clip, sin, pow, round, PI);
}

describe('scene', () => {
  it.each([...Object.values(SCENES), ...Object.values(IDENTITY_SCENES)])('$name goes round without a jump', (scene) => {
    for (const person of scene.people.keys()) {
      const last = cornerAt(scene, person, scene.durationS - 1 / 60, FULL_HD);
      const first = cornerAt(scene, person, 0, FULL_HD);

      expect(Math.abs(last.x - first.x)).toBeLessThanOrEqual(4);
      expect(Math.abs(last.y - first.y)).toBeLessThanOrEqual(4);
    }
  });

  it.each([DEMO_SCENE, ...Object.values(IDENTITY_SCENES)])('tells ffmpeg the same places of $name', (scene) => {
    for (const person of scene.people.keys()) {
      const expression = cornerExpression(scene, person, FULL_HD);
      for (let tS = 0; tS < scene.durationS; tS += 0.7) {
        const { x, y } = cornerAt(scene, person, tS, FULL_HD);

        expect(evaluate(expression.x, tS)).toBeCloseTo(x, 6);
        expect(evaluate(expression.y, tS)).toBeCloseTo(y, 6);
      }
    }
  });

  it.each([
    { tS: 2, what: 'at first', order: 'left to right', seen: [1, 1] },
    { tS: 20, what: 'after the crossing', order: 'right to left', seen: [1, 1] },
    { tS: 31, what: 'after the second crossing', order: 'left to right', seen: [1, 1] },
    { tS: 41, what: 'while one is away', order: 'left to right', seen: [1, 0] },
    { tS: 52, what: 'when he is back', order: 'left to right', seen: [1, 1] },
    { tS: 62, what: 'in the next round', order: 'left to right', seen: [1, 1] },
  ])('knows who stands where $what', ({ tS, order, seen }) => {
    const truths = [0, 1].map((person) => positionAt(DEMO_SCENE, person, tS, FULL_HD));

    expect(truths.map(({ visibleRatio }) => Math.round(visibleRatio))).toEqual(seen);
    expect((truths[0]?.face.x ?? 0) < (truths[1]?.face.x ?? 0)).toBe(order === 'left to right');
  });

  it('hides the one behind while they cross', () => {
    const crossing = [14.78, 27.02].map((tS) => [0, 1].map((person) => positionAt(DEMO_SCENE, person, tS, FULL_HD)));

    expect(crossing.map((pair) => pair.findIndex(({ isFront }) => isFront))).toEqual([0, 1]);
    for (const pair of crossing) expect(Math.min(...pair.map(({ visibleRatio }) => visibleRatio))).toBeLessThan(0.1);
    for (const pair of crossing) expect(Math.max(...pair.map(({ visibleRatio }) => visibleRatio))).toBeCloseTo(1);
    expect([frontAt(DEMO_SCENE, 0), frontAt(DEMO_SCENE, 21)]).toEqual([0, 1]);
  });

  it('turns the set with the people, wide enough that no turn shows its edge', () => {
    const { cameraJump } = IDENTITY_SCENES;
    const graph = sceneFilterGraph(cameraJump, { ...FULL_HD, fps: 30, deskTop: 900 });
    const [, crop = ''] = /crop=1920:1080:x='([^']+)':y=0/.exec(graph) ?? [];
    const [, left = ''] = /overlay=x='([^']+)':y=900/.exec(graph) ?? [];
    const margin = 0.25 * FULL_HD.width;
    const turns = [
      { tS: 1, shift: 0 },
      { tS: 5, shift: margin },
      { tS: 8, shift: 0 },
      { tS: 11, shift: -margin },
    ];

    expect(graph.match(/scale=2880:ih/g)).toHaveLength(2);
    for (const { tS, shift } of turns) {
      expect(evaluate(crop, tS)).toBeCloseTo(margin - shift, 6);
      expect(evaluate(left, tS)).toBeCloseTo(shift - margin, 6);
      expect(panAt(cameraJump, tS) * FULL_HD.width).toBeCloseTo(shift, 6);
    }
  });

  it('gives faces of the asked height at any size', () => {
    for (const height of [360, 1080, 2160]) {
      const { face } = positionAt(STILL_SCENE, 1, 0, { width: (height * 16) / 9, height });

      expect(face.height / height).toBeCloseTo(230 / 1080);
    }
  });

  it('refuses a person who is not in the scene', () => {
    expect(() => positionAt(STILL_SCENE, 2, 0, FULL_HD)).toThrow(RangeError);
  });

  it('puts the time code below the chin and above the desk', () => {
    for (const person of TIMECODE_SCENE.people.keys()) {
      const { x, y, cellPx } = timecodePlace(TIMECODE_SCENE, person, FULL_HD);
      const { face } = positionAt(TIMECODE_SCENE, person, 0, FULL_HD);
      const strip = timecodeSize(cellPx);

      expect(cellPx).toBeGreaterThanOrEqual(24);
      expect(y).toBeGreaterThan(face.y + face.height);
      expect(y + strip.height).toBeLessThan(0.8 * FULL_HD.height);
      expect(x + strip.width / 2).toBeCloseTo(face.x + face.width / 2, -1);
    }
  });

  it('draws each person for each time he is in front, and the strips only where asked', () => {
    const options = { ...FULL_HD, fps: 30, deskTop: 900 };

    expect(sceneFilterGraph(DEMO_SCENE, options).match(/\]overlay=/g)).toHaveLength(2 * 4 + 1);
    expect(sceneFilterGraph(STILL_SCENE, options).match(/\]overlay=/g)).toHaveLength(2 * 2 + 1);
    expect(sceneFilterGraph(STILL_SCENE, options)).not.toContain('drawbox');
    expect(sceneFilterGraph(TIMECODE_SCENE, options).match(/drawbox/g)).toHaveLength(2 * 33);
    expect(clipGeometry('webcam', FULL_HD).width % 2).toBe(0);
  });
});
