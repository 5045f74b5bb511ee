/** What a camera says of how it is mounted. */
export interface SaidOrientation {
  readonly isMirrored?: boolean;
  readonly isUpsideDown?: boolean;
  /** How far its pictures are to be turned, after that, degrees. */
  readonly anticlockwise?: number;
  /** What was said before holds no more. */
  readonly isCancelled?: boolean;
}

const DISPLAY_ORIENTATION = 47;
const HEADER = { h264: [6], h265: [39 << 1, 1] } as const;

/** The SEI message "display orientation" (H.264 D.1.27, H.265 D.2.17) as a NAL unit. */
export function orientationMessage(codec: 'h264' | 'h265', said: SaidOrientation): Buffer {
  const { isMirrored = false, isUpsideDown = false, anticlockwise = 0, isCancelled = false } = said;
  const angle = Math.round((anticlockwise * 65_536) / 360);
  // Behind the angle: it holds until something else is said; in H.264 as ue(1) of pictures, and no extension.
  const bits = isCancelled
    ? '1'
    : `0${isMirrored ? 1 : 0}${isUpsideDown ? 1 : 0}${angle.toString(2).padStart(16, '0')}${codec === 'h264' ? '0100' : '1'}`;
  const whole = `${bits}1`.padEnd(Math.ceil((bits.length + 1) / 8) * 8, '0');
  const payload = Array.from({ length: whole.length / 8 }, (_, n) => Number.parseInt(whole.slice(n * 8, n * 8 + 8), 2));
  const plain = [DISPLAY_ORIENTATION, payload.length, ...payload, 0x80];
  return Buffer.from([...HEADER[codec], ...escaped(plain)]);
}

/** With the bytes that keep start codes from occurring by chance. */
function escaped(plain: readonly number[]): number[] {
  const bytes: number[] = [];
  for (const byte of plain) {
    if (byte <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3);
    bytes.push(byte);
  }
  return bytes;
}
