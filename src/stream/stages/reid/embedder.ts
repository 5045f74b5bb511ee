import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { Embedder, EmbeddingRequest, EmbeddingResult } from '../../domain/embedding.js';
import type { Frame } from '../../../shared/domain/frame.js';
import type { EmbedderEntry } from '../../models/manifest.js';
import type { Alignment, CropAnswer } from './crop-embedder.js';
import type { Crop, CropFlaw } from './face-quality.js';

/** A frame, alive, with what was found in this very frame. */
export interface DetectedPicture extends Pick<Frame, 'handle' | 'width' | 'height'> {
  readonly detections?: DetectionSet;
}

/** An answer that says why, where there is no embedding. */
export interface CropEmbeddingResult extends EmbeddingResult {
  readonly flaw?: CropFlaw;
}

/** Embeds detections of frames, those asked for together in one batch. */
export interface FrameEmbedder extends Embedder<DetectedPicture> {
  /** Name in models/manifest.json. */
  readonly model: string;
  /**
   * One answer for each request, in their order; without an embedding where the crop is not good
   * enough. The frame need not outlive the call: it is retained until it was read.
   */
  embed(requests: readonly EmbeddingRequest[], picture: DetectedPicture): Promise<readonly CropEmbeddingResult[]>;
  /** Answers what was asked before, then ends; idempotent. */
  close(): Promise<void>;
}

export const DEFAULT_EMBEDDER = 'dlib-face-descriptor';

/** How the manifest's embedder places its subject. */
export function alignmentOf({ alignment }: Pick<EmbedderEntry, 'alignment'>): Alignment {
  if (alignment.type === 'box') return alignment;
  return { type: 'landmarks', points: alignment.points.map(([x, y]) => ({ x, y })) };
}

/**
 * Answers requests in their order by asking about those detections that there are, all at once.
 *
 * @param ask - gives one answer for each crop, in their order
 */
export async function answerRequests(
  requests: readonly EmbeddingRequest[],
  detections: DetectionSet | undefined,
  ask: (crops: readonly Crop[]) => Promise<readonly CropAnswer[]>,
): Promise<readonly CropEmbeddingResult[]> {
  const crops = requests.map(({ detectionIndex }) => cropOf(detectionIndex, detections));
  const asked = crops.filter((crop) => crop !== undefined);
  const answers = asked.length === 0 ? [] : await ask(asked);
  let next = 0;
  return requests.map((request, i) => {
    const answer = crops[i] && answers[next++];
    return { ...request, embedding: undefined, ...answer };
  });
}

/** One detection among the others; `undefined` where there is none of this index. */
function cropOf(
  index: number,
  { detections }: Pick<DetectionSet, 'detections'> = { detections: [] },
): Crop | undefined {
  const detection = detections[index];
  if (detection === undefined) return undefined;
  const { box, landmarks } = detection;
  const others = detections.filter((_, i) => i !== index).map((other) => other.box);
  return { box, others, ...(landmarks === undefined ? {} : { landmarks }) };
}
