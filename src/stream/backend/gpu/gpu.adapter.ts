import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { GpuConfig } from '../../../shared/config/schema.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import { cacheFolder } from '../../models/cache-folder.adapter.js';
import type { GpuInfo, NativeAddon } from '../../native/types.js';
import type { ProcessGpu } from '../../../shared/ipc/messages.js';
import { BatchForms } from './batch-forms.adapter.js';
import { processFrameCount } from './frame-count.adapter.js';
import { toGpuError } from './gpu-error.js';
import { GpuModels } from './gpu-models.adapter.js';
import { OwnConvolutionForms } from './own-convolution-forms.adapter.js';
import { packagePath } from '../../../shared/package-root.js';

/** The GPU of this process, opened. */
export interface Gpu {
  /** Its name, driver and the like. */
  readonly info: GpuInfo;
  /** Which one of this host, as `nvidia-smi` counts; absent where nobody chose it. */
  readonly index?: number;
  /** Networks on it. */
  readonly models: GpuModels;
  /** Which form of a network it runs. */
  readonly precision: GpuConfig['precision'];
  /** Makes networks take pictures of several streams at a time; absent where a process has one stream. */
  readonly batchForms?: BatchForms;
  /** Frames that it composed, of all streams of the process. */
  readonly composed: ReturnType<typeof processFrameCount>;
}

/** The GPU, or why there is none. */
export interface GpuChoice {
  /** Absent where it is not used. */
  readonly gpu?: Gpu;
  /** One sentence for the log and `diptych doctor`. */
  readonly reason: string;
}

/**
 * What the environment says, for machines whose libraries have other names, and for tests, which
 * run all of this on a stand-in for a GPU:
 *
 * - `DIPTYCH_LIBCUDA`, `DIPTYCH_LIBNVRTC`: libraries to open instead of the usual ones
 * - `DIPTYCH_GPU_PROVIDER=cpu`: networks run on the CPU on what lies in the GPU's memory, which only
 *   a stand-in allows
 * - `DIPTYCH_OWN_CONVOLUTIONS`: `0` runs networks as they are, to measure what convolutions of our own gain; `1` has them
 *   used on a stand-in for a GPU, too
 * - `DIPTYCH_GPU_INDEX`: which GPU of the host this process was given, for the status
 */
export type GpuEnvironment = Readonly<Record<string, string | undefined>>;

const KERNELS = packagePath('native/kernels');
/** Ampere. */
const LEAST_CAPABILITY = 8;
/** Before this thread starts others. */
const composed = processFrameCount();

let opened: { readonly key: string; readonly gpu: Promise<Gpu> } | undefined;

/**
 * Opens the GPU that the configuration asks for, once a process.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_GPU` where `gpu.use` is `require` and there is none, and
 * where the process has opened another one; `DIPTYCH_E_CONFIG` where the environment asks for
 * something that there is not.
 */
export async function chooseGpu(
  config: ProcessGpu,
  addon: NativeAddon,
  environment: GpuEnvironment = process.env,
): Promise<GpuChoice> {
  if (config.use === 'off') return { reason: 'gpu.use is off' };
  const lostReason = addon.gpuLostReason();
  try {
    if (lostReason !== undefined) throw new DiptychError('DIPTYCH_E_GPU_LOST', lostReason);
    const gpu = await openOnce(config, addon, environment);
    const { name, capability, driver, kernelsFrom } = gpu.info;
    return {
      gpu,
      reason: `${name} (compute capability ${capability}, driver for CUDA ${driver}, kernels from ${kernelsFrom})`,
    };
  } catch (error) {
    const failure = toGpuError(error, 'opening');
    if (failure.code === 'DIPTYCH_E_CONFIG') throw failure;
    if (config.use === 'require') throw requiredButMissing(failure);
    return { reason: failure.message };
  }
}

/** What `gpu.use: require` fails with. */
export function requiredButMissing(failure: DiptychError): DiptychError {
  return new DiptychError(
    'DIPTYCH_E_GPU',
    `gpu.use is require, and the GPU cannot be used: ${failure.message}; \`diptych doctor\` tells what is missing, gpu.use: auto works without`,
    { cause: failure },
  );
}

async function openOnce(config: ProcessGpu, addon: NativeAddon, environment: GpuEnvironment): Promise<Gpu> {
  const { DIPTYCH_LIBCUDA: libcuda, DIPTYCH_LIBNVRTC: libnvrtc } = environment;
  const provider = providerOf(config, environment);
  const key = JSON.stringify([config.device, provider, libcuda, libnvrtc]);
  if (opened !== undefined && opened.key !== key) {
    throw new DiptychError(
      'DIPTYCH_E_GPU',
      'the process works with another GPU or provider already; streams that differ in it need processes of their own',
    );
  }
  const gpu = opened?.gpu ?? open(config, addon, provider, environment);
  opened = { key, gpu };
  // One that could not be opened may be there when it is asked for again.
  gpu.catch(() => (opened = undefined));
  return gpu;
}

async function open(
  { device, precision, maxBatch, isShared = false }: ProcessGpu,
  addon: NativeAddon,
  provider: 'cuda' | 'tensorrt' | 'cpu',
  environment: GpuEnvironment,
): Promise<Gpu> {
  const { DIPTYCH_LIBCUDA: libcuda, DIPTYCH_LIBNVRTC: libnvrtc, DIPTYCH_GPU_INDEX: index } = environment;
  const info = await addon.openGpu({
    device,
    kernels: KERNELS,
    cache: cacheFolder('kernels'),
    ...(libcuda && { libcuda }),
    ...(libnvrtc && { libnvrtc }),
  });
  const common = { library: onnxruntimeLibrary(), provider, isExact: precision === 'fp32', maxBatch };
  const ownForms = hasOwnConvolutions(provider, info, environment)
    ? new OwnConvolutionForms(cacheFolder('networks'))
    : undefined;
  const models = new GpuModels(addon, { ...common, cache: cacheFolder('tensorrt') }, ownForms);
  return {
    ...{ info, models, precision, composed },
    ...(index && { index: Number(index) }),
    ...(isShared && { batchForms: new BatchForms(cacheFolder('models')) }),
  };
}

/**
 * Whether networks are run with convolutions of our own: TensorRT has such kernels itself, and does not know ours;
 * older GPUs have not the tensor cores that ours are for, and a stand-in for a GPU none at all.
 */
function hasOwnConvolutions(
  provider: 'cuda' | 'tensorrt' | 'cpu',
  { capability }: GpuInfo,
  { DIPTYCH_OWN_CONVOLUTIONS: wanted }: GpuEnvironment,
): boolean {
  if (wanted) return wanted === '1' && provider !== 'tensorrt';
  return provider === 'cuda' && Number(capability) >= LEAST_CAPABILITY;
}

function providerOf(config: GpuConfig, { DIPTYCH_GPU_PROVIDER: wanted }: GpuEnvironment): 'cuda' | 'tensorrt' | 'cpu' {
  if (!wanted) return config.provider;
  if (wanted === 'cpu') return wanted;
  throw new DiptychError(
    'DIPTYCH_E_CONFIG',
    `DIPTYCH_GPU_PROVIDER: expected cpu (for tests with a stand-in for a GPU), got "${wanted}"; for a real GPU set gpu.provider`,
  );
}

/** The library that onnxruntime-node brings; what it needs for CUDA lies beside it. */
export function onnxruntimeLibrary(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  return join(dirname(entry), 'bin/napi-v6', process.platform, process.arch, 'libonnxruntime.so.1');
}
