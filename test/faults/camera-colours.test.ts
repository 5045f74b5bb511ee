import { afterEach, describe, expect, it } from 'vitest';
import { firstValueFrom, filter } from 'rxjs';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { composed, unpacked, whole } from '../integration/pixels/pictures.js';
import { COLOURS, colourArguments, rgbOf, type ColourFormat, type Rgb } from './cameras/colours.js';
import { camera, closing, opened } from './cameras/source.js';

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const addon = loadAddon();
const OUTPUT = { width: 320, height: 180 };
/** Of 255. Each of two conversions to 8 bits rounds, and a code of chroma is up to 2 of blue. */
const TOLERANCE = 2;

/** The middle of each colour in the composed picture of a source. */
async function composedColours(url: string): Promise<Rgb[]> {
  const session = await opened(url);
  let count = 0;
  const kept$ = session.frames$.pipe(
    filter(({ handle }) => {
      count += 1;
      if (count !== 3) addon.release(handle);
      return count === 3;
    }),
  );
  const frame = await firstValueFrom(kept$);
  try {
    const region = { frame: frame.handle, crop: whole(frame), dest: whole(OUTPUT), alpha: 1 };
    const [y, u, v] = unpacked(OUTPUT, 'I420', await composed(OUTPUT, [region]));
    return COLOURS.map((_, index) => {
      const [x, row] = [Math.round(((index + 0.5) * OUTPUT.width) / COLOURS.length), OUTPUT.height / 2];
      const at = (row >> 1) * u.width + (x >> 1);
      return rgbOf(y.data[row * y.width + x] ?? NaN, u.data[at] ?? NaN, v.data[at] ?? NaN);
    });
  } finally {
    addon.release(frame.handle);
  }
}

const FORMATS: readonly (ColourFormat & { readonly size: string })[] = [
  ...(['640x360', '1280x720'] as const).flatMap((size) =>
    (['bt601', 'bt709'] as const).flatMap((matrix) =>
      (['limited', 'full'] as const).map((range) => ({ size, matrix, range, isSaid: true }) as const),
    ),
  ),
  // What says nothing is taken for what such cameras send: BT.601 up to 576 lines, BT.709 above.
  { size: '640x360', matrix: 'bt601', range: 'limited', isSaid: false },
  { size: '1280x720', matrix: 'bt709', range: 'limited', isSaid: false },
];

describe.each(['h264', 'h265'] as const)('%s of a camera', (kind) => {
  it.each(FORMATS)('$size in $matrix, $range range, said by the stream: $isSaid', async ({ size, ...format }) => {
    const quality = kind === 'h264' ? ['-qp', '2'] : ['-qp', '2', '-tune', 'psnr'];
    const { encoder } = colourArguments(size, format);
    const odd = await camera({
      tracks: [{ kind, size, fps: 10, gop: 5, seconds: 1, encoder: [...encoder, ...quality] }],
    });

    const colours = await composedColours(odd.url);

    for (const [index, rgb] of COLOURS.entries()) {
      for (const [channel, value] of rgb.entries()) {
        expect(Math.abs(Math.round(colours[index]?.[channel] ?? NaN) - value)).toBeLessThanOrEqual(TOLERANCE);
      }
    }
  });
});
