import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { GpuOptions } from '#src/stream/native/types.js';
import { packagePath } from '#src/shared/package-root.js';

const SOURCES = packagePath('native/test/soft-cuda');
const KERNELS = packagePath('native/kernels');
const BUILD = packagePath('native/build/soft-cuda');

/**
 * Options of `openGpu` for a GPU that is none: a stand-in driver whose memory is the host's, and a
 * stand-in compiler that makes kernels run on the CPU (native/test/soft-cuda). Built on first use,
 * and again when its sources change. Kernels are cached beside it; they are found by their contents.
 */
export function softGpu(overrides: Partial<GpuOptions> = {}): GpuOptions {
  return {
    device: 0,
    kernels: KERNELS,
    cache: join(BUILD, 'kernels'),
    libcuda: buildLibrary('softcuda'),
    libnvrtc: buildLibrary('softnvrtc'),
    ...overrides,
  };
}

/**
 * The stand-in driver as `libcuda.so.1`: opened before GStreamer's libgstcuda asks for that name, it
 * serves both, and GStreamer's own CUDA memory can be tried.
 */
export const softGpuForGstreamer = (): GpuOptions =>
  softGpu({ libcuda: buildLibrary('softcuda', ['-Wl,-soname,libcuda.so.1']) });

function buildLibrary(name: string, flags: readonly string[] = []): string {
  const hash = createHash('sha256').update(flags.join(' '));
  const files = readdirSync(SOURCES).sort();
  for (const file of files) hash.update(file).update(readFileSync(join(SOURCES, file)));
  const library = join(BUILD, `lib${name}-${hash.digest('hex').slice(0, 16)}.so`);
  if (existsSync(library)) return library;
  const sources = files
    .filter((file) => file.startsWith(name) && file.endsWith('.cpp'))
    .map((file) => join(SOURCES, file));
  mkdirSync(BUILD, { recursive: true });
  const unfinished = `${library}.${process.pid}`;
  const common = ['-std=c++17', '-O2', '-Wall', '-Wextra', '-shared', '-fPIC'];
  const compiler = process.env['CXX'] ?? 'c++';
  execFileSync(compiler, [...common, ...flags, '-o', unfinished, ...sources, '-ldl']);
  renameSync(unfinished, library);
  return library;
}
