import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { agreement } from './agreement.js';
import { batches } from './batches.js';
import { camera } from './camera.js';
import { runGroupApart } from './chain-group.js';
import { chain } from './chain-step.js';
import { codecs } from './codecs.js';
import { compose } from './compose.js';
import { detect } from './detect.js';
import { environment } from './environment.js';
import { loss } from './loss.js';
import { forms } from './forms.js';
import { formatTable, type Measure } from './measure.js';
import { networks } from './networks.js';
import { processes } from './processes.js';
import { start } from './start.js';
import { streams } from './streams.js';
import { uhd } from './uhd.js';
import type { Step } from './step.js';

/** In the order in which they run. */
const STEPS: Readonly<Record<string, Step>> = {
  environment,
  networks,
  detect,
  forms,
  batches,
  compose,
  chain,
  streams,
  processes,
  uhd,
  agreement,
  codecs,
  camera,
  start,
  loss,
};

/** Lines of a failed step that stand in the table. */
const LAST_WORDS = 4;
/** Of each of them. */
const LAST_WORDS_LENGTH = 240;

const { values: options, positionals } = parseArgs({
  options: {
    out: { type: 'string' },
    quick: { type: 'boolean', default: false },
    budget: { type: 'string', default: '540' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

/**
 * Runs a step in a process of its own, so that one that crashes, hangs or loses the GPU leaves the
 * others alone. What it measured until then counts; all that it said is kept as DIR/STEP.log, and
 * its last words stand in the table where it fails.
 */
async function runApart(name: string, limitS: number): Promise<readonly Measure[]> {
  const begunMs = performance.now();
  const flags = options.quick ? ['--quick'] : [];
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', '--only', name, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitS * 1000);
  const measures: Measure[] = [];
  const lastWords: string[] = [];
  const keep = logFile(name);
  createInterface({ input: child.stderr }).on('line', (line) => {
    process.stderr.write(`${line}\n`);
    keep(line);
    if (!isTrace(line)) lastWords.push(line.trim().slice(0, LAST_WORDS_LENGTH));
    if (lastWords.length > LAST_WORDS) lastWords.shift();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    process.stdout.write(`${line}\n`);
    keep(line);
    if (line.startsWith('{"step"')) measures.push(JSON.parse(line) as Measure);
  });
  const [code, signal] = await new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (...how) => resolve(how));
  });
  clearTimeout(timer);
  const seconds = Math.round((performance.now() - begunMs) / 100) / 10;
  const end = code === 0 ? 'done' : `FAILED (${signal === null ? `status ${code}` : signal})`;
  process.stderr.write(`step ${name}: ${end} after ${seconds} s\n`);
  return code === 0
    ? measures
    : [
        ...measures,
        { step: name, what: 'the whole step', unit: '', value: Number.NaN, note: [end, ...lastWords].join(' · ') },
      ];
}

/** Where a step's lines go, begun anew; nowhere without --out. */
function logFile(name: string): (line: string) => void {
  if (options.out === undefined) return () => undefined;
  mkdirSync(options.out, { recursive: true });
  const file = join(options.out, `${name}.log`);
  writeFileSync(file, '');
  return (line) => appendFileSync(file, `${line}\n`);
}

/** Places in the program, which say nothing to a reader of the table. */
const isTrace = (line: string): boolean => line.trim() === '' || /^\s+at /.test(line) || line.startsWith('Node.js v');

async function main(): Promise<number> {
  if (options.help) {
    process.stdout.write('steps, all of them by default:\n');
    for (const [name, { summary }] of Object.entries(STEPS)) process.stdout.write(`  ${name.padEnd(12)} ${summary}\n`);
    process.stdout.write(
      '--out DIR    also writes gpu-bench.jsonl, gpu-bench.md and what each step said (STEP.log) there\n',
    );
    process.stdout.write('--budget S   all steps together are over after this time, 540 s by default\n');
    process.stdout.write('--quick      few calls, few streams: to see whether it runs\n');
    return 0;
  }
  if (options.only !== undefined) {
    const step = stepNamed(options.only);
    await step.run({
      isQuick: options.quick,
      put: (measure) => process.stdout.write(`${JSON.stringify({ step: options.only, ...measure })}\n`),
    });
    return 0;
  }
  const names = positionals.length === 0 ? Object.keys(STEPS) : positionals;
  const measures: Measure[] = [];
  const endMs = performance.now() + Number(options.budget) * 1000;
  for (const name of names) {
    const leftS = (endMs - performance.now()) / 1000;
    measures.push(...(await runApart(name, Math.max(1, Math.min(stepNamed(name).limitS, leftS)))));
  }
  const table = formatTable(measures);
  process.stdout.write(`\n${table}\n`);
  if (options.out !== undefined) {
    mkdirSync(options.out, { recursive: true });
    writeFileSync(join(options.out, 'gpu-bench.md'), `${table}\n`);
    writeFileSync(join(options.out, 'gpu-bench.jsonl'), measures.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  return measures.some(({ value }) => Number.isNaN(value)) ? 1 : 0;
}

function stepNamed(name: string): Step {
  const step = STEPS[name];
  if (!step) throw new Error(`there is no step ${name}; use ${Object.keys(STEPS).join(', ')}`);
  return step;
}

if (isMainThread) {
  main().then(
    (status) => process.exit(status),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
} else {
  await runGroupApart();
}
