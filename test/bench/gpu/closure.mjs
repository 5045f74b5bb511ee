/** What a program needs besides itself: shared libraries, packages of node_modules. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The host brings these itself: they fit its kernel, its driver or each other. */
const OF_THE_HOST = /^(ld-linux-x86-64|lib(c|m|dl|rt|pthread|resolv|util|mvec|nsl|anl|cuda|nvcuvid|nvidia-\w+))\.so/;

/**
 * The shared libraries that files load, by name, without those that every host has.
 *
 * @param {readonly string[]} files
 * @returns {ReadonlyMap<string, string>} name → path here
 */
export function librariesOf(files) {
  const libraries = new Map();
  for (const file of files) {
    const { stdout, stderr } = spawnSync('ldd', [file], { encoding: 'utf8' });
    for (const line of stdout.split('\n')) {
      const [, name, path] = /^\s*(\S+) => (\S+|not found)/.exec(line) ?? [];
      if (name === undefined || OF_THE_HOST.test(name)) continue;
      if (path === 'not' || path === 'not found') throw new Error(`${file} needs ${name}, which is not here ${stderr}`);
      libraries.set(name, path);
    }
  }
  return libraries;
}

/**
 * Folders of the packages that packages need at run time, with those that they need.
 *
 * @param {string} root folder of the package.json that names them
 * @param {readonly string[]} names
 * @returns {readonly string[]} below `root`
 */
export function packagesOf(root, names) {
  const folders = new Set();
  const add = (name, from) => {
    for (let folder = from; ; folder = dirname(folder)) {
      const candidate = join(folder, 'node_modules', name);
      if (existsSync(join(candidate, 'package.json'))) {
        if (folders.has(candidate)) return;
        folders.add(candidate);
        const { dependencies = {} } = JSON.parse(readFileSync(join(candidate, 'package.json'), 'utf8'));
        for (const needed of Object.keys(dependencies)) add(needed, candidate);
        return;
      }
      if (folder === root || folder === dirname(folder)) throw new Error(`the package ${name} is not installed`);
    }
  };
  for (const name of names) add(name, root);
  return [...folders];
}
