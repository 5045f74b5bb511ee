import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { inOwnProcess } from './own-process.js';
import { softGpu } from './soft-cuda.js';

/** Files that a process has loaded which has loaded a plugin, beside a stand-in for a GPU of this compute capability. */
async function loadedBeside(capability: string, libcuda: string): Promise<string> {
  return inOwnProcess<string>(
    `await addon.loadElements(['fakesink']);
    resolve(require('node:fs').readFileSync('/proc/self/maps', 'utf8'));`,
    {},
    { SOFTCUDA_CAPABILITY: capability, DIPTYCH_LIBCUDA: libcuda },
  );
}

it.each([
  { gpu: 'an A100', capability: '8.0', isLeftOut: true },
  { gpu: 'an H200', capability: '9.0', isLeftOut: true },
  { gpu: 'an RTX 4090', capability: '8.9', isLeftOut: false },
  { gpu: 'a T4', capability: '7.5', isLeftOut: false },
])('NVENC is not looked for on $gpu: $isLeftOut', async ({ capability, isLeftOut }) => {
  const files = await loadedBeside(capability, softGpu().libcuda!);

  expect(/native\/build\/Release\/libnvidia-encode\.so\.1$/m.test(files)).toBe(isLeftOut);
});

it('NVENC is looked for where there is no driver', async () => {
  expect(await loadedBeside('9.0', '/nowhere/libcuda.so')).not.toContain('libnvidia-encode');
});

it('is asked for under the name that is looked for', async () => {
  const library = await readFile('native/build/Release/libnvidia-encode.so.1', 'latin1');

  expect(library).toContain('\0libnvidia-encode.so.1\0');
});
