import { describe, expect, it } from 'vitest';
import { appearanceOf } from '#src/stream/stages/reid/appearance.js';
import type { KnownPerson } from '#src/stream/stages/reid/track-identity.js';
import { twinOf } from '#src/stream/stages/reid/twins.js';
import { identityAt, named } from './identities.js';

const appearance = appearanceOf('cosine');
const ANN = [1, 0, 0];
const SISTER = [0.75, 0.66, 0];

/** Known by so many looks; in sight only where asked. */
function person(look: readonly number[], { count = 4, isHere = false } = {}): KnownPerson {
  const known = named(identityAt({ x: 0, isLost: !isHere })).person!;
  for (let index = 0; index < count; index += 1) {
    known.gallery.add({ embedding: appearance.prepare(Float32Array.from(look)), ptsMs: index, quality: 1 });
  }
  return known;
}

describe('twinOf', () => {
  it('finds somebody known who is out of sight', () => {
    const [ann, again] = [person(ANN), person(ANN, { isHere: true })];

    expect(twinOf(again, [ann, person([0, 0, 1]), again], appearance)).toBe(ann);
  });

  it.each([
    { name: 'who is in sight', others: () => [person(ANN, { isHere: true })] },
    { name: 'who is merely similar', others: () => [person(SISTER)] },
    { name: 'of whom too little is known', others: () => [person(ANN, { count: 2 })] },
    { name: 'where two are like that', others: () => [person(ANN), person(ANN)] },
  ])('takes nobody $name', ({ others }) => {
    expect(twinOf(person(ANN, { isHere: true }), others(), appearance)).toBeUndefined();
  });

  it('takes nobody who was in sight at the same time', () => {
    const [ann, again] = [person(ANN), person(ANN, { isHere: true })];
    ann.seenWith.add(again.id);

    expect(twinOf(again, [ann], appearance)).toBeUndefined();
  });

  it('waits for three looks', () => {
    expect(twinOf(person(ANN, { count: 2, isHere: true }), [person(ANN)], appearance)).toBeUndefined();
  });
});
