// @ts-check
// Ten lines of the sources, picked at random: node .checks/random-lines.mjs [COUNT]
//
// A reader's test of the layout: say from each path alone which process runs the file and which stage
// or part it belongs to, then look whether it is so.

import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { packagePath } from './package-root.mjs';

const [count = '10'] = process.argv.slice(2);

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
for (let picked = 0; picked < Number(count); picked += 1) {
  const { path = '', line = 0, text = '' } = lines[randomInt(lines.length)] ?? {};
  process.stdout.write(`${path}:${line}  ${text}\n`);
}
