import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { DetectionSet } from '#domain/detection.js';
import { DiptychError } from '#domain/errors.js';
import type { Percentiles } from '#domain/stream-status.js';
import { ByteTracker } from '#stages/track/byte-tracker.js';
import { formatMotRow, readMotDetections } from '#stages/track/mot-format.js';

/** What is tracked: detection sets in order of their PTS, one for every frame. */
export interface TrackSource {
  /** Frames a second, constant. */
  readonly fps: number;
  readonly sets: Iterable<DetectionSet> | AsyncIterable<DetectionSet>;
}

export interface TrackOutputs {
  /** Result file in MOT format, frames counted from 1. */
  readonly outPath: string;
  /** One JSON object a line. */
  readonly eventsPath?: string;
}

/** What `diptych track` prints as its last line. */
export interface TrackSummary {
  readonly frames: number;
  /** The tracker's own time, milliseconds. */
  readonly msPerFrame: Percentiles;
  /** Detections that were associated to tracks. */
  readonly detections: number;
  readonly reid: {
    readonly computed: number;
    readonly activationRatio: number;
    readonly swapsSuspected: number;
    readonly swapsCorrected: number;
  };
}

/** The frame rate of a MOT file that nobody names. */
const DEFAULT_FPS = 30;

/** Tracks a whole source and writes what was found, frame by frame, never taking a line back. */
export async function trackSource({ fps, sets }: TrackSource, outputs: TrackOutputs): Promise<TrackSummary> {
  const tracker = new ByteTracker({ stepMs: 1000 / fps });
  const out = createWriteStream(outputs.outPath);
  const ended = finished(out).catch((error: unknown) => {
    throw new DiptychError('DIPTYCH_E_USAGE', `cannot write ${outputs.outPath}: ${messageOf(error)}`, { cause: error });
  });
  const times: number[] = [];
  let frames = 0;
  let detections = 0;
  for await (const set of sets) {
    frames += 1;
    const begunMs = performance.now();
    const tracks = tracker.update(set);
    times.push(performance.now() - begunMs);
    let lines = '';
    for (const track of tracks) {
      if (track.detectionIndex !== undefined) detections += 1;
      if (track.state === 'tracked') lines += formatMotRow(frames, track);
    }
    out.write(lines);
  }
  out.end();
  await ended;
  return {
    frames,
    msPerFrame: percentilesOf(times),
    detections,
    reid: { computed: 0, activationRatio: 0, swapsSuspected: 0, swapsCorrected: 0 },
  };
}

/**
 * Opens a MOT `det.txt`. Without `fps` the frame rate comes from a `seqinfo.ini` beside the file or
 * one folder up, as MOTChallenge lays it, else it is 30.
 */
export async function openMotFile(path: string, fps?: number): Promise<TrackSource> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DiptychError('DIPTYCH_E_USAGE', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  });
  const rate = fps ?? (await frameRateBeside(path)) ?? DEFAULT_FPS;
  return { fps: rate, sets: readMotDetections(text, { fps: rate, kind: 'face', fileName: path }) };
}

async function frameRateBeside(path: string): Promise<number | undefined> {
  for (const folder of [dirname(path), dirname(dirname(path))]) {
    const info = await readFile(join(folder, 'seqinfo.ini'), 'utf8').catch(() => '');
    const rate = Number(/^\s*frameRate\s*=\s*([\d.]+)/im.exec(info)?.[1]);
    if (rate > 0) return rate;
  }
  return undefined;
}

function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
