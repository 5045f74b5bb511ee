// @ts-check
// The steps that make a fresh clone, or an installed package, run. Everything that is up to date is skipped.

import { existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { provideGpuProvider } from './gpu-provider.mjs';
import { provideWorker } from './mediasoup-worker.mjs';
import { run, SetupError, step, together } from './progress.mjs';
import { hashOf, unlessMade } from './stamp.mjs';
import { packagesFor, pkgConfigFlags, planPackages } from './system-packages.mjs';

const root = dirname(createRequire(import.meta.url).resolve('#package.json'));
const at = (/** @type {string} */ path) => join(root, path);
const logs = at('dist/logs');
/** Whether this is what `npm pack` made, not a clone: it has no TypeScript sources. */
const isPacked = !existsSync(at('src/main.ts'));
const log = (/** @type {string} */ name) => join(logs, `${name}.log`);

const OLDEST_NODE = [20, 19];
/** @typedef {import('./system-packages.mjs').Purpose} Purpose */

const CAMERA_LIBRARIES = ['gstreamer-rtsp-server-1.0', 'gstreamer-app-1.0'];
/** What a compiled addon depends on beside its sources. */
const RUNTIME = [process.versions.modules, process.arch, process.platform];

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupError(`Node ${process.versions.node} is too old: ${OLDEST_NODE.join('.')} or newer is needed`, {
    exitCode: 2,
  });
}

/** @param {AbortSignal} signal */
async function installNpmPackages(signal) {
  // npm carries no lock file in a package, so `npm pack` lays ours aside, beside the list of packages.
  const folder = isPacked ? at('dist/packages') : root;
  const hash = hashOf([join(folder, 'package-lock.json'), at('.npmrc')], [process.arch, process.platform]);
  const outputs = [at('node_modules/fastify')];
  await unlessMade({ stamp: at('node_modules/.diptych'), hash, outputs }, () =>
    step('npm packages', async (say) => {
      // Their install scripts would download and build with tools of their own; what is needed of
      // that is done below.
      const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
      await run('npm', ['ci', ...quiet, ...(isPacked ? ['--omit=dev', '--no-global'] : [])], {
        cwd: folder,
        env: { ...process.env, npm_config_prefix: undefined, npm_config_global: undefined },
        log: log('npm'),
        say,
        signal,
        advice: 'check that the npm registry can be reached',
      });
      if (!isPacked) return;
      rmSync(at('node_modules'), { recursive: true, force: true });
      renameSync(join(folder, 'node_modules'), at('node_modules'));
    }),
  );
}

/** Headers of the very Node that runs, where it brings them; else node-gyp fetches them. */
function nodeHeaders() {
  const prefix = join(process.execPath, '../..');
  return existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
}

/** @param {string} label @param {string} folder @param {string} output @param {readonly string[]} sources */
async function buildAddon(label, folder, output, sources) {
  const hash = hashOf(
    sources.map((path) => join(folder, path)),
    RUNTIME,
  );
  await unlessMade(
    { stamp: join(folder, 'build/.diptych'), hash, outputs: [join(folder, 'build/Release', output)] },
    () =>
      step(label, (say) =>
        run(process.execPath, [at('node_modules/node-gyp/bin/node-gyp.js'), 'rebuild', '-j', 'max', ...nodeHeaders()], {
          cwd: folder,
          log: log(output),
          say,
          advice: 'a C++17 compiler and the development packages of GStreamer are needed',
        }),
      ),
  );
}

async function buildTestCamera() {
  const folder = at('native/test-camera');
  const output = join(folder, 'build/diptych-test-camera');
  const hash = hashOf([folder], RUNTIME);
  await unlessMade({ stamp: join(folder, 'build/.diptych'), hash, outputs: [output] }, () =>
    step('test camera', (say) => {
      const sources = ['main.cpp', 'options.cpp', 'broadcast.cpp', 'clip.cpp'];
      const flags = ['-std=c++17', '-O2', '-Wall', '-Wextra', '-pthread'];
      const script = 'mkdir -p build && exec "${CXX:-c++}" "$@"';
      return run('sh', ['-c', script, 'sh', ...flags, '-o', output, ...sources, ...pkgConfigFlags(CAMERA_LIBRARIES)], {
        cwd: folder,
        log: log('test-camera'),
        say,
        advice: 'a C++17 compiler and libgstrtspserver-1.0-dev are needed',
      });
    }),
  );
}

