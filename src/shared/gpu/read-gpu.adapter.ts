import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from '../programs/find-program.adapter.js';
import { GPU_FIELDS, parseGpuReading, type GpuReading } from './gpu-reading.js';

/** A driver that hangs answers nothing; whoever asks goes on all the same. */
const TIMEOUT_MS = 10_000;

/** What nvidia-smi says of a GPU now; `undefined` where there is none. @param device - index or UUID */
export async function readGpu(device: number | string = 0): Promise<GpuReading | undefined> {
  const text = await ask(`--id=${device}`, `--query-gpu=${GPU_FIELDS.join(',')}`, '--format=csv,noheader,nounits');
  return text === undefined ? undefined : parseGpuReading(text);
}

/** Names of the GPUs of this machine, in the order of nvidia-smi; empty where there is none. */
export async function gpuNames(): Promise<readonly string[]> {
  const text = (await ask('--query-gpu=name', '--format=csv,noheader')) ?? '';
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

async function ask(...args: readonly string[]): Promise<string | undefined> {
  const program = findProgram('nvidia-smi');
  if (program === undefined) return undefined;
  return promisify(execFile)(program, [...args], { timeout: TIMEOUT_MS }).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
}
