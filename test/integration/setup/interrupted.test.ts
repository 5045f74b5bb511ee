import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-interrupted-'));
});

afterEach(() => rm(folder, { recursive: true }));

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a set-up that is ended by %s ends what it has started', async (signal, status) => {
  const pidFile = join(folder, 'pid');
  const script = join(folder, 'set-up.mjs');
  await writeFile(
    script,
    `import { run } from ${JSON.stringify(pathToFileURL(packagePath('src/setup/progress.mjs')).href)};
     await run('sh', ['-c', 'echo $$ > ${pidFile}; exec sleep 300'], { log: ${JSON.stringify(join(folder, 'log'))}, advice: 'none' });`,
  );
  const setup = spawn(process.execPath, [script], { stdio: 'ignore' });
  const pid = await vi.waitFor(async () => {
    const text = (await readFile(pidFile, 'utf8')).trim();
    expect(text).not.toBe('');
    return Number(text);
  }, 10_000);

  setup.kill(signal);
  const [code] = (await once(setup, 'exit')) as [number];

  expect(code).toBe(status);
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), 5_000);
});
