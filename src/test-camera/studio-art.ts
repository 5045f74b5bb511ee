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

/** Shirt, shoulders and arms below a head; `Art` begins at the clip's top left corner less `TORSO_MARGIN`. */
export function drawTorso(name: ClipName, size: Size): Art {
  const { crop, torso } = CLIPS[name];
  const geometry = clipGeometry(name, size);
  const width = geometry.width + 2 * torsoMargin(name, size);
  const height = Math.round(size.height * 0.8);
  const clipEnd = crop.y + crop.height;
  return paint({ width, height: height + (height % 2) }, (px, py) => {
    const x = (px - torsoMargin(name, size)) / geometry.scale + crop.x;
    const y = py / geometry.scale + crop.y;
    const opening = openingDepth(torso, x, y);
    const cloth = coverage(torso, x, y) * (1 - smoothstep(1.04, 0.98, opening));
    const skin = smoothstep(1.02, 0.98, opening) * smoothstep(clipEnd - 12, clipEnd - 3, y);
    if (cloth + skin === 0) return [0, 0, 0, 0];
    const colour = mix(torso.skinRgb, scale(torso.rgb, clothLight(torso, x, y, opening)), cloth / (cloth + skin));
    return [...colour, 255 * Math.min(1, cloth + skin)];
  });
}

/** How far the drawn torso reaches beyond either side of the scaled clip, pixels; even. */
export function torsoMargin(name: ClipName, size: Size): number {
  return 2 * Math.round(30 * clipGeometry(name, size).scale);
}

/** 1 inside the outline of the shirt, 0 outside. */
function coverage(torso: TorsoShape, x: number, y: number): number {
  const outline = shoulderLine(torso, x, y);
  return smoothstep(outline - 1.5, outline + 1.5, y) * smoothstep(1, 0.985, armReach(torso, x, y));
}

/** How far out `x` is: 1 at the outside of the arms, which stand off a little. */
function armReach(torso: TorsoShape, x: number, y: number): number {
  const below = Math.max(0, y - torso.top - torso.shoulder.drop);
  return Math.abs(x - torso.centerX) / (torso.halfWidth + 0.07 * below);
}

/** Height of the shoulders at `x`: steep beside the neck, nearly level on the shoulder, round at the arm. */
function shoulderLine(torso: TorsoShape, x: number, y: number): number {
  const { top, neckHalfWidth, shoulder, halfWidth } = torso;
  const across = armReach(torso, x, y) * halfWidth;
  const level = top + shoulder.drop;
  if (across < shoulder.halfWidth) {
    const along = Math.max(0, (across - neckHalfWidth) / (shoulder.halfWidth - neckHalfWidth));
    return top + shoulder.drop * (1 - (1 - along) ** 1.5);
  }
  const over = Math.min(1, (across - shoulder.halfWidth) / (halfWidth - shoulder.halfWidth));
  return level + 1.5 * (halfWidth - shoulder.halfWidth) * (1 - Math.sqrt(1 - over ** 2));
}

/** How deep a point lies in the opening of the collar: less than 1 inside. */
function openingDepth({ centerX, top, neckline }: TorsoShape, x: number, y: number): number {
  const across = Math.abs(x - centerX) / neckline.halfWidth;
  return y < top ? Math.max(across, (across + 1) / 2) : Math.hypot(across, (y - top) / neckline.depth);
}

/** How bright the cloth is at a point, 1 for its own colour: rounded bodies, folds, a ribbed collar, a knit. */
function clothLight(torso: TorsoShape, x: number, y: number, opening: number): number {
  const across = armReach(torso, x, y);
  const side = Math.sign(x - torso.centerX);
  const below = y - torso.top;
  // The arm begins where the armpit is, and further in above it.
  const seamAt = 0.72 - 0.05 * smoothstep(torso.armpit, 0, below);
  const arm = smoothstep(seamAt - 0.02, seamAt + 0.02, across) * smoothstep(torso.armpit * 0.55, torso.armpit, below);
  const inArm = (across - seamAt) / (1 - seamAt);
  const chestShade = 1.05 - 0.2 * across ** 3;
  const armShade = 1.02 - 0.42 * Math.abs(inArm - 0.42) ** 1.6;
  const shade = chestShade * (1 - arm) + armShade * arm;
  const seam =
    0.34 * Math.exp(-(((across - seamAt) / 0.022) ** 2)) * smoothstep(torso.armpit * 0.6, torso.armpit * 1.15, below);
  const shoulderGlow = 0.09 * Math.exp(-(((y - shoulderLine(torso, x, y) - 10) / 16) ** 2));
  const chinShadow = 0.22 * Math.exp(-(((opening - 1) / 0.35) ** 2));
  const lightFrom = -0.05 * side * across;
  const folds =
    0.03 * fold(x - torso.centerX, below, [0.5 * side * torso.halfWidth, torso.armpit * 0.95], 0.8 * side) -
    0.035 * fold(x - torso.centerX, below, [-0.6 * torso.halfWidth, torso.armpit * 1.1], -0.5) -
    0.03 * fold(x - torso.centerX, below, [0.58 * torso.halfWidth, torso.armpit * 1.3], 0.9);
  const collar = torso.hasCollar ? collarRib(x - torso.centerX, below, opening) : 0;
  const cloth = 0.05 * smoothNoise(x / 34, y / 60) + 0.035 * smoothNoise(x / 3, y / 2.2);
  return shade + shoulderGlow + lightFrom + folds + collar + cloth - seam - chinShadow - 0.0004 * below;
}

