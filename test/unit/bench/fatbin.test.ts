import { describe, expect, it } from 'vitest';
import { keepArchitecture } from '../../bench/gpu/fatbin.mjs';

const MAGIC = 0xba55ed50;
const ENTRY_HEADER = 64;

/** A fat binary as nvcc writes it, each payload filled with its architecture's number. */
function fatbin(entries: readonly { architecture: number; bytes: number }[]): Buffer {
  const parts = entries.map(({ architecture, bytes }) => {
    const header = Buffer.alloc(ENTRY_HEADER);
    header.writeUInt16LE(2, 0);
    header.writeUInt32LE(ENTRY_HEADER, 4);
    header.writeBigUInt64LE(BigInt(bytes), 8);
    header.writeUInt32LE(architecture, 28);
    return Buffer.concat([header, Buffer.alloc(bytes, architecture)]);
  });
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt16LE(1, 4);
  header.writeUInt16LE(16, 6);
  header.writeBigUInt64LE(BigInt(body.length), 8);
  return Buffer.concat([header, body]);
}

const around = Buffer.from('code before and after');

describe('keepArchitecture', () => {
  it('empties the payloads of the other architectures and nothing else', () => {
    const before = Buffer.concat([
      around,
      fatbin([
        { architecture: 80, bytes: 40 },
        { architecture: 90, bytes: 24 },
      ]),
      around,
      fatbin([
        { architecture: 90, bytes: 8 },
        { architecture: 120, bytes: 16 },
      ]),
      around,
    ]);
    const file = Buffer.from(before);

    expect(keepArchitecture(file, 90)).toEqual({ zeroedBytes: 56, keptBytes: 32 });

    const changed = [...before.keys()].filter((at) => before[at] !== file[at]);
    expect(changed).toHaveLength(56);
    expect(new Set(changed.map((at) => before[at]))).toEqual(new Set([80, 120]));
    expect(new Set(changed.map((at) => file[at]))).toEqual(new Set([0]));
  });

  it('leaves a fat binary whole that does not have the architecture', () => {
    const before = fatbin([
      { architecture: 75, bytes: 8 },
      { architecture: 80, bytes: 8 },
    ]);
    const file = Buffer.from(before);
    expect(keepArchitecture(file, 90)).toEqual({ zeroedBytes: 0, keptBytes: 16 });
    expect(file.equals(before)).toBe(true);
  });

  it.each([
    ['the magic at the very end', (magic: Buffer) => magic],
    ['a size beyond the file', (magic: Buffer) => Buffer.concat([magic, Buffer.alloc(60, 0xff)])],
    [
      'an entry beyond the fat binary',
      (magic: Buffer) => {
        const broken = fatbin([{ architecture: 80, bytes: 8 }]);
        broken.writeBigUInt64LE(4096n, 16 + 8);
        return Buffer.concat([magic, broken]);
      },
    ],
  ])('does not take %s for a fat binary', (_, make) => {
    const magic = Buffer.alloc(4);
    magic.writeUInt32LE(MAGIC);
    const before = make(magic);
    const file = Buffer.from(before);
    expect(keepArchitecture(file, 90)).toEqual({ zeroedBytes: 0, keptBytes: 0 });
    expect(file.equals(before)).toBe(true);
  });
});
