import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-dense-conv-'));
});

afterAll(() => rm(folder, { recursive: true }));

it('convolutions on tensor cores give the sums that they should, warps and shared memory done by threads', async () => {
  const program = join(folder, 'dense_conv');
  const flags = ['-std=c++17', '-O1', '-pthread', '-Wall', '-Wextra', '-Wno-unknown-pragmas', '-I.', '-Ikernels'];
  await run(process.env['CXX'] ?? 'c++', [...flags, '-o', program, 'test/dense_conv.cpp'], {
    cwd: packagePath('native'),
  });

  const { stdout } = await run(program);

  expect(stdout.trim().split('\n')).toHaveLength(13);
});
