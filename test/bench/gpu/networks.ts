import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rounded } from '#src/bench/measure.js';
import { longClip } from './long-clip.adapter.js';
import { writeYolov8nShaped } from '../yolov8n-shaped.adapter.js';
import { INPUT_SIDE } from '../yolov8n-shaped.js';
import { cacheFolder } from '#src/stream/models/cache-folder.adapter.js';
import { convertToFp16 } from '#src/stream/models/conversion/fp16-conversion.js';
import { decodeOnnx, encodeOnnx } from '#src/stream/onnx/onnx-file.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { framesOf } from './frames.js';
import type { Step } from './step.js';

/** Found in the picture that the network is set up with, of which those of one class count. */
const CANDIDATES = 150;

/** The YOLOv8n-shaped network in both precisions, made on this machine the first time. */
export const networks: Step = {
  summary: 'makes the YOLOv8n-shaped network, FP32 and FP16, where it is not there',
  limitS: 120,
  async run({ put }) {
    const begunMs = performance.now();
    await shapedNetwork();
    put({ what: 'making the network', unit: 's', value: rounded((performance.now() - begunMs) / 1000, 1) });
  },
};

/** Where the FP16 network of an FP32 one lies. */
export const halfOf = (path: string): string => path.replace(/\.onnx$/, '.fp16.onnx');

/** Path of the FP32 file. */
export async function shapedNetwork(): Promise<string> {
  const folder = cacheFolder('bench');
  const path = join(folder, 'yolov8n-shaped.onnx');
  const half = halfOf(path);
  if (existsSync(path) && existsSync(half)) return path;
  await mkdir(folder, { recursive: true });
  const part = `${path}.${process.pid}.part`;
  await writeYolov8nShaped(part, { picture: await letterboxedFrame(), candidates: CANDIDATES });
  const model = decodeOnnx(await readFile(part), part);
  const { halfNodes, clamped } = convertToFp16(model);
  process.stderr.write(`FP16: ${halfNodes} nodes, ${clamped} weights cut\n`);
  await writeFile(`${half}.part`, encodeOnnx(model));
  await rename(`${half}.part`, half);
  await rename(part, path);
  return path;
}

async function letterboxedFrame(): Promise<Float32Array> {
  const addon = loadAddon();
  const [frame] = await framesOf(addon, await longClip(), { memory: 'system', count: 1 });
  const picture = new Float32Array(3 * INPUT_SIDE * INPUT_SIDE);
  const side = { width: INPUT_SIDE, height: INPUT_SIDE };
  addon.letterbox(
    frame!.handle,
    { ...side, channels: 'RGB', order: 'nchw', mean: 0, scale: 1 / 255, pad: 114 },
    picture,
  );
  addon.release(frame!.handle);
  return picture;
}
