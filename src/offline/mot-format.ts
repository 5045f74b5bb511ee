import type { Detection, DetectionSet, SubjectKind } from '../shared/domain/detection.js';
import { DiptychError } from '../shared/domain/errors.js';
import { shownBox, type Track } from '../shared/domain/track.js';

/** The detections of one frame and where in the file they stood. */
export interface MotDetectionSet extends DetectionSet {
  /** 1-based number of the frame. */
  readonly frame: number;
  /** Line of each detection, counted from 0 over the lines that are not blank. */
  readonly rows: readonly number[];
}

/** What a det.txt does not say itself. */
export interface MotReadOptions {
  /** Frames a second; sets the PTS of frame f to (f − 1) / fps. */
  readonly fps: number;
  /** What the boxes enclose; the format does not say. */
  readonly kind: SubjectKind;
  /** Named in errors. */
  readonly fileName: string;
}

/**
 * Frames without a line between two with one: an hour at 30 frames a second. Each is a step of its own, and
 * so one wrong number could take hours.
 */
const MAX_GAP = 108_000;
/** Matching takes time by the third power of their number. */
const MAX_DETECTIONS = 500;
/** Farther than any picture is wide, pixels. */
const FARTHEST = 1_000_000;
const MAX_SHOWN = 80;

/**
 * Reads MOTChallenge detections: `frame,id,x,y,width,height,score,…`, one a line, frames counted
 * from 1, in any order. Frames between the first and the last one without a line come back empty,
 * because for a tracker a frame without detections is a step too.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` with the line that cannot be read
 */
export function readMotDetections(text: string, { fps, kind, fileName }: MotReadOptions): MotDetectionSet[] {
  const found = new Map<number, { detections: Detection[]; rows: number[] }>();
  let row = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const wrong = (what: string): DiptychError =>
      new DiptychError('DIPTYCH_E_BAD_INPUT', `${fileName}:${index + 1} ${what}: ${shown(line)}`);
    const { frame, detection } = readLine(line, kind) ?? {};
    if (frame === undefined || detection === undefined) {
      throw wrong(`is not "frame,id,x,y,width,height,score" with a frame ≥ 1 and a width and height > 0`);
    }
    const set = found.get(frame) ?? { detections: [], rows: [] };
    found.set(frame, set);
    if (set.detections.length === MAX_DETECTIONS) {
      throw wrong(`is one of more than ${MAX_DETECTIONS} in a frame; leave out those with low scores`);
    }
    set.detections.push(detection);
    set.rows.push(row);
    row += 1;
  }
  const last = lastFrame([...found.keys()], fileName);
  return Array.from({ length: last }, (_, index) => ({
    frame: index + 1,
    ptsMs: (index * 1000) / fps,
    detections: found.get(index + 1)?.detections ?? NOTHING,
    rows: found.get(index + 1)?.rows ?? NOTHING,
  }));
}

function lastFrame(frames: number[], fileName: string): number {
  let last = 0;
  for (const frame of frames.sort((a, b) => a - b)) {
    if (frame - last > MAX_GAP) {
      throw new DiptychError(
        'DIPTYCH_E_BAD_INPUT',
        `${fileName} has no line for the ${frame - last - 1} frames before frame ${frame}, and ${MAX_GAP} at most may be empty; correct the number, or count the frames from 1`,
      );
    }
    last = frame;
  }
  return last;
}

/** Of the many frames in which nobody is, all share one. */
const NOTHING: readonly never[] = [];

function readLine(line: string, kind: SubjectKind): { frame: number; detection: Detection } | undefined {
  const [frame = NaN, , x = NaN, y = NaN, width = NaN, height = NaN, score = 1] = line.split(/[,\s]+/, 7).map(Number);
  if (!Number.isInteger(frame) || frame < 1 || !Number.isFinite(score)) return undefined;
  if (![x, y, width, height].every((side) => Math.abs(side) <= FARTHEST) || width <= 0 || height <= 0) return undefined;
  return { frame, detection: { box: { x, y, width, height }, score, kind } };
}

const shown = (line: string): string =>
  line
    .trim()
    .slice(0, MAX_SHOWN)
    .replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD');

/** One line of a MOTChallenge result file, with its line end. */
export function formatMotRow(frame: number, track: Track): string {
  const { x, y, width, height } = shownBox(track);
  const { id, score } = track;
  return `${frame},${id},${x.toFixed(2)},${y.toFixed(2)},${width.toFixed(2)},${height.toFixed(2)},${score.toFixed(3)},-1,-1,-1\n`;
}
