import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The onnxruntime that onnxruntime-node brings. */
export const ONNX_RUNTIME = join(
  dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
  `bin/napi-v6/linux/${process.arch}/libonnxruntime.so.1`,
);

/** What all networks of these tests have in common. */
export const COMMON = { library: ONNX_RUNTIME, provider: 'cpu', maxBatch: 8, maxWaitMs: 2 } as const;

const modelDir = process.env['DIPTYCH_MODEL_DIR'];
/** Whether a file that is never fetched was brought. */
export const hasModel = (file: string): boolean => modelDir !== undefined && existsSync(join(modelDir, file));
export const WHY_SKIPPED = ' (skipped: DIPTYCH_MODEL_DIR names no folder with the file)';
