import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '#src/shared/package-root.js';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const NATIVE = packagePath('native');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-graph-lifetime-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function sourcesIn(path: string): Promise<readonly string[]> {
  const names = await readdir(join(NATIVE, path));
  return names.filter((name) => name.endsWith('.cpp')).map((name) => join(path, name));
}

// The program says what is not as expected, and ends with 1.
it('graphs, frames and links begin and end without JavaScript, and need no code of cuda', async () => {
  const { stdout } = await run('pkg-config', [
    '--cflags',
    '--libs',
    ...['gstreamer-1.0', 'gstreamer-base-1.0', 'gstreamer-video-1.0', 'gio-2.0'],
  ]);
  const sources = [
    ...['test/graph_lifetime.cpp', 'src/core/frame_store.cpp', 'src/core/device_memory.cpp'],
    ...['src/core/free_memory.cpp', 'src/core/display_orientation.cpp', 'src/core/deadline_file.cpp'],
    ...(await sourcesIn('src/gst')),
    ...(await sourcesIn('src/gst/nvmm')),
  ];
  const program = join(folder, 'graph_lifetime');
  const flags = ['-std=c++17', '-O0', '-Wall', '-Wextra', '-pthread', '-Isrc', '-o', program];
  await run(process.env['CXX'] ?? 'c++', [...flags, ...sources, ...stdout.trim().split(/\s+/), '-ldl'], {
    cwd: NATIVE,
  });

  const { stdout: said } = await run(program, ['2']);

  expect(said).toBe('2 rounds\n');
}, 120_000);
