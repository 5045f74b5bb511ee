/** A box of an MP4 file (ISO/IEC 14496-12). */
export interface Mp4Box {
  /** Four characters. */
  readonly type: string;
  /** First byte in the file. */
  readonly start: number;
  /** Its header included, bytes; more than the file has where it was not written to its end. */
  readonly size: number;
}

/** Bytes at the beginning of a box that say what it is. */
export const BOX_HEADER_BYTES = 16;

/**
 * The box whose first bytes these are.
 *
 * @param header - up to {@link BOX_HEADER_BYTES}, fewer at the end of the file
 * @param start - where it begins
 * @param end - of what it lies in
 * @returns `undefined` where this is no box
 */
export function readBox(header: Buffer, start: number, end: number): Mp4Box | undefined {
  if (header.length < 8) return undefined;
  const type = header.toString('latin1', 4, 8);
  const short = header.readUInt32BE(0);
  if (!/^[\x20-\x7e]{4}$/.test(type)) return undefined;
  if (short === 0) return { type, start, size: end - start };
  if (short !== 1) return short < 8 ? undefined : { type, start, size: short };
  if (header.length < BOX_HEADER_BYTES) return undefined;
  const size = Number(header.readBigUInt64BE(8));
  return size < BOX_HEADER_BYTES ? undefined : { type, start, size };
}

/**
 * How many bytes play of a fragmented file whose writer may have been stopped: up to the last fragment (`moof` with
 * its `mdat`) that is whole; all of it where it ends with the index that is written last (`mfra`); 0 where nothing
 * plays.
 *
 * @param boxes - of the top level, in their order, up to the first one that is not whole
 * @param fileBytes - size of the file
 */
export function playableBytes(boxes: readonly Mp4Box[], fileBytes: number): number {
  const whole = boxes.filter(({ start, size }) => start + size <= fileBytes);
  if (!whole.some(({ type }) => type === 'moov')) return 0;
  const last = whole.findLastIndex(({ type }, at) => type === 'mdat' && whole[at - 1]?.type === 'moof');
  const end = whole[last];
  if (end === undefined) return 0;
  return whole[last + 1]?.type === 'mfra' ? fileBytes : end.start + end.size;
}
