/** The thread that makes a network take several pictures at a time; started by `batch-form.adapter.ts`. */
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DiptychError } from '../../../shared/domain/errors.js';
import { decodeOnnx } from '../../onnx/onnx-file.js';
import { networkInputs, shapeOf } from '../../onnx/onnx-graph.js';
import { makeCacheFolder } from '../cache-folder.adapter.js';
import { ownVariantFile } from '../model-variant.js';
import {
  failedVariantPath,
  isVariantOf,
  readFailedVariant,
  sha256Of,
  writeFailedVariant,
} from '../model-variant.adapter.js';
import type { BatchForm, BatchFormRequest } from './batch-form.adapter.js';
import { answerConversion } from './conversion-thread.adapter.js';

async function makeForm({ source, folder, input }: BatchFormRequest): Promise<BatchForm> {
  const content = await readFile(source);
  const sourceSha256 = sha256Of(content);
  const path = join(folder, ownVariantFile(basename(source), sourceSha256));
  if (await isVariantOf(path, sourceSha256)) return { path, isNew: false };
  const notePath = failedVariantPath(path);
  const known = await readFailedVariant(path, sourceSha256);
  if (known !== undefined) return { isNew: false, refusal: { why: known, notePath } };
  const takesOne = networkInputs(decodeOnnx(content, source).graph).some(
    (value) => typeof shapeOf(value)?.[0] === 'number',
  );
  if (!takesOne) return { isNew: false };
  await makeCacheFolder(folder);
  const { writeVariant } = await import('./write-variant.adapter.js');
  try {
    await writeVariant({ source, destination: path, force: true, fp16: false, dynamicBatch: true, input });
    await rm(notePath, { force: true });
    return { path, isNew: true };
  } catch (error) {
    if (!isOfNetwork(error)) throw error;
    await writeFailedVariant(path, sourceSha256, error.message);
    return { isNew: true, refusal: { why: error.message, notePath } };
  }
}

/** Whether it comes again with the same file; else the disk is full, or the like. */
const isOfNetwork = (error: unknown): error is DiptychError =>
  error instanceof DiptychError &&
  error.code === 'DIPTYCH_E_MODEL' &&
  !(error.cause instanceof Error && 'errno' in error.cause);

await answerConversion(makeForm);
