import type { VariantOptions } from '../model-variant.js';
import { decodeOnnx, encodeOnnx } from '../../onnx/onnx-file.js';
import { networkInputs, shapeOf, type Dimension } from '../../onnx/onnx-graph.js';
import { makeBatchDynamic, type DynamicBatchReport } from './dynamic-batch.js';
import { convertToFp16, type Fp16Report } from './fp16-conversion.js';

/** The result of a conversion. */
export interface ConvertedModel {
  /** The ONNX file. */
  readonly bytes: Uint8Array;
  /** The inputs' names and sizes before. */
  readonly inputs: readonly { readonly name: string; readonly dims: readonly Dimension[] }[];
  /** What computes with 16 bits now; absent if that was not asked for. */
  readonly fp16?: Fp16Report;
  /** What takes several pictures now; absent if that was not asked for. */
  readonly dynamicBatch?: DynamicBatchReport;
}

/**
 * Converts an ONNX file; the same file always gives the same bytes.
 *
 * @param path - what a message calls the file
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it is none, or the graph does not allow it.
 */
export function convertVariant(bytes: Uint8Array, path: string, options: VariantOptions): ConvertedModel {
  const model = decodeOnnx(bytes, path);
  const inputs = networkInputs(model.graph).map((input) => ({ name: input.name, dims: shapeOf(input) ?? [] }));
  const dynamicBatch = options.dynamicBatch ? { dynamicBatch: makeBatchDynamic(model) } : {};
  const fp16 = options.fp16 ? { fp16: convertToFp16(model) } : {};
  return { bytes: encodeOnnx(model), inputs, ...dynamicBatch, ...fp16 };
}
