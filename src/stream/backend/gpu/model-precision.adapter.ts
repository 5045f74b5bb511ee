import type { GpuConfig } from '../../../shared/config/schema.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { ModelFile } from '../../models/model-file.js';
import type { ModelStore } from '../../models/model-store.adapter.js';

/** A form of a model. */
export interface PreciseModel {
  /** Of the ONNX file. */
  readonly path: string;
  /** Of its weights. */
  readonly precision: 'FP16' | 'FP32';
}

/**
 * The form of a model that a GPU is to run, of those that `diptych models convert` made: in half
 * precision where it is there and no other is asked for, else one that takes several pictures at a
 * time; else the model itself, or what `batchForm` makes of it.
 *
 * @param batchForm - path of what is used in place of the model itself
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where half precision is asked for and not there.
 */
export async function modelForGpu(
  file: Pick<ModelFile, 'path'> & { readonly entry: { readonly name: string } },
  wanted: GpuConfig['precision'],
  store: Pick<ModelStore, 'resolveVariant'>,
  batchForm?: () => Promise<string>,
): Promise<PreciseModel> {
  if (wanted !== 'fp32') {
    const half = await store.resolveVariant(file, { fp16: true });
    if (half) return { path: half.path, precision: 'FP16' };
  }
  if (wanted === 'fp16') {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `gpu.precision is fp16, and ${file.entry.name} is not there in it; make it with: diptych models convert ${file.entry.name} --fp16`,
    );
  }
  const batch = await store.resolveVariant(file, { fp16: false });
  return { path: batch?.path ?? (await batchForm?.()) ?? file.path, precision: 'FP32' };
}
