import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { filter, firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Graph } from '#gst/graph.adapter.js';
import { loadAddon } from '#native/addon.adapter.js';

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

it('a sink that is given none of them says so', async () => {
  const addon = loadAddon();
  const graph = await Graph.fromLaunch(
    [
      '# {graph} string: id',
      'diptychsrc graph={graph} name=in caps="video/x-raw(memory:NVMM),format=NV12,width=64,height=48,framerate=30/1"',
      '! diptychsink graph={graph} name=out',
    ].join('\n'),
  );
  const size = { width: 64, height: 48 };
  const zeros = addon.createFrame(size, 'NV12', new Uint8Array((size.width * size.height * 3) / 2));
  const error = firstValueFrom(graph.messages$.pipe(filter(({ type, ...said }) => type === 'error' && 'text' in said)));
  graph.play();
  addon.pushFrame(graph.id, 'in', zeros, addon.nowMs());

  expect(await error).toMatchObject({
    element: 'out',
    text: 'A picture in memory:NVMM could not be read: the buffer holds no NvBufSurface.',
  });
  await graph.close();
  addon.release(zeros);
});
