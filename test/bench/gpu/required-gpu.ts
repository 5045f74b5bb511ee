import { gatewaySchema, type GpuConfig } from '#src/shared/config/schema.js';
import { chooseGpu, type Gpu } from '#src/stream/backend/gpu/gpu.adapter.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';

/** As `gpu.maxBatch`. */
export const MAX_BATCH = Number(process.env['DIPTYCH_MAX_BATCH'] ?? 8);

/** The GPU, as a process of several streams has it; a benchmark without one fails. @throws `DIPTYCH_E_GPU` */
export async function requireGpu(precision: GpuConfig['precision'] = 'auto'): Promise<Gpu> {
  const { gpu } = gatewaySchema.parse({ gpu: { use: 'require', precision, maxBatch: MAX_BATCH } });
  const choice = await chooseGpu({ ...gpu, isShared: true }, loadAddon());
  if (!choice.gpu) throw new Error(choice.reason);
  return choice.gpu;
}
