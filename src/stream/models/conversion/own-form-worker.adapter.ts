/** The thread that gives a network convolutions of our own; started by `own-form.adapter.ts`. */
import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decodeOnnx, encodeOnnx } from '../../onnx/onnx-file.js';
import { makeCacheFolder } from '../cache-folder.adapter.js';
import { placeVariant, sha256Of, writeFailedVariant } from '../model-variant.adapter.js';
import { ownConvolutionsFile, VARIANT_VERSION } from '../model-variant.js';
import { answerConversion } from './conversion-thread.adapter.js';
import type { OwnForm, OwnFormRequest } from './own-form.adapter.js';
import { useOwnConvolutions, type OwnConvolutionsReport } from './own-convolutions/own-convolutions.js';

async function makeForm({ source, folder }: OwnFormRequest): Promise<OwnForm> {
  const content = await readFile(source);
  const sourceSha256 = sha256Of(content);
  const path = join(folder, ownConvolutionsFile(basename(source), sourceSha256));
  const model = decodeOnnx(content, source);
  const result = useOwnConvolutions(model);
  const report = describe(result);
  await makeCacheFolder(folder);
  if (result.replaced === 0) {
    await writeFailedVariant(path, sourceSha256, report);
    return { report };
  }
  const bytes = encodeOnnx(model);
  const part = `${path}.${randomUUID()}.part`;
  const fp16 = result.operators.DirectConv32 !== result.replaced;
  try {
    await writeFile(part, bytes);
    const note = { version: VARIANT_VERSION, sourceSha256, sha256: sha256Of(bytes), fp16, dynamicBatch: false };
    await placeVariant(part, path, note);
  } finally {
    await rm(part, { force: true });
  }
  return { path, report };
}

function describe({ operators, left }: OwnConvolutionsReport): string {
  const made = Object.entries(operators).map(([operator, count]) => `${count} are ${operator}`);
  const kept = Object.entries(left).map(([why, count]) => `${count} stay (${why})`);
  return [...made, ...kept].join('; ') || 'it has no convolutions';
}

await answerConversion(makeForm);