/** A soft streak that starts at a point and runs to the middle, falling by `slope` for each pixel across. */
function fold(x: number, y: number, [fromX, fromY]: readonly [number, number], slope: number): number {
  const along = Math.abs(x - fromX) / 70;
  const off = y - fromY - (fromX - x) * slope * 0.6;
  return Math.exp(-((off / 9) ** 2)) * Math.exp(-(along ** 2));
}

/** A band round the opening with a shadow below it and fine ribs across. */
function collarRib(x: number, y: number, opening: number): number {
  const inBand = smoothstep(0.98, 1.01, opening) * smoothstep(1.17, 1.14, opening);
  const edge = -0.16 * Math.exp(-(((opening - 1.17) / 0.02) ** 2));
  return inBand * (0.05 + 0.03 * Math.sin(Math.atan2(y, x) * 90)) + edge;
}

/** Where a person's clip is kept, white on black: for a clip that is keyed, beside its key. */
export function drawMask(name: ClipName, size: Size): Art {
  return name === 'webcam' ? drawWebcamMask(size) : drawBluescreenMask(size);
}

/** Soft outline of the man in the webcam clip, whose room cannot be keyed out: head, and neck down to the collar. */
function drawWebcamMask(size: Size): Art {
  const { face, torso } = CLIPS.webcam;
  const head = { x: face.x + face.width / 2, y: face.y + face.height * 0.45, ry: face.height * 0.6 };
  const soft = 4;
  return paintMask('webcam', size, (x, y) => {
    // Squarer above, where the hair is, than at the chin, and wider at the ears.
    const power = y < head.y ? 2.5 : 2;
    const rx = face.width * (0.565 + 0.03 * smoothstep(face.y + 10, face.y + 50, y));
    const radius = (Math.abs((x - head.x) / rx) ** power + Math.abs((y - head.y) / head.ry) ** power) ** (1 / power);
    const headAlpha = smoothstep(1 + soft / rx, 1 - soft / rx, radius);
    const atCollar = smoothstep(torso.top - 14, torso.top + 6, y);
    const besideNeck = Math.abs(x - head.x - 3 - (torso.centerX - head.x - 3) * atCollar);
    const halfWidth = 36 + 16 * atCollar;
    const neckAlpha = smoothstep(halfWidth + soft, halfWidth - soft, besideNeck) * smoothstep(225, 240, y);
    return Math.max(headAlpha, neckAlpha);
  });
}

/** What is kept of the man before the blue screen: his head, and what lies inside his collar. */
function drawBluescreenMask(size: Size): Art {
  const { torso } = CLIPS.bluescreen;
  return paintMask('bluescreen', size, (x, y) => {
    const { halfWidth } = torso.neckline;
    const besideNeck = Math.abs(x - torso.centerX);
    return Math.max(smoothstep(212, 200, y), smoothstep(halfWidth + 3, halfWidth - 3, besideNeck));
  });
}

/** A grey picture over the whole scaled clip; `alphaAt` takes pixels of the clip, gives 0 … 1. */
function paintMask(name: ClipName, size: Size, alphaAt: (x: number, y: number) => number): Art {
  const { crop } = CLIPS[name];
  const { width, height, scale: perPixel } = clipGeometry(name, size);
  const data = new Uint8Array(width * height);
  for (let py = 0; py < height; py++) {
    for (let px = 0; px < width; px++) {
      data[py * width + px] = 255 * alphaAt(px / perPixel + crop.x, py / perPixel + crop.y);
    }
  }
  return { width, height, pixelFormat: 'gray', data };
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
const grain = (x: number, y: number): number => noiseAt(x, y) * 1.8;

/** -0.5 … 0.5, the same every time. */
function noiseAt(x: number, y: number): number {
  const hash = Math.imul(x * 374_761_393 + y * 668_265_263, 1_274_126_177) >>> 0;
  return (hash >>> 16) / 65_536 - 0.5;
}

/** Noise without edges, -0.5 … 0.5, of about one unit's size. */
function smoothNoise(x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const across = smoothstep(0, 1, x - left);
  const row = (at: number): number => noiseAt(left, at) * (1 - across) + noiseAt(left + 1, at) * across;
  const down = smoothstep(0, 1, y - top);
  return row(top) * (1 - down) + row(top + 1) * down;
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
