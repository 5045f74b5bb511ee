/** Y′, Cb, Cr of BT.709, 8 bits, limited range. */
export type VideoColour = readonly [y: number, cb: number, cr: number];

/** Shares of red and blue in luma (ITU-R BT.709-6, item 3.2). */
const RED = 0.2126;
const BLUE = 0.0722;

/** `#rrggbb` as a colour of video (ITU-R BT.709-6, items 3.2 to 3.4, 8 bits). */
export function videoColour(hex: string): VideoColour {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const luma = RED * red + (1 - RED - BLUE) * green + BLUE * blue;
  return [
    Math.round(16 + 219 * luma),
    Math.round(128 + (224 * (blue - luma)) / (2 * (1 - BLUE))),
    Math.round(128 + (224 * (red - luma)) / (2 * (1 - RED))),
  ];
}
