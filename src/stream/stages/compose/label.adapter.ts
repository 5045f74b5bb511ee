import type { Box, Size } from '../../../shared/domain/box.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { drawOnce } from './draw-once.adapter.js';
import { plateCrop } from './plate-crop.js';
import { roundToEven } from './scene-geometry.js';

/** The picture of a name; the one who asked for it releases it. */
export interface Plate {
  /** One reference belongs to the owner of the plate. */
  readonly handle: FrameHandle;
  /** The part of the frame that is the plate, pixels. */
  readonly crop: Box;
}

/** Height of the plate, and of its letters, as fractions of the output's height. */
const PLATE_SIZE = 0.062;
const FONT_SIZE = 0.034;

/**
 * Draws the name plates of a stream by slot; an empty name has none. {@link releaseLabels} frees them.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING`.
 */
export async function renderLabels(output: Size, names: readonly string[]): Promise<readonly (Plate | undefined)[]> {
  const plates: (Plate | undefined)[] = [];
  try {
    for (const name of names) plates.push(name.trim() === '' ? undefined : await renderLabel(output, name.trim()));
  } catch (error) {
    releaseLabels(plates);
    throw error;
  }
  return plates;
}

/** Frees plates of {@link renderLabels}. */
export function releaseLabels(plates: readonly (Plate | undefined)[]): void {
  const addon = loadAddon();
  for (const plate of plates) if (plate) addon.release(plate.handle);
}

async function renderLabel(output: Size, name: string): Promise<Plate> {
  const size = { width: output.width, height: roundToEven(output.height * PLATE_SIZE) };
  const handle = await drawOnce('label', {
    ...size,
    text: escapeMarkup(name),
    font: `Sans Bold ${Math.round(output.height * FONT_SIZE)}px`,
  });
  // The width of a name is known only from its pixels.
  const luma = loadAddon()
    .readFrame(handle)
    .subarray(0, size.width * size.height);
  return { handle, crop: plateCrop(luma, size) };
}

const escapeMarkup = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
