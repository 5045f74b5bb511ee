// @ts-check
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run, SetupError, step } from './progress.mjs';

/**
 * @typedef {object} Provider
 * @property {string} archive what `npm pack` takes
 * @property {string} version names the folder in the cache
 * @property {Readonly<Record<string, string>>} libraries sha256 of each
 */

/**
 * Brings what onnxruntime-node 1.29.0 leaves out: the same version, made for CUDA.
 * @type {Provider}
 */
const PROVIDER = {
  archive: 'com.github.asus4.onnxruntime.linux-x64-gpu@0.4.9',
  version: '0.4.9',
  libraries: {
    'libonnxruntime_providers_shared.so': 'c6a12593396095f5670160e284c35d1700b7708cf3037b7042e2a5200ccae772',
    'libonnxruntime_providers_cuda.so': '56cf3254b118ad837ccc4ed8f6d1b23504bbf7ef91b34cbc0b289cb7f10b3037',
    'libonnxruntime_providers_tensorrt.so': 'ef6071798a339038ad66c428fb1a809cf8e499bffc3b6870e4e8bc4f4c6a6320',
  },
};
const FOLDER = 'package/Plugins/Linux/x64';
const DOWNLOAD_LIMIT_MS = 900_000;

/**
 * Where there is an NVIDIA driver, puts onnxruntime's CUDA provider beside its library, fetched once
 * for all clones (180 MB). Without it everything runs on the CPU, so a failure is only told.
 * @param {{ root: string, logs: string }} places
 * @param {Provider} [provider]
 */
export async function provideGpuProvider({ root, logs }, provider = PROVIDER) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return;
  // An image is built where there is no driver, for machines that have one.
  if (process.env['DIPTYCH_SETUP_GPU'] !== '1' && !hasDriver()) return;
  const beside = join(root, 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64');
  const names = Object.keys(provider.libraries);
  const cache = join(
    process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
    `diptych/onnxruntime-gpu-${provider.version}`,
  );
  if (names.every((name) => isInPlace(join(beside, name), join(cache, name)))) return;
  try {
    if (!(await isWhole(cache, provider))) {
      await step('onnxruntime for the GPU (180 MB)', (say) =>
        fetchLibraries(cache, provider, join(logs, 'gpu.log'), say),
      );
    }
    for (const name of names) {
      rmSync(join(beside, name), { force: true });
      symlinkSync(join(cache, name), join(beside, name));
    }
  } catch (error) {
    // Full or read-only disks fail here with an error of the system's.
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`set-up: ${message}; networks run on the CPU until onnxruntime for the GPU is there\n`);
  }
}

/** A link of ours to this version, or a file that somebody else put there. @param {string} path @param {string} target */
function isInPlace(path, target) {
  if (!existsSync(path)) return false;
  try {
    return readlinkSync(path) === target;
  } catch {
    return true;
  }
}

/** Whether the driver's library can be opened; it is no addon, which Node tells apart. */
function hasDriver() {
  try {
    process.dlopen({ exports: {} }, process.env['DIPTYCH_LIBCUDA'] || 'libcuda.so.1');
    return true;
  } catch (error) {
    return !String(error).includes('cannot open shared object file');
  }
}

/** @param {string} cache @param {Provider} provider @param {string} log @param {(detail: string) => void} say */
async function fetchLibraries(cache, provider, log, say) {
  const { archive: source, libraries } = provider;
  mkdirSync(dirname(cache), { recursive: true });
  const folder = mkdtempSync(`${cache}.part-`);
  try {
    const advice = `check that the npm registry can be reached, and that ${dirname(cache)} has room for 600 MB`;
    const options = { cwd: folder, log, say, timeoutMs: DOWNLOAD_LIMIT_MS, advice };
    say('downloading');
    await run('npm', ['pack', source, '--ignore-scripts', '--loglevel=http'], options);
    const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) throw new SetupError(`npm pack ${source} gave no file; ${advice}`);
    say('unpacking');
    await run('tar', ['-xzf', archive, ...Object.keys(libraries).map((name) => `${FOLDER}/${name}`)], options);
    if (!(await isWhole(join(folder, FOLDER), provider))) {
      throw new SetupError(`${source} is not what it was: the sha256 of a library differs`);
    }
    rmSync(cache, { recursive: true, force: true });
    renameSync(join(folder, FOLDER), cache);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder @param {Provider} provider */
async function isWhole(folder, { libraries }) {
  for (const [name, expected] of Object.entries(libraries)) {
    const path = join(folder, name);
    if (!existsSync(path)) return false;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    if (hash.digest('hex') !== expected) return false;
  }
  return true;
}
