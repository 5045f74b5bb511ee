import { describe, expect, it } from 'vitest';
import { repackG726, repackingOf } from '#src/stream/rtsp/g726-packing.js';

/** Code words of so many bits, one after the other from the lowest bit of each byte on. */
const rfc3551 = (codes: readonly number[], bits: number): Buffer => {
  const packed = Buffer.alloc((codes.length * bits) / 8);
  for (const [n, code] of codes.entries()) {
    for (let bit = 0; bit < bits; bit += 1) {
      const at = n * bits + bit;
      packed[at >> 3] = (packed[at >> 3] ?? 0) | (((code >> bit) & 1) << (at & 7));
    }
  }
  return packed;
};
const aal2 = (codes: readonly number[], bits: number): Buffer =>
  Buffer.from(
    codes
      .map((code) => code.toString(2).padStart(bits, '0'))
      .join('')
      .match(/.{8}/g)
      ?.map((byte) => Number.parseInt(byte, 2)) ?? [],
  );

describe('repackG726', () => {
  it.each([2, 3, 4, 5])('turns code words of %i bits around', (bits) => {
    const codes = Array.from({ length: 160 }, (_, n) => (n * 7919) % 2 ** bits);
    const payload = rfc3551(codes, bits);

    repackG726(payload, bits);

    expect(payload).toEqual(aal2(codes, bits));
  });

  it('leaves what is no whole group', () => {
    const payload = Buffer.from([1, 2, 3, 4, 5]);

    repackG726(payload, 3);

    expect([...payload.subarray(3)]).toEqual([4, 5]);
  });
});

describe('repackingOf', () => {
  it.each(['G726-16', 'G726-32', 'AAL2-G726-24', 'PCMU'])('leaves %s as it is', (encoding) => {
    expect(repackingOf(encoding)).toBeUndefined();
  });

  it.each([
    { name: 'a plain packet', head: [0x80, 96, ...Array.from({ length: 10 }, () => 0)] },
    { name: 'a contributing source', head: [0x81, 96, ...Array.from({ length: 14 }, () => 0)] },
    { name: 'an extension', head: [0x90, 96, ...Array.from({ length: 10 }, () => 0), 0, 0, 0, 1, 9, 9, 9, 9] },
  ])('leaves the header of $name', ({ head }) => {
    const codes = [1, 2, 3, 4, 5, 6, 7, 0];
    const packet = Buffer.concat([Buffer.from(head), rfc3551(codes, 3)]);

    repackingOf('G726-24')?.repack(packet);

    expect(packet).toEqual(Buffer.concat([Buffer.from(head), aal2(codes, 3)]));
  });

  it('describes the track as what it becomes', () => {
    const lines = ['a=rtpmap:97 G726-40/8000', 'a=ptime:20'];

    const described = repackingOf('G726-40')?.describe({ encoding: 'G726-40', lines });

    expect(described).toEqual({ encoding: 'AAL2-G726-40', lines: ['a=rtpmap:97 AAL2-G726-40/8000', 'a=ptime:20'] });
  });

  it('takes a packet that is cut off', () => {
    const packet = Buffer.from([0x9f, 96, 0]);

    repackingOf('G726-40')?.repack(packet);

    expect([...packet]).toEqual([0x9f, 96, 0]);
  });
});
