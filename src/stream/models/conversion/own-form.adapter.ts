import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isVariantOf, readFailedVariant, sha256Of } from '../model-variant.adapter.js';
import { ownConvolutionsFile } from '../model-variant.js';
import { runConversion } from './conversion-thread.adapter.js';

/** Which network is to have convolutions of our own. */
export interface OwnFormRequest {
  /** Absolute path of the ONNX file. */
  readonly source: string;
  /** Where what is made is kept; made where it is not there. */
  readonly folder: string;
}

/** The form of a network with convolutions of our own. */
export interface OwnForm {
  /** Of its file; absent where no convolution is replaced. */
  readonly path?: string;
  /** What was replaced by what, or why nothing was; absent where the form was there before. */
  readonly report?: string;
}

/**
 * Finds the form of a network with convolutions of our own, or makes it on a thread of its own: writing the weights in
 * another order takes up to a tenth of a second. One that was changed since it was made is made anew, and where nothing
 * can be replaced that is noted in the folder. What is there is known by its checksums, without a look at the graph:
 * 20 ms for a network of 20 MB.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the file is no network, or the folder cannot be written.
 * @throws Error of the file system where the file cannot be read.
 */
export async function ownFormOf(request: OwnFormRequest): Promise<OwnForm> {
  const { source, folder } = request;
  const sourceSha256 = sha256Of(await readFile(source));
  const path = join(folder, ownConvolutionsFile(basename(source), sourceSha256));
  if (await isVariantOf(path, sourceSha256)) return { path };
  if ((await readFailedVariant(path, sourceSha256)) !== undefined) return {};
  return runConversion('stream/models/conversion/own-form-worker.adapter.js', request);
}
