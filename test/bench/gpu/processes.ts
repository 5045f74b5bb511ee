import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { watchGpu, type TimedReading } from '#src/bench/gpu-meter.adapter.js';
import { rounded } from '#src/bench/measure.js';
import { emptiestGpu, gpuEnvironment, parseGpuList, type GpuDevice } from '#src/gateway/streams/gpu-choice.js';
import type { Measure } from './measure.js';
import type { Step } from './step.js';

/** Processes of each GPU: the main thread of one decides for all its streams. */
const EACH_GPU = 4;
/** Streams of each process, one round after the other; it ends after the first round that is not held. */
const ROUNDS = [32, 36, 40, 44, 48];
/** From the start of the processes to the counting, ms: networks, streams, and until the code is compiled. */
const BEGIN_AFTER_MS = Number(process.env['DIPTYCH_BEGIN_AFTER_MS'] ?? 40_000);

/** Which reading tells what GPUs do, second by second. */
const READING = 4;

/** How many 1080p30 streams a host holds in several processes, spread over its GPUs as the gateway does. */
export const processes: Step = {
  summary: '1080p30 streams in real time in several processes, over all GPUs',
  limitS: 560,
  async run({ put }) {
    const list = await promisify(execFile)('nvidia-smi', ['--query-gpu=index,uuid', '--format=csv,noheader']);
    const gpus = parseGpuList(list.stdout).slice(0, Number(process.env['DIPTYCH_GPUS'] ?? Number.POSITIVE_INFINITY));
    const given: GpuDevice[] = [];
    const count = Number(process.env['DIPTYCH_PROCESSES'] ?? gpus.length * EACH_GPU);
    for (let i = 0; i < count; i += 1) given.push(emptiestGpu(gpus, given) ?? gpus[0]!);
    const rounds = process.env['DIPTYCH_STREAMS']?.split(',').map(Number) ?? ROUNDS;
    let held = 0;
    for (const each of rounds) {
      const beginMs = Date.now() + BEGIN_AFTER_MS;
      const parts = given.map((gpu) => runPart(each, gpu, beginMs));
      // Started before anything is counted: its start holds up all decoders of the GPU.
      const meters = await Promise.all(gpus.map(({ index }) => watchGpu(1000, index)));
      const beginsMs = performance.now() + BEGIN_AFTER_MS;
      const found = await Promise.all(parts);
      const total = each * count;
      const isHeld = found.every((part) => part.isHeld);
      put({
        what: `${total} streams in ${count} processes on ${gpus.length} GPU: new frames a second, of the slowest`,
        unit: 'fps',
        value: rounded(Math.min(...found.map(({ fps }) => fps)), 2),
        note: `${isHeld ? 'held' : 'NOT held'}; ${gpuText(meters.map((meter) => meter.stop().filter(({ atMs }) => atMs > beginsMs)))}; of the worst process: ${worstOf(found).note}`,
      });
      if (!isHeld) break;
      held = total;
    }
    put({ what: `1080p30 streams held on ${gpus.length} GPU`, unit: '', value: held });
  },
};

/** One that is not held, else the one with the slowest stream. */
const worstOf = (parts: readonly Part[]): Part =>
  parts.reduce((worst, part) =>
    worst.isHeld === part.isHeld ? (part.fps < worst.fps ? part : worst) : part.isHeld ? worst : part,
  );

interface Part {
  readonly isHeld: boolean;
  readonly fps: number;
  readonly note: string;
}

/** One process with so many streams on a GPU. */
async function runPart(streams: number, gpu: GpuDevice, beginMs: number): Promise<Part> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', '--only', 'streams'], {
    env: {
      ...process.env,
      ...gpuEnvironment(gpu),
      DIPTYCH_STREAMS: String(streams),
      DIPTYCH_BEGIN_AT: String(beginMs),
      DIPTYCH_PROFILE: '',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let part: Part = { isHeld: false, fps: 0, note: 'a process ended early' };
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    if (!line.startsWith('{"step"')) return;
    const { what, value, note = '' } = JSON.parse(line) as Measure;
    if (what.includes('new frames a second')) part = { isHeld: note.startsWith('held'), fps: value, note };
  });
  await new Promise((resolve) => child.once('close', resolve));
  return part;
}

/** Of readings since the counting began; that of {@link READING}, for the last ones are of ending. */
const gpuText = (gpus: readonly (readonly TimedReading[])[]): string =>
  gpus
    .map((readings) => readings[Math.min(READING, readings.length - 1)])
    .map((reading, i) => `GPU ${i} ${reading?.gpuPercent ?? '?'} %, decoder ${reading?.decoderPercent ?? '?'} %`)
    .join(', ');
