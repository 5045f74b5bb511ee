#!/usr/bin/env node
// @ts-check
// `diptych` of an installed package: brings what is missing at the first start, then runs the command.

import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reportFailure } from './progress.mjs';
import { hashOf } from './stamp.mjs';

const root = dirname(createRequire(import.meta.url).resolve('#package.json'));
/** What set-up leaves behind when it is done, so that nothing is looked at again at each start. */
const MARK = 'dist/.set-up';

/** @param {string} path */
function isWritable(path) {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a set-up depends on, for one purpose. @param {string} folder of a package @param {'demo' | 'start'} purpose */
function stateOf(folder, purpose) {
  const words = [purpose, process.versions.modules, process.arch, process.env['DIPTYCH_MODEL_DIR'] ?? ''];
  return hashOf(
    ['package.json', 'dist/main.js', 'models/manifest.json'].map((path) => join(folder, path)),
    words,
    folder,
  );
}

/** @param {string} folder @param {'demo' | 'start'} purpose */
function isSetUp(folder, purpose) {
  // What the demo needs is all that others need, and more.
  const purposes = purpose === 'start' ? /** @type {const} */ (['start', 'demo']) : [purpose];
  return purposes.some((each) => {
    const mark = join(folder, `${MARK}-${each}`);
    return existsSync(mark) && readFileSync(mark, 'utf8') === stateOf(folder, each);
  });
}

/** A copy of the package in a folder of this user, whose own the package is not. @param {'demo' | 'start'} purpose */
function copyOfUser(purpose) {
  const data = process.env['XDG_DATA_HOME'] || join(homedir(), '.local/share');
  const copy = join(data, 'diptych', stateOf(root, 'start').slice(0, 12));
  if (existsSync(copy)) return copy;
  const part = `${copy}.${process.pid}.part`;
  mkdirSync(dirname(copy), { recursive: true });
  const skipped = new Set(['node_modules', 'build'].map((name) => join(root, name)));
  cpSync(root, part, { recursive: true, filter: (path) => !skipped.has(path) });
  rmSync(join(part, `${MARK}-${purpose}`), { force: true });
  renameSync(part, copy);
  return copy;
}

/** @param {readonly string[]} parameters */
async function main(parameters) {
  if (['--version', '-V', 'version'].includes(parameters[0] ?? '')) {
    process.stdout.write(`diptych ${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`);
    return;
  }
  const isForDemo = parameters[0] === 'demo' || (parameters[0] === 'setup' && parameters.includes('--demo'));
  const purpose = isForDemo ? 'demo' : 'start';
  const isOwn = isSetUp(root, purpose) || isWritable(root);
  const folder = isOwn ? root : copyOfUser(purpose);
  const { runProgram, setUp } = await import(pathToFileURL(join(folder, 'src/setup/steps.mjs')).href);
  if (!isSetUp(folder, purpose)) {
    process.stdout.write(`first start: what is missing is installed into ${folder}\n`);
    await setUp(purpose);
    writeFileSync(join(folder, `${MARK}-${purpose}`), stateOf(folder, purpose));
  }
  await runProgram(parameters);
}

main(process.argv.slice(2)).catch(reportFailure);
