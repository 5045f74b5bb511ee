import type { PictureClip } from './clips.js';

/** Red, green, blue, 8 bits. */
export type Rgb = readonly [number, number, number];

/** Side by side, each with all of the height; none near the limits, where rounding is cut. */
export const COLOURS: readonly Rgb[] = [
  [200, 60, 50],
  [60, 180, 70],
  [50, 70, 190],
  [190, 180, 60],
  [220, 220, 220],
  [30, 30, 30],
];

/** How the colours of a picture are written. */
export interface ColourFormat {
  readonly matrix: 'bt601' | 'bt709';
  readonly range: 'limited' | 'full';
  /** Whether the stream says so. */
  readonly isSaid: boolean;
}

/** ffmpeg's arguments that turn a picture of any colour into {@link COLOURS}. */
export function colourArguments(size: string, { matrix, range, isSaid }: ColourFormat): Pick<PictureClip, 'encoder'> {
  const channel = (index: 0 | 1 | 2): string => COLOURS.map((rgb, at) => `eq(X\\,${at})*${rgb[index]}`).join('+');
  const filters = [
    // One point of each colour, made larger without anything in between.
    `format=gbrp,scale=${COLOURS.length}:2`,
    `geq=r='${channel(0)}':g='${channel(1)}':b='${channel(2)}'`,
    `scale=${size.replace('x', ':')}:flags=neighbor,format=gbrp`,
    `scale=out_color_matrix=${matrix}:out_range=${range}:flags=accurate_rnd+full_chroma_int+bitexact`,
    'format=yuv420p',
  ];
  const name = matrix === 'bt601' ? 'smpte170m' : 'bt709';
  const said = ['-colorspace', name, '-color_primaries', name, '-color_trc', name];
  return {
    encoder: ['-vf', filters.join(','), '-color_range', range === 'full' ? 'pc' : 'tv', ...(isSaid ? said : [])],
  };
}

/** Of BT.709 in limited range, as composed pictures are. */
export function rgbOf(y: number, u: number, v: number): Rgb {
  const [luma, blue, red] = [(y - 16) / 219, (u - 128) / 224, (v - 128) / 224];
  const [kr, kb] = [0.2126, 0.0722];
  const r = luma + 2 * (1 - kr) * red;
  const b = luma + 2 * (1 - kb) * blue;
  const g = (luma - kr * r - kb * b) / (1 - kr - kb);
  return [r * 255, g * 255, b * 255];
}
