// @ts-check
// What `npm pack` calls before (node src/setup/pack.mjs) and after (--restore).
//
// A package installs nothing by itself: its dependencies need system packages and compilers, which
// set-up brings first. So the package.json that is packed has none, and the list and its lock file,
// which npm would leave out, are laid into dist/packages for the first start.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { reportFailure, SetupError } from './progress.mjs';
import { compileTypeScript } from './steps.mjs';

const root = dirname(createRequire(import.meta.url).resolve('#package.json'));
const at = (/** @type {string} */ path) => join(root, path);
const manifest = at('package.json');
const kept = at('dist/packages/package.json');
/** What an installed package must not have: it makes npm install, build or check. */
const LEFT_OUT = ['scripts', 'dependencies', 'devDependencies', 'overrides', 'allowScripts'];

/** Whether an earlier `npm pack` was ended before it put package.json back. */
const isReduced = () => JSON.parse(readFileSync(manifest, 'utf8')).dependencies === undefined;

function restore() {
  if (isReduced() && existsSync(kept)) copyFileSync(kept, manifest);
}

/** What older builds have left in dist would be packed, too. */
function removeOldBuild() {
  for (const name of existsSync(at('dist')) ? readdirSync(at('dist')) : []) {
    if (name !== 'logs' && name !== '.models') rmSync(at(`dist/${name}`), { recursive: true, force: true });
  }
}

async function prepare() {
  restore();
  if (!existsSync(at('node_modules/typescript'))) {
    throw new SetupError('npm packages are missing; run npm ci first', { exitCode: 2 });
  }
  removeOldBuild();
  await compileTypeScript();
  mkdirSync(dirname(kept), { recursive: true });
  copyFileSync(manifest, kept);
  copyFileSync(at('package-lock.json'), at('dist/packages/package-lock.json'));
  const { ...fields } = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const name of LEFT_OUT) delete fields[name];
  writeFileSync(manifest, `${JSON.stringify(fields, undefined, 2)}\n`);
}

if (process.argv[2] === '--restore') restore();
else prepare().catch(reportFailure);
