/**
 * The embedder thread: quality gate, alignment and inference off the main thread.
 * Started by `cpu-embedder.adapter.ts`, which retains the frames; here they are only read.
 */
import { DiptychError } from '../../../shared/domain/errors.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import { serveInference, type InferenceService } from '../../inference/inference-server.adapter.js';
import { OnnxSession } from '../../inference/onnx-session.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { CropEmbedder, type CropAnswer } from './crop-embedder.js';
import type { EmbedRequest, EmbedderSetup } from './embedder-messages.js';
import { TensorEmbedding, type TensorPort } from './tensor-embedding.js';

await serveInference(open);

/** Loads addon and network, and runs the network once. */
async function open(setup: EmbedderSetup): Promise<InferenceService<EmbedRequest, readonly CropAnswer[]>> {
  const { path, inputSize, length, pixels } = setup;
  const addon = loadAddon();
  const session = await OnnxSession.open(setup);
  const embedder = new CropEmbedder(setup);
  const tensors = new TensorEmbedding(setup);
  const run: TensorPort['run'] = async (tensor, count) => {
    const [output] = await session.run(tensor, [count, 3, inputSize.height, inputSize.width]);
    if (output?.data.length === count * length) return output.data;
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `${path} gives ${output?.dims.join('×')} for ${count} pictures, expected ${count}×${length}; ` +
        'it is not the model that the manifest describes',
    );
  };
  await tensors.warmUp(run);

  const portFor = (handle: FrameHandle): TensorPort => ({
    warp: (matrix, tensor) => addon.warpAffine(handle, matrix, { ...inputSize, ...pixels }, tensor),
    run,
  });
  return {
    answer: ({ handle, picture, crops }) => embedder.embed(tensors.of(portFor(handle)), picture, crops),
    close: () => session.close(),
  };
}
