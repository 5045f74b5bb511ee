import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect } from 'vitest';
import { startWatchdog } from './watchdog.js';

/** One place where input comes in, and what must hold whatever comes. */
export interface Surface<Input> {
  /** Names it in the report, and its file in test/fuzz/corpus. */
  readonly name: string;
  /** What is tried. */
  readonly inputs: fc.Arbitrary<Input>;
  /** Throws or rejects where something does not hold. Must leave nothing behind. */
  readonly check: (input: Input) => void | Promise<void>;
  /** Inputs in a run of all tests. @defaultValue 1000 */
  readonly usually?: number;
  /** Of DIPTYCH_FUZZ_RUNS, for what takes seconds an input. @defaultValue 1 */
  readonly share?: number;
  /** Resident memory of what is tried, bytes. @defaultValue that of this process */
  readonly memory?: () => number;
}

/** An input that takes longer hangs, as far as anyone who waits can tell, s. */
const LIMIT_S = 30;
/** Memory that may come after the first quarter of the inputs, bytes: caches, and an allocator that keeps what it has. */
const GROWTH_LIMIT = 96 * 1024 * 1024;
const MS_A_DAY = 86_400_000;

/** Inputs a surface in the long form; absent in a run of all tests. */
const LONG_RUNS = process.env['DIPTYCH_FUZZ_RUNS'];
/** Of a run of all tests: always the same, so that no change fails because of the date. */
const USUAL_SEED = 20785;
/** The long form tries something else each day. */
const SEED = Number(
  process.env['DIPTYCH_FUZZ_SEED'] ?? (LONG_RUNS === undefined ? USUAL_SEED : Math.floor(Date.now() / MS_A_DAY)),
);

/**
 * Tries a surface: first what once failed (test/fuzz/corpus), then new inputs. A failure is made
 * small, and its message holds the seed and the input. No input may take 30 s, and memory must not grow.
 */
export async function fuzz<Input>({
  name,
  inputs,
  check,
  usually = 1000,
  share = 1,
  memory = ownMemory,
}: Surface<Input>): Promise<void> {
  const runs = LONG_RUNS === undefined ? usually : Math.max(1, Math.ceil(Number(LONG_RUNS) * share));
  const corpus = readCorpus(name) as readonly Input[];
  const watchdog = startWatchdog(`${name}, seed ${SEED}`, LIMIT_S);
  let tried = 0;
  let slowestMs = 0;
  let early: number | undefined;
  const begun = performance.now();
  const property = fc.asyncProperty(inputs, async (input) => {
    const start = performance.now();
    watchdog.begin(tried);
    tried += 1;
    await check(input);
    slowestMs = Math.max(slowestMs, performance.now() - start);
    if (tried === Math.ceil(runs / 4)) early = memory();
  });
  try {
    await fc.assert(property, { seed: SEED, numRuns: runs + corpus.length, examples: corpus.map((input) => [input]) });
  } finally {
    watchdog.stop();
  }
  const growth = memory() - (early ?? memory());
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    `fuzz ${name}: ${tried} inputs, seed ${SEED}, ${seconds.toFixed(1)} s, slowest ${slowestMs.toFixed(0)} ms, memory ${(growth / 2 ** 20).toFixed(1)} MB`,
  );
  expect(tried).toBeGreaterThanOrEqual(runs);
  expect(slowestMs).toBeLessThan(LIMIT_S * 1000);
  expect(growth).toBeLessThan(GROWTH_LIMIT);
}

/** What once failed: a JSON list of inputs. */
function readCorpus(name: string): readonly unknown[] {
  let text;
  try {
    text = readFileSync(new URL(`../corpus/${name}.json`, import.meta.url), 'utf8');
  } catch {
    return [];
  }
  return JSON.parse(text) as unknown[];
}

function ownMemory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage.rss();
}
