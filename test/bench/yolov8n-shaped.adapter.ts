import { writeFile } from 'node:fs/promises';
import { OnnxSession } from '#src/stream/inference/onnx-session.adapter.js';
import { buildOnnx } from '#src/stream/onnx/onnx-builder.js';
import {
  ANCHORS,
  buildYolov8nShaped,
  CLASSES,
  INPUT_SIDE,
  STRIDES,
  type Yolov8nShapedOptions,
} from './yolov8n-shaped.js';

export interface CalibratedOptions extends Pick<Yolov8nShapedOptions, 'seed'> {
  /** What the network shall find `candidates` in: 3×640×640, red, green, blue, 0 … 1. */
  readonly picture: Float32Array;
  /** Anchors of {@link ANCHORS} with a score of at least {@link SCORE} in that picture. @defaultValue 150 */
  readonly candidates?: number;
}

/** What a candidate's score is at least. */
const SCORE = 0.25;

/**
 * Writes a YOLOv8n-shaped network whose scores are as rare as those of a network that knows people:
 * the class biases are set by what comes out for one picture.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where ONNX Runtime can't run it.
 */
export async function writeYolov8nShaped(
  path: string,
  { picture, candidates = 150, ...seed }: CalibratedOptions,
): Promise<void> {
  await writeFile(path, buildOnnx(buildYolov8nShaped(seed)));
  const session = await OnnxSession.open({ path, threads: 2 });
  try {
    const [output] = await session.run(picture, [1, 3, INPUT_SIDE, INPUT_SIDE]);
    const classBiases = biasesFor(output!.data.subarray(4 * ANCHORS), candidates);
    await writeFile(path, buildOnnx(buildYolov8nShaped({ ...seed, classBiases })));
  } finally {
    await session.close();
  }
}

/** @param scores - [classes, anchors] of a network whose biases are 0 */
function biasesFor(scores: Float32Array, candidates: number): readonly Float32Array[] {
  const logits = scores.map(logit);
  const best = new Float32Array(ANCHORS).fill(-Infinity);
  const biases: Float32Array[] = [];
  let start = 0;
  for (const stride of STRIDES) {
    const end = start + (INPUT_SIDE / stride) ** 2;
    const bias = new Float32Array(CLASSES);
    for (let k = 0; k < CLASSES; k++) {
      const ofClass = logits.subarray(k * ANCHORS + start, k * ANCHORS + end);
      const mean = ofClass.reduce((sum, value) => sum + value, 0) / ofClass.length;
      bias[k] = -mean;
      ofClass.forEach((value, i) => (best[start + i] = Math.max(best[start + i]!, value - mean)));
    }
    biases.push(bias);
    start = end;
  }
  const least = best.sort().at(-candidates)!;
  return biases.map((bias) => bias.map((value) => value + logit(SCORE) - least));
}

/** Scores next to 0 and 1 are cut: there 32-bit floats no longer tell logits apart. */
const logit = (score: number): number => {
  const cut = Math.min(Math.max(score, 1e-6), 1 - 1e-6);
  return Math.log(cut / (1 - cut));
};
