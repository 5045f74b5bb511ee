// @ts-check
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run, SetupError, step } from './progress.mjs';

/** Brings what onnxruntime-node 1.29.0 leaves out: the same version, made for CUDA. */
const PACKAGE = 'com.github.asus4.onnxruntime.linux-x64-gpu@0.4.9';
const FOLDER = 'package/Plugins/Linux/x64';
/** sha256 of each library. */
const LIBRARIES = {
  'libonnxruntime_providers_shared.so': 'c6a12593396095f5670160e284c35d1700b7708cf3037b7042e2a5200ccae772',
  'libonnxruntime_providers_cuda.so': '56cf3254b118ad837ccc4ed8f6d1b23504bbf7ef91b34cbc0b289cb7f10b3037',
  'libonnxruntime_providers_tensorrt.so': 'ef6071798a339038ad66c428fb1a809cf8e499bffc3b6870e4e8bc4f4c6a6320',
};
const NAMES = Object.keys(LIBRARIES);
const DOWNLOAD_LIMIT_MS = 900_000;

/**
 * Where there is an NVIDIA driver, puts onnxruntime's CUDA provider beside its library, fetched once
 * for all clones (180 MB). Without it everything runs on the CPU, so a failure is only told.
 * @param {{ root: string, logs: string }} places
 */
export async function provideGpuProvider({ root, logs }) {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !hasDriver()) return;
  const beside = join(root, 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64');
  if (NAMES.every((name) => existsSync(join(beside, name)))) return;
  const cache = join(
    process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
    `diptych/onnxruntime-gpu-${PACKAGE.slice(PACKAGE.lastIndexOf('@') + 1)}`,
  );
  try {
    if (!(await isWhole(cache))) {
      await step('onnxruntime for the GPU (180 MB)', (say) => fetchLibraries(cache, join(logs, 'gpu.log'), say));
    }
    for (const name of NAMES) {
      rmSync(join(beside, name), { force: true });
      symlinkSync(join(cache, name), join(beside, name));
    }
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`set-up: ${error.message}; networks run on the CPU until it is there\n`);
  }
}

/** Whether the driver's library can be opened; it is no addon, which Node tells apart. */
function hasDriver() {
  try {
    process.dlopen({ exports: {} }, 'libcuda.so.1');
    return true;
  } catch (error) {
    return !String(error).includes('cannot open shared object file');
  }
}

/** @param {string} cache @param {string} log @param {(detail: string) => void} say */
async function fetchLibraries(cache, log, say) {
  mkdirSync(dirname(cache), { recursive: true });
  const folder = mkdtempSync(`${cache}.part-`);
  try {
    const advice = 'check that the npm registry can be reached';
    const options = { cwd: folder, log, say, timeoutMs: DOWNLOAD_LIMIT_MS, advice };
    say('downloading');
    await run('npm', ['pack', PACKAGE, '--ignore-scripts', '--loglevel=http'], options);
    const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) throw new SetupError(`npm pack ${PACKAGE} gave no file; ${advice}`);
    say('unpacking');
    await run('tar', ['-xzf', archive, ...NAMES.map((name) => `${FOLDER}/${name}`)], options);
    if (!(await isWhole(join(folder, FOLDER)))) {
      throw new SetupError(`${PACKAGE} is not what it was: the sha256 of a library differs`);
    }
    rmSync(cache, { recursive: true, force: true });
    renameSync(join(folder, FOLDER), cache);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder */
async function isWhole(folder) {
  for (const [name, expected] of Object.entries(LIBRARIES)) {
    const path = join(folder, name);
    if (!existsSync(path)) return false;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    if (hash.digest('hex') !== expected) return false;
  }
  return true;
}
