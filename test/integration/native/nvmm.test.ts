import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, it } from 'vitest';

const run = promisify(execFile);
const NATIVE = fileURLToPath(new URL('../../../native', import.meta.url));
const compiler = process.env['CXX'] ?? 'c++';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-nvmm-'));
  const { stdout } = await run('pkg-config', ['--cflags', '--libs', 'gstreamer-1.0', 'gstreamer-video-1.0']);
  const common = ['-std=c++17', '-g', '-Wall', '-Wextra'];
  const library = join(folder, 'libnvbufsurface.so');
  await run(compiler, [...common, '-shared', '-fPIC', '-o', library, 'test/soft_nvbufsurface.cpp'], { cwd: NATIVE });
  await run(
    compiler,
    [
      ...[...common, '-Iinclude', '-o', join(folder, 'nvmm'), 'test/nvmm.cpp', 'src/gst/nvmm.cpp'],
      ...[...stdout.trim().split(/\s+/), '-ldl'],
    ],
    { cwd: NATIVE },
  );
});

afterAll(() => rm(folder, { recursive: true }));

// The program says what is not as expected, and ends with 1.
it('pictures in NVIDIA surfaces are read where they lie, and given back', async () => {
  await run(join(folder, 'nvmm'), [], { env: { ...process.env, LD_LIBRARY_PATH: folder } });
});

it('without libnvbufsurface.so they cannot be read, and the error says where it comes from', async () => {
  await run(join(folder, 'nvmm'), ['missing']);
});
