// @ts-check
// Ten lines of the sources, picked at random: node .checks/random-lines.mjs [COUNT] [SEED]
//
// A reader's test of the layout: say from each path alone which process runs the file and which stage
// or part it belongs to, then look whether it is so.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { packagePath } from './package-root.mjs';

const [count = '10', seed = String(Date.now())] = process.argv.slice(2);

/** Mulberry32: the same seed picks the same lines. @param {number} state */
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const files = execFileSync('git', ['ls-files', 'src', 'native/src', 'native/kernels'], {
  cwd: packagePath(''),
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.(?:ts|mjs|cpp|hpp|cu|h)$/.test(path));
/** Every line is as likely as any other; blank ones and those of punctuation alone say nothing. */
const lines = files.flatMap((path) =>
  readFileSync(packagePath(path), 'utf8')
    .split('\n')
    .flatMap((text, index) => (/\w{3}/.test(text) ? [{ path, line: index + 1, text: text.trim() }] : [])),
);
const random = generator(Number(seed));
for (let picked = 0; picked < Number(count); picked += 1) {
  const { path = '', line = 0, text = '' } = lines[Math.floor(random() * lines.length)] ?? {};
  process.stdout.write(`${path}:${line}  ${text}\n`);
}
