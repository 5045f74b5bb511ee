import type { Box, Size } from '../../../shared/domain/box.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { drawOnce } from './draw-once.adapter.js';
import { plateCrop, rowsOf } from './plate-crop.js';
import { roundToEven } from './scene-geometry.js';

/** The picture of a name; the one who asked for it releases it. */
export interface Plate {
  /** One reference belongs to the owner of the plate. */
  readonly handle: FrameHandle;
  /** The part of the frame that is the plate, pixels. */
  readonly crop: Box;
}

/** Name plates by their text. */
export type Plates = ReadonlyMap<string, Plate>;

/** Height of the plate, and of its letters, as fractions of the output's height. */
const PLATE_SIZE = 0.062;
const FONT_SIZE = 0.034;

/**
 * Draws the plates of names, each once; an empty name has none. {@link releaseLabels} frees them.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING`.
 */
export async function renderLabels(output: Size, names: Iterable<string>): Promise<Plates> {
  const plates = new Map<string, Plate>();
  try {
    for (const text of names) {
      const name = text.trim();
      if (name !== '' && !plates.has(name)) plates.set(name, await renderLabel(output, name));
    }
  } catch (error) {
    releaseLabels(plates);
    throw error;
  }
  return plates;
}

/** Frees plates of {@link renderLabels}. */
export function releaseLabels(plates: Plates): void {
  const addon = loadAddon();
  for (const { handle } of plates.values()) addon.release(handle);
}

async function renderLabel(output: Size, name: string): Promise<Plate> {
  const plateHeight = roundToEven(output.height * PLATE_SIZE);
  const capitals = await capitalsOf(output);
  const handle = await draw(output, name);
  // The width of a name is known only from its pixels.
  return {
    handle,
    crop: plateCrop(lumaOf(handle, drawingSize(output)), drawingSize(output), { name, plateHeight, capitals }),
  };
}

/** Rows of a capital, by the height of the output: drawn once. */
const capitalRows = new Map<number, Promise<ReturnType<typeof rowsOf>>>();

function capitalsOf(output: Size): Promise<ReturnType<typeof rowsOf>> {
  const known = capitalRows.get(output.height);
  if (known) return known;
  const drawn = draw(output, 'H').then((handle) => {
    try {
      return rowsOf(lumaOf(handle, drawingSize(output)), drawingSize(output));
    } finally {
      loadAddon().release(handle);
    }
  });
  capitalRows.set(output.height, drawn);
  drawn.catch(() => capitalRows.delete(output.height));
  return drawn;
}

const drawingSize = (output: Size): Size => ({
  width: output.width,
  height: 2 * roundToEven(output.height * PLATE_SIZE),
});

const draw = (output: Size, name: string): Promise<FrameHandle> =>
  drawOnce('label', {
    ...drawingSize(output),
    text: escapeMarkup(name),
    font: `Sans Bold ${Math.round(output.height * FONT_SIZE)}px`,
  });

const lumaOf = (handle: FrameHandle, { width, height }: Size): Uint8Array =>
  loadAddon()
    .readFrame(handle)
    .subarray(0, width * height);

const escapeMarkup = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
