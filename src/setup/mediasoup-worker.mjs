// @ts-check
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { WORKER_BUILD_PACKAGES } from '../../native/mediasoup-worker/build.mjs';
import { run, SetupError, step } from './progress.mjs';
import { hashOf } from './stamp.mjs';
import { planPackages, systemName } from './system-packages.mjs';

/** What the worker ends with when it runs but was not told its version: it is sound. */
const EXIT_SOUND = 41;
const DOWNLOAD_LIMIT_MS = 30_000;
const RECIPE_DIGITS = 12;

/**
 * Puts mediasoup's worker where mediasoup looks for it: its own prebuilt one where that can be
 * had and runs here, else one built from its sources and kept for the next clone.
 * @param {{ root: string, logs: string }} places
 */
export async function provideWorker({ root, logs }) {
  const named = process.env['MEDIASOUP_WORKER_BIN'];
  if (named) {
    if (isSound(named)) return;
    throw new SetupError(`MEDIASOUP_WORKER_BIN names ${named}, which is no mediasoup worker that runs here`);
  }
  const mediasoup = join(root, 'node_modules/mediasoup');
  const place = join(mediasoup, 'worker/out/Release/mediasoup-worker');
  // Beside a worker that was built here; one that was downloaded has none.
  const stamp = `${place}.recipe`;
  const recipe = recipeOf(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') !== recipe) rmSync(place, { force: true });
  if (isSound(place)) return;

  const cached = cachedWorker(mediasoup, recipe);
  const log = join(logs, 'mediasoup-worker.log');
  if (!isSound(cached)) {
    const isDownloaded = await step(
      'mediasoup worker: download',
      (say) => download(mediasoup, place, log, say),
      (isThere) => (isThere ? 'done' : 'not to be had here, so it is built'),
    );
    if (isDownloaded) {
      rmSync(stamp, { force: true });
      return;
    }
    await planPackages(WORKER_BUILD_PACKAGES, join(logs, 'apt.log'))();
    // Built before, but against libraries that were away since.
    if (!isSound(cached)) await step('mediasoup worker: build', (say) => build({ root, mediasoup, cached, log, say }));
  }
  mkdirSync(dirname(place), { recursive: true });
  const part = `${place}.${process.pid}.part`;
  copyFileSync(cached, part);
  renameSync(part, place);
  writeFileSync(stamp, recipe);
}

/**
 * Everything in the project that a built worker depends on, the same in every clone.
 * @param {string} root
 */
export function recipeOf(root) {
  return hashOf([join(root, 'native/mediasoup-worker')], [], root);
}

/**
 * Where a built worker is kept for all clones: another version, system or recipe, another file.
 * @param {string} mediasoup folder of the npm package
 * @param {string} recipe
 */
export function cachedWorker(mediasoup, recipe) {
  const { version } = JSON.parse(readFileSync(join(mediasoup, 'package.json'), 'utf8'));
  const name = ['mediasoup-worker', version, process.arch, systemName(), recipe.slice(0, RECIPE_DIGITS)].join('-');
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'diptych', name, 'mediasoup-worker');
}

/**
 * mediasoup's own install script; where it finds nothing to download it would build with tools
 * from the web, which a Python that fails at once keeps it from.
 * @param {string} mediasoup @param {string} place @param {string} log @param {(detail: string) => void} say
 */
async function download(mediasoup, place, log, say) {
  try {
    await run(process.execPath, ['npm-scripts.mjs', 'postinstall'], {
      cwd: mediasoup,
      env: { ...process.env, PYTHON: 'false', MEDIASOUP_FORCE_WORKER_PREBUILT_DOWNLOAD: 'true' },
      timeoutMs: DOWNLOAD_LIMIT_MS,
      log,
      say,
      advice: 'it is built here',
    });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
  }
  return isSound(place);
}

/** @param {{ root: string, mediasoup: string, cached: string, log: string, say: (detail: string) => void }} work */
async function build({ root, mediasoup, cached, log, say }) {
  await run(process.execPath, [join(root, 'native/mediasoup-worker/build.mjs'), mediasoup, cached], {
    log,
    say,
    advice: 'or name a worker in MEDIASOUP_WORKER_BIN',
  });
  if (!isSound(cached)) throw new SetupError(`the mediasoup worker that was built does not run: ${cached}`);
}

/** @param {string} path */
function isSound(path) {
  return existsSync(path) && spawnSync(path, { env: {}, stdio: 'ignore' }).status === EXIT_SOUND;
}
