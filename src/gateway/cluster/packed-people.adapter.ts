import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { RememberedFace, RememberedPeople, RememberedPerson } from '../../shared/domain/remembered-people.js';

/** What etcd keeps of the people of a stream, at most, bytes before it is encrypted and written in base64: 16 KB then. */
export const MAX_PACKED_BYTES = 12_200;
/** The largest step of a signed byte. */
const LARGEST = 127;
const FLOAT_BYTES = 4;
/** A face takes at least so many bytes: more need not be tried. */
const LEAST_FACE_BYTES = 64;
/** What is not needed is not unpacked: far more than is ever packed. */
const MAX_UNPACKED_BYTES = 4_000_000;

/**
 * Packs who is known for the next host: embeddings as signed bytes, and of the faces as many as there is room for. The
 * best face of each person comes first, those of people in a tile before others.
 */
export function packPeople(people: RememberedPeople): Buffer {
  const order = [...people.people].sort((a, b) => rankOf(a, people) - rankOf(b, people));
  const most = Math.max(0, ...order.map(({ faces }) => faces.length));
  const faces: RememberedFace[] = [];
  const bestFirst = order.map((person) => [...person.faces].sort((a, b) => b.quality - a.quality));
  for (let turn = 0; turn < most; turn++) {
    for (const sorted of bestFirst) faces.push(...sorted.slice(turn, turn + 1));
  }
  const pack = (count: number): Buffer => {
    const kept = new Set(faces.slice(0, count));
    const packed = people.people.map((person) => ({
      ...person,
      faces: person.faces.filter((face) => kept.has(face)).map((face) => ({ ...face, embedding: toBytes(face) })),
    }));
    return deflateRawSync(JSON.stringify({ ...people, people: packed }));
  };
  // Lengths rise with the number of faces, but for a few bytes.
  let [fits, tooMany] = [0, Math.min(faces.length, Math.ceil(MAX_PACKED_BYTES / LEAST_FACE_BYTES)) + 1];
  let best = pack(0);
  let next = tooMany - 1;
  while (tooMany - fits > 1) {
    const packed = pack(next);
    if (packed.length <= MAX_PACKED_BYTES) [fits, best] = [next, packed];
    else tooMany = next;
    next = Math.floor((fits + tooMany) / 2);
  }
  return best;
}

/** Takes back {@link packPeople}. @throws where it is something else */
export function unpackPeople(packed: Buffer): RememberedPeople {
  const text = inflateRawSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES }).toString('utf8');
  const people = JSON.parse(text) as RememberedPeople;
  return {
    ...people,
    people: people.people.map((person) => ({
      ...person,
      faces: person.faces.map((face) => ({ ...face, embedding: toFloats(face) })),
    })),
  };
}

/** Who is in a tile, then who has a name, then the others. */
function rankOf({ trackId, name }: RememberedPerson, { tiles }: RememberedPeople): number {
  if (tiles?.tiles.some((tile) => tile.trackId === trackId)) return 0;
  return name === undefined ? 2 : 1;
}

/** The largest value as a 32-bit float, then each value as a part of it in a signed byte. */
function toBytes({ embedding }: RememberedFace): string {
  const floats = Buffer.from(embedding, 'base64');
  const values = Array.from({ length: Math.floor(floats.length / FLOAT_BYTES) }, (_, at) =>
    floats.readFloatLE(at * FLOAT_BYTES),
  );
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const bytes = Buffer.alloc(FLOAT_BYTES + values.length);
  bytes.writeFloatLE(largest);
  for (const [at, value] of values.entries()) {
    bytes.writeInt8(largest > 0 ? Math.round((value / largest) * LARGEST) : 0, FLOAT_BYTES + at);
  }
  return bytes.toString('base64');
}

function toFloats({ embedding }: RememberedFace): string {
  const bytes = Buffer.from(embedding, 'base64');
  const largest = bytes.readFloatLE();
  const floats = Buffer.alloc((bytes.length - FLOAT_BYTES) * FLOAT_BYTES);
  for (let at = FLOAT_BYTES; at < bytes.length; at++) {
    floats.writeFloatLE((bytes.readInt8(at) / LARGEST) * largest, (at - FLOAT_BYTES) * FLOAT_BYTES);
  }
  return floats.toString('base64');
}
