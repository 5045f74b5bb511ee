import { spawnSync } from 'node:child_process';

/** @throws where the script, which gets `args` as $1, $2, …, ends with another status than 0 */
export function shell(script, args) {
  const { status } = spawnSync('bash', ['-c', script, 'bash', ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`failed: ${script}`);
}

export const say = (line) => process.stdout.write(`${line}\n`);
export const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
