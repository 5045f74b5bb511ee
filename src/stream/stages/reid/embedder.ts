import type { Box } from '../../../shared/domain/box.js';
import type { Detection, DetectionSet } from '../../../shared/domain/detection.js';
import type { Embedder, EmbeddingRequest, EmbeddingResult } from '../../domain/embedding.js';
import type { Frame } from '../../../shared/domain/frame.js';
import type { EmbedderEntry } from '../../models/manifest.js';
import type { Alignment, CropAnswer } from './crop-embedder.js';
import type { Crop, CropFlaw } from './face-quality.js';

/** A retained frame with its own detections. */
export interface DetectedPicture extends Pick<Frame, 'handle' | 'width' | 'height'> {
  /** Detections of this frame; absent where detection skipped it. */
  readonly detections?: DetectionSet;
}

/** An embedding, or why there is none. */
export interface CropEmbeddingResult extends EmbeddingResult {
  /** Absent where there is an embedding, and where the request names no detection of the frame. */
  readonly flaw?: CropFlaw;
}

/** Embeds detections of frames; those asked for together are one batch. */
export interface FrameEmbedder extends Embedder<DetectedPicture> {
  /** Name in models/manifest.json. */
  readonly model: string;
  /**
   * One answer for each request, in their order; without an embedding where the crop is not good
   * enough. The frame need not outlive the call: it is retained while it is read.
   */
  embed(requests: readonly EmbeddingRequest[], picture: DetectedPicture): Promise<readonly CropEmbeddingResult[]>;
  /** Waits for embeddings under way, then frees the network; idempotent. */
  close(): Promise<void>;
}

/** The embedder of models/manifest.json that is used where none is named. */
export const DEFAULT_EMBEDDER = 'dlib-face-descriptor';

/** How the manifest's embedder places its subject. */
export function alignmentOf({ alignment }: Pick<EmbedderEntry, 'alignment'>): Alignment {
  if (alignment.type === 'box') return alignment;
  return { type: 'landmarks', points: alignment.points.map(([x, y]) => ({ x, y })) };
}

/**
 * Answers requests in their order: the detections that exist are embedded together.
 *
 * @param embed - gives one answer for each crop, in their order; not called without crops
 */
export async function answerRequests(
  requests: readonly EmbeddingRequest[],
  detections: DetectionSet | undefined,
  embed: (crops: readonly Crop[]) => Promise<readonly CropAnswer[]>,
): Promise<readonly CropEmbeddingResult[]> {
  const crops = requests.map(({ detectionIndex }) => cropOf(detectionIndex, detections));
  const found = crops.filter((crop) => crop !== undefined);
  const answers = found.length === 0 ? [] : await embed(found);
  let next = 0;
  return requests.map((request, i) => {
    const answer = crops[i] && answers[next++];
    return { ...request, embedding: undefined, ...answer };
  });
}

/** The crop of one detection; `undefined` where there is none of this index. */
function cropOf(
  index: number,
  { detections }: Pick<DetectionSet, 'detections'> = { detections: [] },
): Crop | undefined {
  const detection = detections[index];
  if (detection === undefined) return undefined;
  const { landmarks } = detection;
  // A face is covered by another head; bodies side by side overlap all the time.
  const subject = ({ box, head, landmarks: points }: Detection): Box => (points && head) ?? box;
  const others = detections.filter((_, i) => i !== index).map((other) => (landmarks && other.head) ?? subject(other));
  return { box: subject(detection), others, ...(landmarks === undefined ? {} : { landmarks }) };
}
