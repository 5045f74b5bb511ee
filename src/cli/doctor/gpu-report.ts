import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gatewaySchema, streamSchema } from '../../shared/config/schema.js';
import { CUDA_LIBRARIES, describeLibraries } from './cuda-libraries.js';
import { chooseGpu, onnxruntimeLibrary } from '../../stream/backend/gpu/gpu.adapter.js';
import { libraryFinder } from './library-path.adapter.js';
import { ModelStore } from '../../stream/models/model-store.adapter.js';
import type { NativeAddon } from '../../stream/native/types.js';
import { encoderElements } from '../../stream/stages/encode/encoder-choice.js';
import { createLogger } from '../../shared/telemetry/logger.js';
import type { Finding } from './finding.js';
import { openAnalyzer } from '../../stream/backend/open-backend.js';

const GIGABYTE = 1e9;
const PROVIDERS = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

/** Which NVIDIA GPU there is, and whether streams will use it; if not, why. */
export async function examineGpu(addon: NativeAddon, signal: AbortSignal): Promise<readonly Finding[]> {
  const config = gatewaySchema.parse({}).gpu;
  const { gpu, reason } = await chooseGpu(config, addon);
  const isThere = await libraryFinder();
  if (!gpu) {
    return [
      // Without a GPU, missing libraries mean nothing.
      ...(isThere('libcuda.so.1') ? [libraries(isThere)] : []),
      {
        area: 'gpu',
        verdict: 'limited',
        text: `everything runs on the CPU: ${reason}`,
        advice: `where there is an NVIDIA GPU: install its driver and NVRTC (libnvrtc) for its CUDA version; ${await driverText()}`,
      },
    ];
  }
  const { totalBytes, freeBytes } = addon.gpuMemory();
  const device: Finding = {
    area: 'gpu',
    verdict: 'good',
    text: `${reason}; ${(freeBytes / GIGABYTE).toFixed(1)} of ${(totalBytes / GIGABYTE).toFixed(1)} GB free`,
  };
  const shared: Finding =
    gpu.info.gstreamer === 'shared'
      ? { area: 'gpu in GStreamer', verdict: 'good', text: 'its elements share our CUDA context' }
      : {
          area: 'gpu in GStreamer',
          verdict: 'limited',
          text: 'its elements cannot share our CUDA context: libgstcuda is missing',
          advice: 'apt-get install libgstreamer-plugins-bad1.0-0 (GStreamer 1.22 or newer)',
        };
  return [device, libraries(isThere), shared, video(addon), await networks(addon, signal)];
}

/** The libraries of CUDA and onnxruntime that the kernels and the networks need. */
function libraries(isThere: (file: string) => boolean): Finding {
  const area = 'gpu libraries';
  const { DIPTYCH_LIBCUDA: libcuda, DIPTYCH_LIBNVRTC: libnvrtc } = process.env;
  const named = new Map([
    ['driver', libcuda],
    ['NVRTC', libnvrtc],
  ]);
  const wanted = CUDA_LIBRARIES.map((library) => {
    const file = named.get(library.name);
    return file ? { ...library, files: [file] } : library;
  });
  const isFound = (file: string): boolean => (file.includes('/') ? existsSync(file) : isThere(file));
  const { found, missing } = describeLibraries(wanted, isFound);
  const folder = dirname(onnxruntimeLibrary());
  const missingFiles = PROVIDERS.filter((name) => !existsSync(join(folder, name)));
  const provider = "onnxruntime's CUDA provider";
  const advice = [
    ...missing,
    ...(missingFiles.length > 0
      ? [`${provider} (${missingFiles.join(', ')} in ${folder}): npm run build where the npm registry can be reached`]
      : []),
  ];
  const all = missingFiles.length > 0 ? found : [...found, provider];
  return {
    area,
    verdict: advice.length > 0 ? 'limited' : 'good',
    text: all.length > 0 ? `found ${all.join(', ')}` : 'none found',
    ...(advice.length > 0 && {
      advice: `missing: ${advice.join('; ')}. Folders that the linker does not know go into LD_LIBRARY_PATH`,
    }),
  };
}

/** Which decoders and encoders GStreamer has for the GPU. */
function video(addon: NativeAddon): Finding {
  const decoders = ['nvh264dec', 'nvh264sldec', 'nvh265dec', 'nvh265sldec'];
  const encoders = encoderElements().filter((element) => element.startsWith('nv'));
  const there = (elements: readonly string[]): string =>
    elements.filter((element) => addon.elementInfo(element).exists).join(', ');
  const [nvdec, nvenc] = [there(decoders), there(encoders)];
  return {
    area: 'gpu video',
    verdict: nvdec === '' ? 'limited' : 'good',
    text: `NVDEC: ${nvdec || 'none'}; NVENC: ${nvenc || 'none, so x264 encodes (A100 and H100 have none)'}`,
    ...(nvdec === '' && {
      advice:
        'apt-get install gstreamer1.0-plugins-bad; in a container make the video driver visible (NVIDIA_DRIVER_CAPABILITIES=all)',
    }),
  };
}

async function networks(addon: NativeAddon, signal: AbortSignal): Promise<Finding> {
  const area = 'gpu networks';
  const logger = createLogger({ level: 'error' });
  const config = streamSchema.parse({ source: { url: 'test:' } });
  const { gpu } = gatewaySchema.parse({});
  try {
    const analyzer = await openAnalyzer({ config, gpu, addon, store: new ModelStore(), logger, signal });
    const text = analyzer.residencies.map(({ stage, reason }) => `${stage}: ${reason}`).join('; ');
    await analyzer.close();
    if (analyzer.gpu.state === 'used') {
      const isHalf = !text.includes('FP32');
      return {
        area,
        verdict: 'good',
        text,
        ...(!isHalf && {
          advice: `diptych models convert ${analyzer.detector.model} --fp16 --dynamic-batch makes the form that the GPU runs fastest`,
        }),
      };
    }
    return {
      area,
      verdict: 'limited',
      text: `streams use the CPU: ${analyzer.gpu.reason}`,
      advice: 'see the gpu libraries above',
    };
  } catch (error) {
    return { area, verdict: 'limited', text: error instanceof Error ? error.message : String(error) };
  }
}

async function driverText(): Promise<string> {
  const version = await readFile('/proc/driver/nvidia/version', 'utf8').catch(() => undefined);
  return version === undefined ? 'no driver is loaded' : `loaded: ${version.split('\n')[0] ?? ''}`;
}
