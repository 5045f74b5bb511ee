import { access } from 'node:fs/promises';
import type { GpuConfig } from '#config/schema.js';
import { DiptychError } from '#domain/errors.js';
import type { ModelFile } from '#inference/model-store.adapter.js';

/**
 * The file that a card shall run for a model: the one of half precision that `diptych models convert`
 * puts beside it, where there is one and nobody asked for another.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where half precision is asked for and not there.
 */
export async function pathOfPrecision(file: ModelFile, precision: GpuConfig['precision']): Promise<string> {
  if (precision === 'fp32') return file.path;
  const half = file.path.replace(/\.onnx$/, '.fp16.onnx');
  const isThere = await access(half).then(
    () => true,
    () => false,
  );
  if (isThere) return half;
  if (precision === 'auto') return file.path;
  throw new DiptychError(
    'DIPTYCH_E_MODEL',
    `gpu.precision is fp16, and ${half} is not there; make it with: diptych models convert ${file.entry.name} --fp16`,
  );
}
