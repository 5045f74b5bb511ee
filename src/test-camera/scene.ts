import { area, intersectionArea, type Box, type Point, type Size } from '../shared/domain/box.js';
import { CLIPS, type ClipName } from './clips.js';

/** Where a person stands at a time; between two points they walk with a soft start and stop. */
export interface PathPoint {
  /** Seconds of the scene. */
  readonly tS: number;
  /** Centre of the face, fraction of the picture's width; outside 0 … 1 is out of the picture. */
  readonly x: number;
}

/** A swing around the path: a sine in each axis. */
export interface Sway {
  /** Fractions of the picture's height. */
  readonly xRatio: number;
  /** Fraction of the picture's height, up and down. */
  readonly yRatio: number;
  /** Must go into the scene's length a whole number of times. */
  readonly periodS: number;
  /** Where the sine begins, radians. */
  readonly phase: number;
}

/** One person of a scene: whose face, and which way it goes. */
export interface ScenePerson {
  /** The clip that the face is taken from. */
  readonly clip: ClipName;
  /** Rising times; the first and last `x` are equal, so that the scene goes round. */
  readonly path: readonly [PathPoint, ...PathPoint[]];
  /** Centre of the face, fraction of the picture's height. */
  readonly y: number;
  /** Absent: moves along the path only. */
  readonly sway?: Sway;
}

/** People who move along formulas, so that the truth is known for every frame. */
export interface Scene {
  /** Name of the scene; part of the name of the rendered file. */
  readonly name: string;
  /** Length until it begins again, seconds. */
  readonly durationS: number;
  /** At least one; the index is the person's number. */
  readonly people: readonly ScenePerson[];
  /** Who stands in front of the others from a time on; person 0 before the first entry. */
  readonly front: readonly { readonly fromS: number; readonly person: number }[];
  /** Frame numbers on the people's chests; for people who stand still. See timecode.ts. */
  readonly hasTimecode: boolean;
  /**
   * How far the camera has turned: `x` shifts everything in the picture to the right by that
   * fraction of its width. Two points less than a frame apart make a jump.
   */
  readonly camera?: readonly [PathPoint, ...PathPoint[]];
}

/** What is true of one person in one frame. Pixels of a picture of the asked size. */
export interface PersonTruth {
  /** Index in the scene's people. */
  readonly person: number;
  /** Forehead to chin, as face detectors draw it; may lie outside the picture. */
  readonly face: Box;
  /** Whether nobody stands in front of this person. */
  readonly isFront: boolean;
  /** Part of the face that can be seen, 0 … 1: inside the picture and not behind the other. */
  readonly visibleRatio: number;
}

/** Height of a face, fraction of the picture's height. */
export const FACE_HEIGHT_RATIO = 230 / 1080;
/** Head with hair and ears, and shoulders, relative to the face box: what hides whoever is behind. */
const HEAD = { widthRatio: 1.3, aboveRatio: 0.3 };
const SHOULDERS = { widthRatio: 2.9, belowRatio: 0.12 };

/** Truth of a person at `tS` (any time ≥ 0: the scene goes round). */
export function positionAt(scene: Scene, person: number, tS: number, size: Size): PersonTruth {
  const time = tS % scene.durationS;
  const face = faceAt(scene, person, time, size);
  const frontPerson = frontAt(scene, time);
  const isFront = person === frontPerson;
  const picture = { x: 0, y: 0, ...size };
  let visible = intersectionArea(face, picture);
  if (!isFront && visible > 0) {
    const shown = clip(face, picture);
    const [head, shoulders] = silhouette(faceAt(scene, frontPerson, time, size));
    visible -= intersectionArea(shown, head) + intersectionArea(shown, shoulders);
  }
  return { person, face, isFront, visibleRatio: Math.min(1, Math.max(0, visible / area(face))) };
}

/** Who stands in front at `tS`. */
export function frontAt(scene: Scene, tS: number): number {
  return scene.front.findLast(({ fromS }) => fromS <= tS)?.person ?? 0;
}

/**
 * Top left corner of a person's clip in the picture: even pixels, because chroma has half the
 * resolution. The renderer draws it there (`cornerExpression` is the same formula for ffmpeg).
 */
export function cornerAt(scene: Scene, person: number, tS: number, size: Size): Point {
  const { clip: name, path, y, sway } = personOf(scene, person);
  const { anchor } = clipGeometry(name, size);
  const turn = sway === undefined ? 0 : (2 * Math.PI * tS) / sway.periodS + sway.phase;
  const x = (walked(path, tS) + panAt(scene, tS)) * size.width + (sway?.xRatio ?? 0) * size.height * Math.sin(turn);
  return {
    x: even(x - anchor.x),
    y: even((y + (sway?.yRatio ?? 0) * Math.sin(2 * turn)) * size.height - anchor.y),
  };
}

