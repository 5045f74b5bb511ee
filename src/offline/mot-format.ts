import type { Detection, DetectionSet, SubjectKind } from '../shared/domain/detection.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { Track } from '../shared/domain/track.js';

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
 * Reads MOTChallenge detections: `frame,id,x,y,width,height,score,…`, one a line, frames counted
 * from 1, in any order. Frames between the first and the last one without a line come back empty,
 * because for a tracker a frame without detections is a step too.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` with the line that cannot be read
 */
export function readMotDetections(text: string, { fps, kind, fileName }: MotReadOptions): MotDetectionSet[] {
  const found: { detections: Detection[]; rows: number[] }[] = [];
  let row = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [frame = NaN, , x = NaN, y = NaN, width = NaN, height = NaN, score = 1] = line.split(/[,\s]+/, 7).map(Number);
    if (
      !Number.isInteger(frame) ||
      frame < 1 ||
      ![x, y, score].every(Number.isFinite) ||
      !(width > 0) ||
      !(height > 0)
    ) {
      throw new DiptychError(
        'DIPTYCH_E_BAD_INPUT',
        `${fileName}:${index + 1} is not "frame,id,x,y,width,height,score" with a frame ≥ 1 and a width and height > 0: ${line.trim().slice(0, 80)}`,
      );
    }
    const set = (found[frame - 1] ??= { detections: [], rows: [] });
    set.detections.push({ box: { x, y, width, height }, score, kind });
    set.rows.push(row);
    row += 1;
  }
  return Array.from(found, (set: { detections: Detection[]; rows: number[] } | undefined, index) => ({
    frame: index + 1,
    ptsMs: (index * 1000) / fps,
    detections: set?.detections ?? [],
    rows: set?.rows ?? [],
  }));
}

/** One line of a MOTChallenge result file, with its line end. */
export function formatMotRow(frame: number, { id, box, score }: Track): string {
  const { x, y, width, height } = box;
  return `${frame},${id},${x.toFixed(2)},${y.toFixed(2)},${width.toFixed(2)},${height.toFixed(2)},${score.toFixed(3)},-1,-1,-1\n`;
}
