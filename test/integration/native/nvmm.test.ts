import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filter, firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import { loadTestAddon } from './test-addon.js';
import type { GpuOptions } from '#src/stream/native/types.js';
import { inOwnProcess } from '../gpu/own-process.js';
import { softGpu } from '../gpu/soft-cuda.js';
import { packagePath } from '#src/shared/package-root.js';

const run = promisify(execFile);
const NATIVE = packagePath('native');
const compiler = process.env['CXX'] ?? 'c++';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-nvmm-'));
  const { stdout } = await run('pkg-config', ['--cflags', '--libs', 'gstreamer-1.0', 'gstreamer-video-1.0']);
  const common = ['-std=c++17', '-g', '-Wall', '-Wextra'];
  const library = join(folder, 'libnvbufsurface.so');
  await run(compiler, [...common, '-shared', '-fPIC', '-o', library, 'test/soft_nvbufsurface.cpp'], { cwd: NATIVE });
  const plugin = ['-shared', '-fPIC', '-o', join(folder, 'libgstsoftnvmm.so'), 'test/soft_nvmm_plugin.cpp'];
  const base = await run('pkg-config', ['--cflags', '--libs', 'gstreamer-base-1.0', 'gstreamer-video-1.0']);
  await run(compiler, [...common, ...plugin, ...base.stdout.trim().split(/\s+/), '-ldl'], { cwd: NATIVE });
  await run(
    compiler,
    [
      ...[...common, '-Isrc', '-o', join(folder, 'nvmm'), 'test/nvmm.cpp', 'src/gst/nvmm/nvmm.cpp'],
      ...['src/core/device_memory.cpp', 'src/core/frame_store.cpp'],
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
  const addon = loadTestAddon();
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

/** Pictures through `softnvmm` and a sink, each with its memory and pixels. */
const PLAY = `
  const { Pipeline } = require(input.superficial);
  if (input.gpu) await addon.openGpu(input.gpu);
  const caps = 'video/x-raw,format=NV12,width=320,height=180,framerate=30/1';
  const source = (name, between) => 'videotestsrc num-buffers=3 ! ' + caps + ' ! ' + between + 'diptychsink graph=g name=' + name + ' drop=false own-time=true max-held=0';
  const pipeline = new Pipeline(source('plain', '') + ' ' + source('surfaces', 'softnvmm type=' + input.type + ' ! '));
  const seen = { plain: [], surfaces: [] };
  const look = (name) => addon.onFrames('g', name, ({ handle, memory, ptsMs }) => {
    seen[name].push({ memory, ptsMs, pixels: Buffer.from(addon.readFrame(handle)).toString('base64') });
    addon.release(handle);
  });
  const ended = new Promise((done) => addon.attachGraph('g', (message) => {
    if (message.type === 'eos') done();
    if (message.type === 'error') done(message.text);
  }));
  look('plain');
  look('surfaces');
  pipeline.play();
  // Graphs alone do not keep a process alive.
  const alive = setInterval(() => undefined, 1000);
  const error = await ended;
  clearInterval(alive);
  await addon.closeGraph('g');
  resolve({ ...seen, error, live: addon.liveFrames() });`;

interface Played {
  readonly plain: readonly { readonly memory: string; readonly ptsMs: number; readonly pixels: string }[];
  readonly surfaces: Played['plain'];
  readonly error?: string;
  readonly live: number;
}

const play = (type: number, gpu?: GpuOptions): Promise<Played> =>
  inOwnProcess<Played>(
    PLAY,
    { type, gpu, superficial: createRequire(import.meta.url).resolve('gstreamer-superficial') },
    {
      GST_PLUGIN_PATH: folder,
      GST_REGISTRY: join(folder, 'registry.bin'),
      LD_LIBRARY_PATH: folder,
      ...(gpu?.libcuda === undefined ? {} : { SOFT_LIBCUDA: gpu.libcuda }),
    },
  );

it.each([
  ['a surface array is mapped to the host', 4, undefined, 'system'],
  ['device memory stays where it is', 2, softGpu(), 'cuda'],
] as const)('frames of the sink: %s', async (_, type, gpu, memory) => {
  const { plain, surfaces, live } = await play(type, gpu);

  expect(surfaces.map((frame) => frame.memory)).toEqual([memory, memory, memory]);
  expect(surfaces.map(({ ptsMs, pixels }) => [ptsMs, pixels])).toEqual(
    plain.map(({ ptsMs, pixels }) => [ptsMs, pixels]),
  );
  expect(live).toBe(0);
});

it('device memory without a GPU in use is an error that says so', async () => {
  expect((await play(2)).error).toMatch(/memory:NVMM could not be read: .* no GPU is in use; see gpu\.use/);
});
