import { z } from 'zod';
import { makeBatchDynamic, type DynamicBatchReport } from '../onnx/dynamic-batch.js';
import { convertToFp16, type Fp16Report } from '../onnx/fp16-conversion.js';
import { decodeOnnx, encodeOnnx } from '../onnx/onnx-file.js';
import { networkInputs, shapeOf, type Dimension } from '../onnx/onnx-graph.js';

/** What becomes of a model; at least one is asked for. */
export interface VariantOptions {
  /** Computes with 16-bit floats; what goes in and comes out stays 32-bit. */
  readonly fp16: boolean;
  /** Takes any number of pictures at a time. */
  readonly dynamicBatch: boolean;
}

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

/** Raised when the same file would be converted otherwise: what an older version made is left aside. */
export const VARIANT_VERSION = 1;

/** What lies beside a converted file as `FILE.json`, and says which file it was made of. */
export const variantNoteSchema = z.strictObject({
  version: z.int().positive(),
  sourceSha256: z.string(),
  sha256: z.string(),
  fp16: z.boolean(),
  dynamicBatch: z.boolean(),
});
/** See {@link variantNoteSchema}. */
export type VariantNote = z.output<typeof variantNoteSchema>;

/** `yunet.onnx` → `yunet.fp16.onnx`, or `yunet.batch.onnx` where only the batch is changed. */
export const variantFile = (file: string, { fp16 }: Pick<VariantOptions, 'fp16'>): string =>
  file.replace(/(\.onnx)?$/, fp16 ? '.fp16.onnx' : '.batch.onnx');

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
