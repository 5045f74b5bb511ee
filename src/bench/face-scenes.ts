import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { createLogger } from '../shared/telemetry/logger.js';
import { IDENTITY_SCENES } from '../test-camera/identity-scenes.js';
import { renderScene } from '../test-camera/scene-renderer.adapter.js';
import type { Scene } from '../test-camera/scene.js';
import { renderFile, type RenderSteps } from '../offline/render.js';
import { openVisionBackend } from '../stream/backend/open-backend.js';
import { scoreFaces, type ShownFrame } from './face-score.js';
import { rounded } from './measure.js';

/** What a scene gave, or all of them together. */
export interface FaceSceneRow {
  /** Name of the scene; `total` for the sum. */
  readonly scene: string;
  /** An identity on the wrong person for more than 0.5 s after the people are apart. */
  readonly lastingSwaps: number;
  /** The longest of them, seconds; for the sum, of all scenes. */
  readonly longestSwapS: number;
  /** Ids that nobody had, given to a person already known. */
  readonly freshIds: number;
  /** Ids under which the two were shown. */
  readonly ids: number;
  /** Share of the frames with both people in sight and apart in which each is in the right tile. */
  readonly tileRightRatio: number;
  /** Frames that the ratio counts. */
  readonly tileFrames: number;
  /** Embeddings computed / detections associated. */
  readonly activationRatio: number;
  /** Embeddings computed. */
  readonly computed: number;
  /** Detections that became part of a track. */
  readonly associated: number;
  /** Swaps that were noticed and reversed. */
  readonly swapsCorrected: number;
}

/** What `diptych bench faces` prints. */
export interface FaceScenesResult {
  /** Model that found the faces. */
  readonly detector: string;
  /** In the order in which they ran. */
  readonly scenes: readonly FaceSceneRow[];
  /** Over all scenes. */
  readonly total: FaceSceneRow;
  /** Whether the total reaches what is required. */
  readonly met: Readonly<Record<'lastingSwaps' | 'tileRight' | 'activation', boolean>>;
}

/** Detection as thrifty as that of live streams, which a file is spared. */
const AS_LIVE: Partial<RenderSteps> = { openBackend: (options) => openVisionBackend({ ...options, isThrifty: true }) };
const SOURCE = { width: 1920, height: 1080 };
/** What is required. */
const LEAST_TILE_RIGHT = 0.995;
const MOST_ACTIVATION = 0.1;

const boxSchema = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const frameSchema = z.object({
  event: z.literal('frame'),
  sourcePtsMs: z.number(),
  slots: z.array(z.number().nullable()),
  people: z.array(z.object({ trackId: z.number(), state: z.string(), box: boxSchema })),
});

/**
 * Renders scenes of two real people, whose truth is exact, through the whole chain, and scores who
 * was shown as whom and where.
 *
 * @param scenes - @defaultValue all of them
 * @throws {@link DiptychError} if a scene cannot be drawn or rendered, e.g. without ffmpeg or the people's clips.
 */
export async function benchFaceScenes(
  signal: AbortSignal,
  scenes: readonly Scene[] = Object.values(IDENTITY_SCENES),
): Promise<FaceScenesResult> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-faces-'));
  try {
    let detector = '';
    const rows: FaceSceneRow[] = [];
    for (const scene of scenes) {
      const input = await renderScene(scene, { ...SOURCE, audio: 'none' }, { signal });
      const eventsPath = join(folder, `${scene.name}.jsonl`);
      const output = join(folder, 'out.mp4');
      const logger = createLogger({ level: 'warn' });
      const { model, reid } = await renderFile({ input, output, eventsPath, logger, steps: AS_LIVE }, signal);
      detector = model;
      const score = scoreFaces(scene, readFrames(await readFile(eventsPath, 'utf8')), SOURCE);
      const computed = reid?.computed ?? 0;
      const associated = reid?.matched ?? 0;
      rows.push({
        scene: scene.name,
        lastingSwaps: score.lastingSwaps,
        longestSwapS: rounded(score.longestSwapS, 2),
        freshIds: score.freshIds,
        ids: score.ids,
        tileRightRatio: share(score.tileRight, score.tileFrames),
        tileFrames: score.tileFrames,
        activationRatio: share(computed, associated),
        computed,
        associated,
        swapsCorrected: reid?.swapsCorrected ?? 0,
      });
    }
    const total = totalOf(rows);
    return {
      detector,
      scenes: rows,
      total,
      met: {
        lastingSwaps: total.lastingSwaps === 0,
        tileRight: total.tileRightRatio >= LEAST_TILE_RIGHT,
        activation: total.activationRatio < MOST_ACTIVATION,
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The frames of an events file; frames that show no picture of the source are left out. */
function readFrames(text: string): readonly ShownFrame[] {
  return text.split('\n').flatMap((line) => {
    const frame = line === '' ? undefined : frameSchema.safeParse(JSON.parse(line));
    return frame?.success ? [frame.data] : [];
  });
}

function totalOf(rows: readonly FaceSceneRow[]): FaceSceneRow {
  const sum = (of: (row: FaceSceneRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const tileFrames = sum((row) => row.tileFrames);
  const associated = sum((row) => row.associated);
  const computed = sum((row) => row.computed);
  return {
    scene: 'total',
    lastingSwaps: sum((row) => row.lastingSwaps),
    longestSwapS: Math.max(0, ...rows.map((row) => row.longestSwapS)),
    freshIds: sum((row) => row.freshIds),
    ids: sum((row) => row.ids),
    tileRightRatio: share(
      sum((row) => row.tileRightRatio * row.tileFrames),
      tileFrames,
    ),
    tileFrames,
    activationRatio: share(computed, associated),
    computed,
    associated,
    swapsCorrected: sum((row) => row.swapsCorrected),
  };
}

/** A share of nothing is whole. */
const share = (part: number, whole: number): number => (whole > 0 ? rounded(part / whole, 4) : 1);
