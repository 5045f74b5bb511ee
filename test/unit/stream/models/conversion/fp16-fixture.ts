import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect } from 'vitest';
import { encodeOnnx, type OnnxModel } from '#src/stream/onnx/onnx-file.js';

/** Parts of test networks: `x` of two columns, times `w`, is `y`. */
export const input = { name: 'x', dims: ['n', 2] } as const;
export const output = { name: 'y', dims: ['n', 1] } as const;
export const weights = { name: 'w', dims: [2, 1], floats: Float32Array.of(0.5, 0.25) };
export const one = { name: 'v', dims: [1, 1], floats: Float32Array.of(3) };
export const matMul = (from: string, by: string, to: string) =>
  ({ operator: 'MatMul', inputs: [from, by], outputs: [to] }) as const;

/** What the network gives of these values of `x`, by output. */
export async function run(model: OnnxModel, values: readonly number[]): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(encodeOnnx(model), { logSeverityLevel: 3 });
  const results = await session.run({ x: new Tensor('float32', Float32Array.from(values), [values.length / 2, 2]) });
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { type, data }]) => {
      expect(type).toBe('float32');
      return [name, [...(data as Float32Array)]];
    }),
  );
}

export const initializer = (model: OnnxModel, name: string) =>
  model.graph.initializer.find((each) => each.name === name)!;
