import type { GpuConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';

/** A GPU of this host. */
export interface GpuDevice {
  /** As `nvidia-smi` counts. */
  readonly index: number;
  /** What CUDA knows it by in every process, whatever its order of devices: `GPU-…`. */
  readonly uuid: string;
}

/** Reads what `nvidia-smi --query-gpu=index,uuid --format=csv,noheader` prints; other lines are left out. */
export function parseGpuList(text: string): readonly GpuDevice[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s*,\s*(GPU-[\w-]+)\s*$/.exec(line);
    return match ? [{ index: Number(match[1]), uuid: match[2]! }] : [];
  });
}

/**
 * The GPUs that streams are spread over: those of `gpu.devices`, else `gpu.device` where it is not 0, else all;
 * of these the ones that the environment leaves to this process.
 *
 * @param all - of this host
 * @param visible - `CUDA_VISIBLE_DEVICES` of the gateway: indices or UUIDs with commas between
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where a GPU is asked for by index that there is not, or that the
 * environment does not leave.
 */
export function gpusFor(
  { devices, device }: Pick<GpuConfig, 'devices' | 'device'>,
  all: readonly GpuDevice[],
  visible: string | undefined,
): readonly GpuDevice[] {
  const wanted = devices ?? (device === 0 ? undefined : [device]);
  const missing = wanted?.filter((index) => !all.some((gpu) => gpu.index === index)) ?? [];
  if (missing.length > 0) {
    throw new DiptychError(
      'DIPTYCH_E_CONFIG',
      `${devices ? 'gpu.devices' : 'gpu.device'}: there is no GPU ${missing.join(', ')} here; nvidia-smi lists ${all.map(({ index }) => index).join(', ')}`,
    );
  }
  const named = visible?.split(',').map((name) => name.trim());
  const left = all.filter(
    ({ index, uuid }) =>
      (wanted?.includes(index) ?? true) &&
      (named?.some((name) => name === String(index) || (name.length > 4 && uuid.startsWith(name))) ?? true),
  );
  if (devices && left.length === 0) {
    throw new DiptychError(
      'DIPTYCH_E_CONFIG',
      `gpu.devices: CUDA_VISIBLE_DEVICES=${visible ?? ''} leaves none of GPU ${devices.join(', ')}; set one of the two`,
    );
  }
  return left;
}

/**
 * The GPU with the fewest streams, of those the first; undefined without GPUs.
 *
 * @param streams - for each stream or process that is prepared for one, the GPU that it works on
 */
export function emptiestGpu(
  devices: readonly GpuDevice[],
  streams: readonly (GpuDevice | undefined)[],
): GpuDevice | undefined {
  const counts = devices.map(({ uuid }) => streams.filter((gpu) => gpu?.uuid === uuid).length);
  return devices[counts.indexOf(Math.min(...counts))];
}

/** What a process gets in its environment so that it sees this GPU only, as its first. */
export const gpuEnvironment = (gpu: GpuDevice | undefined): Readonly<Record<string, string>> =>
  gpu ? { CUDA_VISIBLE_DEVICES: gpu.uuid, DIPTYCH_GPU_INDEX: String(gpu.index) } : {};