/** `cornerAt` in ffmpeg's expression language, of the variable `t` in seconds. */
export function cornerExpression(scene: Scene, person: number, size: Size): { readonly x: string; readonly y: string } {
  const { clip: name, path, y, sway } = personOf(scene, person);
  const { anchor } = clipGeometry(name, size);
  const turn = sway === undefined ? '0' : `(2*PI*t/${sway.periodS}+${sway.phase})`;
  const pan = scene.camera === undefined ? '' : `+${panExpression(scene.camera, size)}`;
  const x = `(${walkedExpression(path)})*${size.width}${pan}+${(sway?.xRatio ?? 0) * size.height}*sin(${turn})`;
  return {
    x: `2*round((${x}-${anchor.x})/2)`,
    y: `2*round(((${y}+${sway?.yRatio ?? 0}*sin(2*${turn}))*${size.height}-${anchor.y})/2)`,
  };
}

/** How far everything is shifted to the right at `tS`, fraction of the picture's width. */
export function panAt({ camera }: Scene, tS: number): number {
  return camera === undefined ? 0 : walked(camera, tS);
}

/** `panAt` in ffmpeg's expression language, pixels. */
export function panExpression(camera: NonNullable<Scene['camera']>, size: Size): string {
  return `(${walkedExpression(camera)})*${size.width}`;
}

/** Size of a scaled clip, pixels, and where its face is. */
export interface ClipGeometry extends Size {
  /** Pixels of the picture for one of the clip. */
  readonly scale: number;
  /** Centre of the face in the scaled clip, pixels. */
  readonly anchor: Point;
  /** Size of the face in the scaled clip, pixels. */
  readonly face: Size;
}

/** How a clip is scaled into a picture of this size; width and height are even. */
export function clipGeometry(name: ClipName, size: Size): ClipGeometry {
  const { crop, face } = CLIPS[name];
  const scale = (FACE_HEIGHT_RATIO * size.height) / face.height;
  return {
    scale,
    width: even(crop.width * scale),
    height: even(crop.height * scale),
    anchor: { x: (face.x + face.width / 2 - crop.x) * scale, y: (face.y + face.height / 2 - crop.y) * scale },
    face: { width: face.width * scale, height: face.height * scale },
  };
}

function faceAt(scene: Scene, person: number, tS: number, size: Size): Box {
  const { anchor, face } = clipGeometry(personOf(scene, person).clip, size);
  const corner = cornerAt(scene, person, tS, size);
  return { x: corner.x + anchor.x - face.width / 2, y: corner.y + anchor.y - face.height / 2, ...face };
}

function silhouette(face: Box): readonly [head: Box, shoulders: Box] {
  const middle = face.x + face.width / 2;
  const headWidth = face.width * HEAD.widthRatio;
  const top = face.y - face.height * HEAD.aboveRatio;
  const shoulderTop = face.y + face.height * (1 + SHOULDERS.belowRatio);
  const shoulderWidth = face.width * SHOULDERS.widthRatio;
  return [
    { x: middle - headWidth / 2, y: top, width: headWidth, height: shoulderTop - top },
    { x: middle - shoulderWidth / 2, y: shoulderTop, width: shoulderWidth, height: face.height * 3 },
  ];
}

function clip(box: Box, bounds: Box): Box {
  const x = Math.max(box.x, bounds.x);
  const y = Math.max(box.y, bounds.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(box.x + box.width, bounds.x + bounds.width) - x),
    height: Math.max(0, Math.min(box.y + box.height, bounds.y + bounds.height) - y),
  };
}

/** x along the path; smoothstep u²(3 − 2u) between neighbouring points. */
function walked(path: ScenePerson['path'], tS: number): number {
  let { x } = path[0];
  for (const [from, to] of legs(path)) {
    const u = Math.min(1, Math.max(0, (tS - from.tS) / (to.tS - from.tS)));
    x += (to.x - from.x) * u * u * (3 - 2 * u);
  }
  return x;
}

function walkedExpression(path: ScenePerson['path']): string {
  const steps = legs(path)
    .filter(([from, to]) => from.x !== to.x)
    .map(([from, to]) => {
      const u = `clip((t-${from.tS})/${to.tS - from.tS},0,1)`;
      return `${to.x - from.x}*pow(${u},2)*(3-2*${u})`;
    });
  return [String(path[0].x), ...steps].join('+');
}

function legs(path: ScenePerson['path']): readonly (readonly [PathPoint, PathPoint])[] {
  return path.slice(1).map((to, i) => [path[i] ?? path[0], to] as const);
}

function personOf(scene: Scene, person: number): ScenePerson {
  const found = scene.people[person];
  if (found === undefined) throw new RangeError(`person: expected 0 … ${scene.people.length - 1}, got ${person}`);
  return found;
}

const even = (value: number): number => 2 * Math.round(value / 2);
