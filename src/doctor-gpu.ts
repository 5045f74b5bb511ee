import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gatewaySchema, streamSchema } from '#config/schema.js';
import { chooseGpu, onnxruntimeLibrary } from '#gpu/gpu.adapter.js';
import { ModelStore } from '#inference/model-store.adapter.js';
import type { NativeAddon } from '#native/types.js';
import { createLogger } from '#telemetry/logger.js';
import type { Finding } from './doctor.js';
import { openEyes } from './engine.js';

const GIGABYTE = 1e9;
const PROVIDERS = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

/** What there is of an NVIDIA GPU, whether streams will work on it, and why not. */
export async function examineGpu(addon: NativeAddon, signal: AbortSignal): Promise<readonly Finding[]> {
  const config = gatewaySchema.parse({}).gpu;
  const { gpu, reason } = await chooseGpu(config, addon);
  if (!gpu) {
    return [
      {
        area: 'gpu',
        verdict: 'limited',
        text: `everything runs on the CPU: ${reason}`,
        advice: `where there is an NVIDIA GPU: install its driver and NVRTC (libnvrtc) for its CUDA version; ${await driverText()}`,
      },
    ];
  }
  const { totalBytes, freeBytes } = addon.gpuMemory();
  const card: Finding = {
    area: 'gpu',
    verdict: 'good',
    text: `${reason}; ${(freeBytes / GIGABYTE).toFixed(1)} of ${(totalBytes / GIGABYTE).toFixed(1)} GB free`,
  };
  const shared: Finding =
    gpu.info.gstreamer === 'shared'
      ? { area: 'gpu in GStreamer', verdict: 'good', text: 'its elements work in our context' }
      : {
          area: 'gpu in GStreamer',
          verdict: 'limited',
          text: 'its elements can not be given our context: no libgstcuda',
          advice: 'apt-get install libgstreamer-plugins-bad1.0-0 (GStreamer 1.22 or newer)',
        };
  return [card, shared, await networks(addon, signal)];
}

async function networks(addon: NativeAddon, signal: AbortSignal): Promise<Finding> {
  const area = 'gpu networks';
  const logger = createLogger({ level: 'error' });
  const config = streamSchema.parse({ source: { url: 'test:' } });
  const { gpu } = gatewaySchema.parse({});
  try {
    const eyes = await openEyes({ config, gpu, addon, store: new ModelStore(), logger, signal });
    const text = eyes.places.map(({ stage, reason }) => `${stage}: ${reason}`).join('; ');
    await eyes.close();
    if (eyes.gpu.state === 'used') return { area, verdict: 'good', text };
    const folder = dirname(onnxruntimeLibrary());
    const missing = await missingFiles(folder);
    return {
      area,
      verdict: 'limited',
      text: `streams work on the CPU: ${eyes.gpu.reason}`,
      advice:
        missing.length > 0
          ? `${missing.join(', ')} missing in ${folder}: run npm run build where the npm registry can be reached`
          : 'install the runtime, cuBLAS and cuRAND of CUDA 13 and cuDNN 9, and put their folders into LD_LIBRARY_PATH',
    };
  } catch (error) {
    return { area, verdict: 'limited', text: error instanceof Error ? error.message : String(error) };
  }
}

async function missingFiles(folder: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const name of PROVIDERS) await access(join(folder, name)).catch(() => missing.push(name));
  return missing;
}

async function driverText(): Promise<string> {
  const version = await readFile('/proc/driver/nvidia/version', 'utf8').catch(() => undefined);
  return version === undefined ? 'no driver is loaded here' : `loaded here: ${version.split('\n')[0] ?? ''}`;
}
