import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DiptychError } from '../shared/domain/errors.js';
import type { EmbeddingRequest, EmbeddingResult } from '../stream/domain/embedding.js';
import { readMotDetections, type MotDetectionSet } from './mot-format.js';
import type { TrackSource } from './track.js';

/** The frame rate of a MOT file where none is given. */
const DEFAULT_FPS = 30;
/** Length of one line of an `emb.i8`. */
const EMBEDDING_LENGTH = 64;

/**
 * Opens a MOT `det.txt`. Without `fps` the frame rate comes from a `seqinfo.ini` beside the file or
 * one folder up, as MOTChallenge lays it, else it is 30.
 *
 * @param embeddingsPath - an `emb.i8`: 64 signed bytes for every line of the file
 * @throws {@link DiptychError} `DIPTYCH_E_USAGE` where a file cannot be read, `DIPTYCH_E_BAD_INPUT`
 * where it is not of its format.
 */
export async function openMotFile(
  path: string,
  fps?: number,
  embeddingsPath?: string,
): Promise<TrackSource<MotDetectionSet>> {
  const text = (await readInput(path)).toString('utf8');
  const rate = fps ?? (await frameRateBeside(path)) ?? DEFAULT_FPS;
  const sets = readMotDetections(text, { fps: rate, kind: 'face', fileName: path });
  const durationMs = (): number => (sets.length * 1000) / rate;
  if (embeddingsPath === undefined) return { fps: rate, sets, durationMs };
  const rows = sets.reduce((sum, set) => sum + set.rows.length, 0);
  const bytes = await readInput(embeddingsPath);
  if (bytes.length !== rows * EMBEDDING_LENGTH) {
    throw new DiptychError(
      'DIPTYCH_E_BAD_INPUT',
      `${embeddingsPath} has ${bytes.length} bytes, but ${path} has ${rows} lines: expected ${EMBEDDING_LENGTH} bytes a line, ${rows * EMBEDDING_LENGTH}`,
    );
  }
  const values = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    fps: rate,
    sets,
    durationMs,
    embedder: { metric: 'cosine', embed: (requests, set) => embeddingsOf(values, requests, set) },
  };
}

function embeddingsOf(
  values: Int8Array,
  requests: readonly EmbeddingRequest[],
  { rows }: MotDetectionSet,
): readonly EmbeddingResult[] {
  return requests.map((request) => {
    const start = EMBEDDING_LENGTH * rows[request.detectionIndex]!;
    return { ...request, embedding: Float32Array.from(values.subarray(start, start + EMBEDDING_LENGTH)) };
  });
}

async function readInput(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw new DiptychError('DIPTYCH_E_USAGE', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  });
}

async function frameRateBeside(path: string): Promise<number | undefined> {
  for (const folder of [dirname(path), dirname(dirname(path))]) {
    const info = await readFile(join(folder, 'seqinfo.ini'), 'utf8').catch(() => '');
    const rate = Number(/^\s*frameRate\s*=\s*([\d.]+)/im.exec(info)?.[1]);
    if (rate > 0) return rate;
  }
  return undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