/** Compiles the program and bundles the page, unless that is done. A package carries both. */
export async function compileTypeScript() {
  if (isPacked) return;
  const hash = hashOf([at('src'), at('tsconfig.json'), at('package.json'), at('package-lock.json')]);
  await unlessMade({ stamp: at('dist/.diptych'), hash, outputs: [at('dist/main.js'), at('dist/viewer')] }, async () => {
    await step('TypeScript', (say) => {
      // tsc writes only what changed since its last run; where outputs are gone, that is everything.
      if (!existsSync(at('dist/main.js'))) rmSync(at('dist/.tsbuildinfo'), { force: true });
      return run(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', at('tsconfig.json')], {
        cwd: root,
        log: log('tsc'),
        say,
        advice: 'the sources have type errors',
      });
    });
    await bundle('start files', 'src/setup/bundle.mjs', 'bundle', 'the program could not be bundled');
    await bundle('viewer page', 'src/viewer/build.mjs', 'viewer', 'the page could not be bundled');
  });
}

/** @param {string} label @param {string} script @param {string} logName @param {string} advice */
function bundle(label, script, logName, advice) {
  return step(label, (say) => run(process.execPath, [at(script)], { cwd: root, log: log(logName), say, advice }));
}

/** A running gateway may have models of its own, so there a failure is only told. */
async function fetchModels(/** @type {string} */ purpose) {
  const hash = hashOf([at('models/manifest.json')], [process.env['DIPTYCH_MODEL_DIR'] ?? '']);
  const made = unlessMade({ stamp: at('dist/.models'), hash, outputs: [] }, () =>
    step('models', (say) =>
      run(process.execPath, [at('dist/main.js'), 'models', 'fetch'], {
        cwd: root,
        log: log('models'),
        say,
        advice: 'put the files into a folder and name it in DIPTYCH_MODEL_DIR (models/README.md)',
      }),
    ),
  );
  await made.catch((error) => {
    if (purpose !== 'start' || !(error instanceof SetupError)) throw error;
    process.stderr.write(`set-up: ${error.message}\n`);
  });
}

/**
 * Brings everything that is missing: system packages, npm packages, addons, the worker, the build, models.
 * @param {Purpose} purpose
 * @throws {SetupError}
 */
export async function setUp(purpose) {
  checkNode();
  // One mostly unpacks, the other mostly downloads.
  await together([planPackages(packagesFor(purpose), log('apt')), installNpmPackages]);
  await buildAddon('GStreamer binding', at('node_modules/gstreamer-superficial'), 'gstreamer-superficial.node', [
    'package.json',
    'binding.gyp',
  ]);
  await buildAddon('native addon', at('native'), 'diptych.node', ['binding.gyp', 'kernels', 'no-encoder', 'src']);
  if (purpose === 'test') {
    // Compiled against the addon's headers and linked to it.
    const sources = ['.', '../../binding.gyp', '../../kernels', '../../src'];
    await buildAddon('test binding', at('native/test/binding'), 'diptych_test.node', sources);
  }
  if (purpose !== 'start') await buildTestCamera();
  await provideWorker({ root, logs });
  await provideGpuProvider({ root, logs });
  await compileTypeScript();
  await fetchModels(purpose);
}

/** Runs `diptych` in this process. @param {readonly string[]} parameters what follows its name */
export async function runProgram(parameters) {
  process.argv = [process.execPath, at('dist/main.js'), ...parameters];
  await import(pathToFileURL(at('dist/main.js')).href);
}
