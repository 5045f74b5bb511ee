import { poseInputOf, type PoseInput } from '../../stream/models/custom-pose.js';
import { decodeOnnx, type OnnxModel } from '../../stream/onnx/onnx-file.js';
import type { NamedShape } from '../../stream/onnx/simcc-output.js';
import { runOnce } from './check.js';
import type { ReadModel } from './temporary-model.adapter.js';

/** What a network is told by. */
export interface LookedAtModel {
  /** Its file, read. */
  readonly model: OnnxModel;
  /** Absent where another thing than a picture of a fixed size, colours first, goes in. */
  readonly input?: PoseInput;
  /** In the order of the file, as a run gave them; without lengths where the network is of no kind that they tell. */
  readonly outputs: readonly NamedShape[];
}

/** Reads a file, and runs it once where its outputs may tell what it is: two of them, of one picture of a fixed size. */
export async function lookAt({ path, content }: ReadModel): Promise<LookedAtModel> {
  const model = decodeOnnx(content, path);
  const names = model.graph.output.map(({ name }) => name);
  const input = poseInputOf(model);
  if (!input || names.length !== 2)
    return { model, ...(input && { input }), outputs: names.map((name) => ({ name, dims: [] })) };
  const pixels = { channels: 'RGB', order: 'nchw', mean: 0, scale: 1, pad: 0 } as const;
  const results = await runOnce(path, { input: { ...pixels, name: input.name, size: input.size }, outputs: names });
  return { model, input, outputs: results.map(({ dims }, i) => ({ name: names[i]!, dims })) };
}
