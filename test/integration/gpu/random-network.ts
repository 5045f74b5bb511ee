import type { Size } from '#src/shared/domain/box.js';
import { buildOnnx, type OnnxNode, type OnnxValue } from '#src/stream/onnx/onnx-builder.js';

/** An output of the network. */
export interface Output {
  /** Without the batch. */
  readonly dims: readonly number[];
  /** Number `i`. */
  readonly value: (i: number) => number;
}

/** A network that answers random numbers, times the brightest value of each picture. */
export function networkOf(outputs: readonly Output[], { width, height }: Size): Uint8Array {
  const nodes: OnnxNode[] = [
    { operator: 'ReduceMax', inputs: ['x'], outputs: ['light'], attributes: { axes: [1, 2, 3], keepdims: 0 } },
  ];
  const values = outputs.map(({ dims }, k): OnnxValue => ({ name: `output${k}`, dims: ['batch', ...dims] }));
  for (const [k] of outputs.entries()) {
    nodes.push({ operator: 'Reshape', inputs: ['light', `shape${k}`], outputs: [`light${k}`] });
    nodes.push({ operator: 'Mul', inputs: [`numbers${k}`, `light${k}`], outputs: [`output${k}`] });
  }
  const constants = outputs.flatMap(({ dims, value }, k) => [
    { name: `shape${k}`, dims: [dims.length + 1], integers: [-1, ...dims.map(() => 1)] },
    {
      name: `numbers${k}`,
      dims: [1, ...dims],
      floats: Float32Array.from({ length: dims.reduce((product, side) => product * side, 1) }, (_, i) => value(i)),
    },
  ]);
  const [output, ...moreOutputs] = values;
  return buildOnnx({
    name: 'random',
    nodes,
    constants,
    input: { name: 'x', dims: ['batch', 3, height, width] },
    output: output!,
    moreOutputs,
  });
}
