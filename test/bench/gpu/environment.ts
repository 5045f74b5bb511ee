import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rounded } from '#src/bench/measure.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import type { Step } from './step.js';
import { packagePath } from '#src/shared/package-root.js';

const KERNELS = packagePath('native/kernels');

/** Opens the GPU in a process of its own and tells how long that took. */
const OPEN = `
  const addon = require(process.argv[1]);
  const options = JSON.parse(process.argv[2]);
  const begunMs = performance.now();
  addon.openGpu(options).then(
    (info) => console.log(JSON.stringify({ info, ms: performance.now() - begunMs, memory: addon.gpuMemory() })),
    (error) => { console.error(error.message); process.exit(1); });`;
const ADDON = packagePath('native/build/Release/diptych.node');

interface Opened {
  readonly info: {
    readonly name: string;
    readonly capability: string;
    readonly driver: string;
    readonly kernelsFrom: string;
  };
  readonly ms: number;
}

/** The GPU, the software, and what opening costs with kernels to be compiled and with kernels kept. */
export const environment: Step = {
  summary: 'GPU, driver, versions; opening with kernels compiled and kept',
  limitS: 90,
  async run({ put }) {
    const execute = promisify(execFile);
    const say = (text: string): void => void process.stderr.write(`${text}\n`);
    say(`cpu: ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}; node ${process.version}`);
    const smi = await execute('nvidia-smi', [
      '--query-gpu=name,driver_version,memory.total,memory.used,clocks.max.sm,pstate',
      '--format=csv,noheader',
    ]).catch(() => undefined);
    say(`nvidia-smi: ${smi?.stdout.trim() ?? 'is not here'}`);
    const addon = loadAddon();
    for (const element of ['nvh264dec', 'nvh264sldec', 'nvh265dec', 'nvh264enc', 'avdec_h264', 'x264enc']) {
      say(`${element}: ${addon.elementInfo(element).exists ? 'there' : 'not there'}`);
    }
    const cache = await mkdtemp(join(tmpdir(), 'diptych-kernels-'));
    try {
      const { DIPTYCH_LIBCUDA: libcuda, DIPTYCH_LIBNVRTC: libnvrtc } = process.env;
      const options = {
        device: 0,
        kernels: KERNELS,
        cache,
        ...(libcuda && { libcuda }),
        ...(libnvrtc && { libnvrtc }),
      };
      for (const what of ['opening the GPU, kernels compiled', 'opening the GPU, kernels kept']) {
        const { stdout } = await execute(process.execPath, ['-e', OPEN, ADDON, JSON.stringify(options)]);
        const { info, ms } = JSON.parse(stdout) as Opened;
        const { name, capability, driver, kernelsFrom } = info;
        put({
          what,
          unit: 'ms',
          value: rounded(ms, 0),
          note: `${name}, ${capability}, CUDA ${driver}, ${kernelsFrom}`,
        });
      }
    } finally {
      await rm(cache, { recursive: true, force: true });
    }
  },
};
