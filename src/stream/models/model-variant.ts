import * as z from 'zod';

/** What becomes of a model; at least one is asked for. */
export interface VariantOptions {
  /** Computes with 16-bit floats; what goes in and comes out stays 32-bit. */
  readonly fp16: boolean;
  /** Takes any number of pictures at a time. */
  readonly dynamicBatch: boolean;
}

/** Raised when the same file would be converted otherwise, or not be refused: what an older version made or noted is left aside. */
export const VARIANT_VERSION = 1;

/** The same for forms with convolutions of our own. */
const OWN_CONVOLUTIONS_VERSION = 1;

/** Of a checksum, in a file's name: by accident no two files have the same. */
const OWN_NAME_DIGITS = 12;

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

/** What lies where a form would lie that cannot be made, as `FILE.failed.json`. */
export const failedVariantSchema = z.strictObject({
  version: z.int().positive(),
  sourceSha256: z.string(),
  /** Why it cannot be made. */
  message: z.string(),
});
/** See {@link failedVariantSchema}. */
export type FailedVariant = z.output<typeof failedVariantSchema>;

/** `yunet.onnx` → `yunet.fp16.onnx`, or `yunet.batch.onnx` where only the batch is changed. */
export const variantFile = (file: string, { fp16 }: Pick<VariantOptions, 'fp16'>): string =>
  file.replace(/(\.onnx)?$/, fp16 ? '.fp16.onnx' : '.batch.onnx');

/**
 * What a form is called that was made without being asked for, `yunet.0a1b2c3d4e5f.batch.onnx`: files of one name in
 * several folders do not take each other's place.
 *
 * @param sourceSha256 - of the file that it is made of, hexadecimal
 */
export const ownVariantFile = (file: string, sourceSha256: string): string =>
  variantFile(file.replace(/(\.onnx)?$/, `.${sourceSha256.slice(0, OWN_NAME_DIGITS)}.onnx`), { fp16: false });

/**
 * What the form of a network with convolutions of our own is called, `yunet.0a1b2c3d4e5f.own1.onnx`.
 *
 * @param sourceSha256 - of the file that it is made of, hexadecimal
 */
export const ownConvolutionsFile = (file: string, sourceSha256: string): string =>
  file.replace(/(\.onnx)?$/, `.${sourceSha256.slice(0, OWN_NAME_DIGITS)}.own${OWN_CONVOLUTIONS_VERSION}.onnx`);
