import type { Size } from '../shared/domain/box.js';
import { CLIPS, type ClipName, type TorsoShape } from './clips.js';
import { clipGeometry } from './scene.js';

/** A still picture as raw pixels, rows without padding. */
export interface Art extends Size {
  /** ffmpeg's name: four bytes a pixel, or one. */
  readonly pixelFormat: 'rgba' | 'gray';
  /** Pixels from the upper left corner, row by row. */
  readonly data: Uint8Array;
}

type Rgb = readonly [red: number, green: number, blue: number];

const WALL_LIGHT: Rgb = [186, 178, 163];
const WALL_DARK: Rgb = [70, 68, 74];
const DESK_TOP_RATIO = 0.845;
const DESK: Rgb = [52, 40, 34];
const DESK_EDGE: Rgb = [150, 118, 86];

/** A plain studio wall, lit in the middle, darker to the corners. */
export function drawBackdrop(size: Size): Art {
  return paint(size, (x, y) => {
    const dx = (x / size.width - 0.5) * 1.25;
    const dy = (y / size.height - 0.36) * 0.95;
    const light = Math.exp(-2.6 * (dx * dx + dy * dy));
    return [...mix(WALL_DARK, WALL_LIGHT, light), 255];
  });
}

/** The desk that people stand behind, with its shadow on them; `top` is where it is laid over. */
export function drawDesk(size: Size): { readonly art: Art; readonly top: number } {
  const shadow = Math.round(size.height * 0.02);
  const edge = Math.max(2, Math.round(size.height * 0.004));
  const top = 2 * Math.round((size.height * DESK_TOP_RATIO - shadow) / 2);
  const height = size.height - top;
  const art = paint({ width: size.width, height }, (x, y) => {
    if (y < shadow) return [0, 0, 0, 90 * (y / shadow) ** 2];
    const sheen = 1 + 0.45 * Math.exp(-(((x / size.width - 0.5) * 3.2) ** 2));
    const depth = 1 - 0.45 * ((y - shadow) / (height - shadow));
    const colour = y < shadow + edge ? DESK_EDGE : DESK;
    return [...scale(colour, sheen * depth), 255];
  });
  return { art, top };
}

/** Body below a clip that ends at the collar; `Art` begins at the clip's top left corner. */
export function drawTorso(name: ClipName, size: Size): Art {
  const { crop, torso } = CLIPS[name];
  const geometry = clipGeometry(name, size);
  const width = geometry.width + Math.round(80 * geometry.scale);
  const height = Math.round(size.height * 0.8);
  const clipEnd = crop.y + crop.height;
  return paint({ width, height: height + (height % 2) }, (px, py) => {
    const x = px / geometry.scale + crop.x;
    const y = py / geometry.scale + crop.y;
    const across = Math.abs(x - torso.centerX) / torso.halfWidth;
    const outline = shoulderLine(torso, x);
    const inside = smoothstep(outline - 2, outline + 2, y) * smoothstep(1, 0.985, across);
    const belowClip = smoothstep(torso.fadeFrom, clipEnd - 2, y);
    const besideClip = Math.max(
      smoothstep(crop.x + crop.width - 16, crop.x + crop.width - 2, x),
      smoothstep(crop.x + 66, crop.x + 44, x),
    );
    const below = y - torso.top;
    const armFold = 0.13 * Math.exp(-(((across - 0.7 - below / 4000) / 0.03) ** 2)) * smoothstep(70, 150, below);
    const shade = 1.03 - 0.3 * across ** 4 - 0.0006 * below - armFold;
    return [...scale(torso.rgb, shade), 255 * inside * Math.max(belowClip, besideClip)];
  });
}

/** Height of the shoulders at `x`, pixels of the clip. */
function shoulderLine(torso: TorsoShape, x: number): number {
  const across = Math.min(1, Math.abs(x - torso.centerX) / torso.halfWidth);
  return torso.top + torso.fall * (1 - (1 - across ** torso.roundness) ** (1 / torso.roundness));
}

/** Soft outline of the man in the webcam clip, whose room cannot be keyed out: head, neck, shoulders. */
export function drawWebcamMask(size: Size): Art {
  const { crop, face, torso } = CLIPS.webcam;
  const geometry = clipGeometry('webcam', size);
  const head = {
    x: face.x + face.width / 2,
    y: face.y + face.height * 0.45,
    rx: face.width * 0.595,
    ry: face.height * 0.605,
  };
  const neck = { x: head.x + 6, halfWidth: 40, top: 225, bottom: 240 };
  const soft = 4;
  const data = new Uint8Array(geometry.width * geometry.height);
  for (let py = 0; py < geometry.height; py++) {
    for (let px = 0; px < geometry.width; px++) {
      const x = px / geometry.scale + crop.x;
      const y = py / geometry.scale + crop.y;
      // Squarer above, where the hair is, than at the chin.
      const power = y < head.y ? 2.5 : 2;
      const radius =
        (Math.abs((x - head.x) / head.rx) ** power + Math.abs((y - head.y) / head.ry) ** power) ** (1 / power);
      const headAlpha = smoothstep(1 + soft / head.rx, 1 - soft / head.rx, radius);
      const besideNeck = Math.abs(x - neck.x);
      const neckAlpha =
        smoothstep(neck.halfWidth + soft, neck.halfWidth - soft, besideNeck) * smoothstep(neck.top, neck.bottom, y);
      const outline = shoulderLine(torso, x);
      const shoulders = smoothstep(outline, outline + soft, y);
      data[py * geometry.width + px] = 255 * Math.max(headAlpha, neckAlpha, shoulders);
    }
  }
  return { width: geometry.width, height: geometry.height, pixelFormat: 'gray', data };
}

function paint(size: Size, colourAt: (x: number, y: number) => readonly [...Rgb, alpha: number]): Art {
  const data = new Uint8Array(size.width * size.height * 4);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const dither = grain(x, y);
      const [red, green, blue, alpha] = colourAt(x, y);
      const at = 4 * (y * size.width + x);
      data[at] = clamp(red + dither);
      data[at + 1] = clamp(green + dither);
      data[at + 2] = clamp(blue + dither);
      data[at + 3] = clamp(alpha);
    }
  }
  return { ...size, pixelFormat: 'rgba', data };
}

/** Noise of less than one level either way, the same every time: no bands in soft gradients. */
function grain(x: number, y: number): number {
  const hash = Math.imul(x * 374_761_393 + y * 668_265_263, 1_274_126_177) >>> 0;
  return ((hash >>> 16) / 65_536 - 0.5) * 1.8;
}

const clamp = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));
const scale = (colour: Rgb, by: number): Rgb => [colour[0] * by, colour[1] * by, colour[2] * by];
const mix = (a: Rgb, b: Rgb, t: number): Rgb => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];

/** 0 at `from`, 1 at `to` and beyond, smooth between; `from` may be the larger. */
function smoothstep(from: number, to: number, value: number): number {
  const u = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return u * u * (3 - 2 * u);
}
