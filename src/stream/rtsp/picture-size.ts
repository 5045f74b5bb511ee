import type { Size } from '../../shared/domain/box.js';

/** Reads the bits of a parameter set, emulation prevention taken out (ITU-T H.264, 7.2 and 9.1). */
class BitReader {
  readonly #bytes: Uint8Array;
  #bit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.filter(
      (byte, index) => !(byte === 3 && index > 1 && bytes[index - 1] === 0 && bytes[index - 2] === 0),
    );
  }

  bits(count: number): number {
    let value = 0;
    for (let read = 0; read < count; read++) {
      const byte = this.#bytes[this.#bit >> 3];
      if (byte === undefined) throw new RangeError('the parameter set is too short');
      value = value * 2 + ((byte >> (7 - (this.#bit & 7))) & 1);
      this.#bit += 1;
    }
    return value;
  }

  /** An unsigned number in Exp-Golomb code. */
  ue(): number {
    let zeros = 0;
    while (this.bits(1) === 0) {
      zeros += 1;
      if (zeros > 31) throw new RangeError('a number of the parameter set is too large');
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  se(): number {
    const code = this.ue();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }
}

const PROFILES_WITH_CHROMA = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
const SCALING_LISTS = 8;
const LARGE_SCALING_LISTS = 12;
const SMALL_LIST = 16;
const LARGE_LIST = 64;
const MAX_SIDE = 16_384;

/** The picture's size by an SPS of H.264 (with its NAL header); `undefined` where it cannot be read. */
export function h264PictureSize(sps: Uint8Array): Size | undefined {
  return attempt(() => {
    const reader = new BitReader(sps.subarray(1));
    const profile = reader.bits(8);
    reader.bits(16);
    reader.ue();
    const chroma = PROFILES_WITH_CHROMA.includes(profile) ? readChroma(reader) : 1;
    reader.ue();
    skipPictureOrder(reader);
    reader.ue();
    reader.bits(1);
    const widthMbs = reader.ue() + 1;
    const heightMaps = reader.ue() + 1;
    const fields = 2 - reader.bits(1);
    if (fields === 2) reader.bits(1);
    reader.bits(1);
    const crop = readWindow(reader);
    const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
    const unitY = (chroma === 1 ? 2 : 1) * fields;
    return {
      width: widthMbs * 16 - (crop.left + crop.right) * unitX,
      height: heightMaps * 16 * fields - (crop.top + crop.bottom) * unitY,
    };
  });
}

/** The picture's size by an SPS of H.265 (with its NAL header); `undefined` where it cannot be read. */
export function h265PictureSize(sps: Uint8Array): Size | undefined {
  return attempt(() => {
    const reader = new BitReader(sps.subarray(2));
    reader.bits(4);
    const subLayers = reader.bits(3);
    reader.bits(1);
    skipProfileTierLevel(reader, subLayers);
    reader.ue();
    const chroma = reader.ue();
    if (chroma === 3) reader.bits(1);
    const width = reader.ue();
    const height = reader.ue();
    const crop = readWindow(reader);
    const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
    const unitY = chroma === 1 ? 2 : 1;
    return { width: width - (crop.left + crop.right) * unitX, height: height - (crop.top + crop.bottom) * unitY };
  });
}

function attempt(read: () => Size): Size | undefined {
  try {
    const size = read();
    const isPossible = [size.width, size.height].every((side) => side > 0 && side <= MAX_SIDE);
    return isPossible ? size : undefined;
  } catch {
    // A parameter set that cannot be read says nothing.
    return undefined;
  }
}

function readChroma(reader: BitReader): number {
  const chroma = reader.ue();
  if (chroma === 3) reader.bits(1);
  reader.ue();
  reader.ue();
  reader.bits(1);
  if (reader.bits(1) === 1) {
    const lists = chroma === 3 ? LARGE_SCALING_LISTS : SCALING_LISTS;
    for (let list = 0; list < lists; list++) {
      if (reader.bits(1) === 1) skipScalingList(reader, list < 6 ? SMALL_LIST : LARGE_LIST);
    }
  }
  return chroma;
}

function skipScalingList(reader: BitReader, length: number): void {
  let last = 8;
  let next = 8;
  for (let index = 0; index < length; index++) {
    if (next !== 0) next = (last + reader.se() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function skipPictureOrder(reader: BitReader): void {
  const type = reader.ue();
  if (type === 0) reader.ue();
  if (type !== 1) return;
  reader.bits(1);
  reader.se();
  reader.se();
  const count = reader.ue();
  for (let index = 0; index < count; index++) reader.se();
}

function readWindow(reader: BitReader): { left: number; right: number; top: number; bottom: number } {
  if (reader.bits(1) === 0) return { left: 0, right: 0, top: 0, bottom: 0 };
  return { left: reader.ue(), right: reader.ue(), top: reader.ue(), bottom: reader.ue() };
}

function skipProfileTierLevel(reader: BitReader, subLayers: number): void {
  reader.bits(88);
  reader.bits(8);
  const present = Array.from({ length: subLayers }, () => ({ profile: reader.bits(1), level: reader.bits(1) }));
  if (subLayers > 0) reader.bits(2 * (8 - subLayers));
  for (const { profile, level } of present) {
    if (profile === 1) reader.bits(88);
    if (level === 1) reader.bits(8);
  }
}
