import { describe, expect, it } from 'vitest';
import { isCut } from '#src/stream/stages/reid/cut-decision.js';
import { TrackIdentity } from '#src/stream/stages/reid/track-identity.js';
import { trackAt } from './identities.js';

/** Somebody 100 pixels wide, who is found so far from where they were expected, and so much taller. */
function found(dx: number, scale = 1): TrackIdentity {
  const identity = new TrackIdentity(trackAt({ x: 500 }));
  const expected = { x: 500, y: 100, width: 100, height: 125 };
  for (let set = 0; set < 60; set += 1) identity.displacement.add({ ...expected, x: 501 }, expected, 0.05);
  identity.detectionBox = { x: 500 + dx, y: 100, width: 100 * scale, height: 125 * scale };
  identity.displacement.add(identity.detectionBox, expected, 0.05);
  return identity;
}

describe('isCut', () => {
  it.each([
    { name: 'another picture', people: [found(0), found(0)], similarity: 0.3, cut: true },
    { name: 'another picture, with nobody', people: [], similarity: 0.3, cut: true },
    { name: 'the same picture', people: [found(0), found(0)], similarity: 0.95, cut: false },
    { name: 'a doubtful picture, people where they were', people: [found(0), found(0)], similarity: 0.6, cut: false },
    { name: 'a doubtful picture, nobody in sight', people: [], similarity: 0.6, cut: false },
    { name: 'a doubtful picture, everybody elsewhere', people: [found(-40), found(40)], similarity: 0.6, cut: true },
    { name: 'no picture, everybody elsewhere', people: [found(-40), found(40)], cut: true },
    { name: 'no picture, everybody of another size', people: [found(0, 1.3), found(0, 0.75)], cut: true },
    { name: 'no picture, one jumps', people: [found(0), found(80)], cut: false },
    { name: 'no picture, one alone jumps', people: [found(80)], cut: false },
    { name: 'no picture, the camera turns', people: [found(60), found(60)], cut: false },
  ])('$name', ({ people, similarity, cut }) => {
    expect(isCut(people, similarity)).toBe(cut);
  });
});
