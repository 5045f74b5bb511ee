import { describe, expect, it } from 'vitest';
import { MAX_PACKED_BYTES, packPeople, unpackPeople } from '#src/gateway/cluster/packed-people.adapter.js';
import type { RememberedFace, RememberedPeople } from '#src/shared/domain/remembered-people.js';
import { seededRandom } from '#src/shared/random.js';

const random = seededRandom(3);

function face(length: number, quality = 0.5): RememberedFace {
  const embedding = Float32Array.from({ length }, () => random() - 0.5);
  return { embedding: Buffer.from(embedding.buffer).toString('base64'), quality };
}

const floatsOf = ({ embedding }: RememberedFace): readonly number[] => {
  const bytes = Buffer.from(embedding, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
};

const similarity = (a: readonly number[], b: readonly number[]): number => {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, at) => sum + value * y[at]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

/** As many as a stream ever knows, with all their faces. */
const crowd = (length: number): RememberedPeople => ({
  ...{ model: 'sface', nextTrackId: 90 },
  people: Array.from({ length: 32 }, (_, index) => ({
    trackId: index + 1,
    ...(index % 2 === 0 && { name: `Somebody with a long name ${index}` }),
    faces: Array.from({ length: 8 }, (_face, at) => face(length, (at + 1) / 8)),
  })),
  tiles: {
    isLocked: true,
    tiles: [
      { trackId: 31, isPinned: true, box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 } },
      { trackId: 32, box: { x: 0.5, y: 0.2, width: 0.3, height: 0.4 } },
    ],
  },
});

describe('people that are packed for another host', () => {
  it('come out as they were, with faces that are as good as the same', () => {
    const { people, ...rest } = crowd(128);
    const few = { ...rest, people: people.slice(0, 2) };

    const after = unpackPeople(packPeople(few));

    expect({ ...after, people: [] }).toEqual({ ...rest, people: [] });
    expect(after.people.map(({ trackId, name }) => [trackId, name])).toEqual(
      few.people.map(({ trackId, name }) => [trackId, name]),
    );
    for (const [index, { faces }] of few.people.entries()) {
      expect(after.people[index]?.faces.map(({ quality }) => quality)).toEqual(faces.map(({ quality }) => quality));
      for (const [at, before] of faces.entries()) {
        expect(similarity(floatsOf(before), floatsOf(after.people[index]!.faces[at]!))).toBeGreaterThan(0.9998);
      }
    }
  });

  it.each([128, 512])(
    'fit into 16 KB also where there are many, the best faces of those who are shown first (%i)',
    (length) => {
      const packed = packPeople(crowd(length));
      const after = unpackPeople(packed);

      expect(packed.length).toBeLessThanOrEqual(MAX_PACKED_BYTES);
      expect(packed.length).toBeGreaterThan(MAX_PACKED_BYTES * 0.9);
      // With the nonce and the tag, in base64, beside a number.
      expect(Math.ceil((packed.length + 28) / 3) * 4 + 40).toBeLessThanOrEqual(16_384);
      expect(after.people).toHaveLength(32);
      for (const id of [31, 32]) {
        expect(after.people.find(({ trackId }) => trackId === id)?.faces.map(({ quality }) => quality)).toContain(1);
      }
    },
  );

  it.each([
    ['nobody', { model: 'sface', nextTrackId: 1, people: [] }],
    [
      'a face that is black',
      {
        model: 'x',
        nextTrackId: 2,
        people: [{ trackId: 1, faces: [{ embedding: Buffer.alloc(16).toString('base64'), quality: 1 }] }],
      },
    ],
  ])('can be %s', (_what, people) => {
    expect(unpackPeople(packPeople(people))).toEqual(people);
  });

  it('that are something else are refused', () => {
    expect(() => unpackPeople(Buffer.from('something else'))).toThrow();
  });
});
