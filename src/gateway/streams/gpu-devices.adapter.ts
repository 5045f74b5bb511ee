import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GpuConfig } from '../../shared/config/schema.js';
import { findProgram } from '../../shared/programs/find-program.adapter.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { gpusFor, parseGpuList, type GpuDevice } from './gpu-choice.js';

/** A driver that hangs answers nothing; the gateway starts all the same. */
const LIST_TIMEOUT_MS = 10_000;

/**
 * The GPUs of this host that stream processes are spread over. None where the GPU is not to be used, and where
 * `nvidia-smi` is not there or has nothing to say: each process then takes what it finds.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where the configuration asks for a GPU that there is not.
 */
export async function gpuDevices(
  config: GpuConfig,
  logger: Pick<Logger, 'debug' | 'info'>,
): Promise<readonly GpuDevice[]> {
  const program = config.use === 'off' ? undefined : findProgram('nvidia-smi');
  if (program === undefined) return [];
  const text = await promisify(execFile)(program, ['--query-gpu=index,uuid', '--format=csv,noheader'], {
    timeout: LIST_TIMEOUT_MS,
  }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      logger.debug({ err: error }, 'nvidia-smi lists no GPUs');
      return '';
    },
  );
  const all = parseGpuList(text);
  if (all.length === 0) return [];
  const devices = gpusFor(config, all, process.env['CUDA_VISIBLE_DEVICES']);
  if (devices.length > 1) logger.info({ gpus: devices.map(({ index }) => index) }, 'streams are spread over GPUs');
  return devices;
}
