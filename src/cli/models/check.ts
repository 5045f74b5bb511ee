import type { Size } from '../../shared/domain/box.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { isDetector, isEmbedder, isPose, type ModelEntry } from '../../stream/models/manifest.js';
import { OnnxSession, type NamedTensor } from '../../stream/inference/onnx-session.adapter.js';
import { createDecoder } from '../../stream/stages/detect/decoders.js';
import { POSE_VALUES } from '../../stream/stages/detect/pose-crop.js';

/** Side of a picture where the model takes any size that is a multiple of something, about this, pixels. */
const FREE_SIDE = 320;
/** Above every score, so that decoding yields no detection. */
const NO_DETECTION = 2;

/** The size at which a model is tried. */
export function trialSize({ size }: Pick<ModelEntry['input'], 'size'>): Size {
  if ('width' in size) return size;
  const side = Math.ceil(FREE_SIDE / size.multipleOf) * size.multipleOf;
  return { width: side, height: side };
}

/** What a network gives for black pictures, one of them or `count`. @throws {@link DiptychError} `DIPTYCH_E_MODEL` */
export async function runOnce(
  path: string,
  { input, outputs }: Pick<ModelEntry, 'input' | 'outputs'>,
  count = 1,
): Promise<readonly NamedTensor[]> {
  const session = await OnnxSession.open({ path, threads: 1, inputName: input.name, outputNames: outputs });
  try {
    const { width, height } = trialSize(input);
    const dims = input.order === 'nchw' ? [count, 3, height, width] : [count, height, width, 3];
    return await session.run(new Float32Array(count * 3 * width * height), dims);
  } finally {
    await session.close();
  }
}

/**
 * Whether what a network gives can be read as its entry says.
 *
 * @param count - pictures that it was given
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` with the reason where it can't.
 */
export function checkOutputs(entry: ModelEntry, outputs: readonly NamedTensor[], count = 1): void {
  if (isDetector(entry)) {
    const decode = createDecoder(entry.decoder, entry.task === 'face-detector' ? 'face' : 'person');
    const mapping = { ratio: 1, offset: { x: 0, y: 0 }, origin: { x: 0, y: 0 } };
    decode(outputs, { input: trialSize(entry.input), mapping, scoreThreshold: NO_DETECTION });
  } else if (isPose(entry)) {
    const [output] = outputs;
    if (output?.data.length === count * POSE_VALUES) return;
    const got = output?.dims.join('×') ?? 'nothing';
    throw new DiptychError('DIPTYCH_E_MODEL', `${count} poses should be of ${POSE_VALUES} numbers each, got ${got}`);
  } else if (isEmbedder(entry)) {
    const [output] = outputs;
    if (output?.data.length === entry.length) return;
    const got = output?.dims.join('×') ?? 'nothing';
    throw new DiptychError('DIPTYCH_E_MODEL', `an embedding should be of ${entry.length} numbers, got ${got}`);
  }
}
