import * as z from 'zod';

/** What becomes of a model; at least one is asked for. */
export interface VariantOptions {
  /** Computes with 16-bit floats; what goes in and comes out stays 32-bit. */
  readonly fp16: boolean;
  /** Takes any number of pictures at a time. */
  readonly dynamicBatch: boolean;
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
