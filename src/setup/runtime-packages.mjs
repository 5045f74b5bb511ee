// @ts-check
// Prints the Debian packages that a set-up package needs to run, without what only building needs:
// node src/setup/runtime-packages.mjs. For images that are built in one stage and run in another.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { RUN } from './system-packages.mjs';

const root = dirname(createRequire(import.meta.url).resolve('#package.json'));
const BUILT = [
  'native/build/Release/diptych.node',
  'node_modules/gstreamer-superficial/build/Release/gstreamer-superficial.node',
  'node_modules/mediasoup/worker/out/Release/mediasoup-worker',
  // Of `diptych setup --demo`.
  'native/test-camera/build/diptych-test-camera',
];

/** Shared libraries of a program, as the dynamic linker finds them. @param {string} path */
function librariesOf(path) {
  const lines = execFileSync('ldd', [path], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => /=> (\/\S+)/.exec(line)?.[1] ?? []);
}

/** Which package brings a library; dpkg knows it by the path before or after /usr was merged. @param {string} path */
function ownersOf(path) {
  const { stdout } = spawnSync('dpkg-query', ['-S', path, path.replace(/^\/lib/, '/usr/lib')], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => /^([^:,\s]+)(?::\w+)?: \//.exec(line)?.[1] ?? []);
}

const libraries = new Set(
  BUILT.map((path) => join(root, path))
    .filter(existsSync)
    .flatMap(librariesOf),
);
const packages = new Set([...RUN, 'ca-certificates', ...Array.from(libraries).flatMap(ownersOf)]);
process.stdout.write(`${Array.from(packages).sort().join('\n')}\n`);
