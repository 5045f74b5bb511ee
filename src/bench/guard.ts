import { from, lastValueFrom, map, type Observable } from 'rxjs';
import { renderScene } from '../test-camera/scene-renderer.adapter.js';
import { DEMO_SCENE } from '../test-camera/scenes.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import { decodeFreely } from './decode-freely.js';
import { benchDecide } from './decide.js';
import { GUARDED } from './guard-figures.js';
import { guardRow, type GuardPair, type GuardRow } from './guard-verdict.js';
import { openChainBackend, runFreely, streamConfigFor } from './measured-chain.js';
import { benchOverhead } from './overhead.js';
import { withMore } from '../shared/with-more.js';

/** How the guard measures. */
export interface GuardOptions {
  /** Of everything but the overhead, taken in turns. @defaultValue 5 */
  readonly rounds?: number;
  /** Length of each window of the overhead, s; 0 leaves it out. @defaultValue 10 */
  readonly seconds?: number;
  /** Told what is being measured. */
  readonly onProgress?: (text: string) => void;
}

/** What `diptych bench guard` prints. */
export interface GuardResult {
  /** Whether nothing became more than 15 % dearer. */
  readonly passed: boolean;
  /** By what is guarded. */
  readonly rows: readonly GuardRow[];
}

const SIZE = { width: 1920, height: 1080 };
const CHAIN_S = 4;
const COMPOSED = 200;
const DECIDED = 3_000;
/** Steps of the bare operator chain: about as many as the real one has. */
const OPERATORS = 14;
const OVERHEAD_ROUNDS = 3;

/**
 * Whether the code became slower: costs as ratios to floors that are measured in the same run, beside the ratios in
 * {@link GUARDED}, which hold for any machine of the kind.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` if a program is not installed.
 */
export async function benchGuard(
  { rounds = 5, seconds = 10, onProgress = () => undefined }: GuardOptions,
  signal: AbortSignal,
): Promise<GuardResult> {
  const clip = await renderScene(DEMO_SCENE, { audio: 'none' }, { signal });
  const pairs: Record<'chain' | 'compose' | 'decide', GuardPair[]> = { chain: [], compose: [], decide: [] };
  for (let round = 1; round <= rounds; round += 1) {
    onProgress(`round ${round} of ${rounds}`);
    pairs.chain.push(await chainPair(clip, signal));
    pairs.compose.push(await composePair());
    pairs.decide.push(await decidePair());
    signal.throwIfAborted();
  }
  const rows = Object.entries(pairs).map(([name, each]) => guardRow(name, each, GUARDED[name as keyof typeof pairs]));
  if (seconds > 0) {
    onProgress('the whole gateway beside a bare pipeline');
    const { bareCpu, diptychCpu } = await benchOverhead({ seconds, rounds: OVERHEAD_ROUNDS }, signal);
    const each = diptychCpu.map((cost, i) => ({ cost, floor: bareCpu[i] ?? Number.NaN }));
    rows.push(guardRow('overhead', each, GUARDED.overhead));
  }
  return { passed: rows.every(({ passed }) => passed), rows };
}

/** A frame through the whole chain on the CPU, beside decoding it; CPU seconds. */
async function chainPair(clip: string, signal: AbortSignal): Promise<GuardPair> {
  const stream = streamConfigFor(clip, SIZE);
  const floor = await cpuEach(async () => {
    const { intervalsMs } = await decodeFreely(clip, 'system', { seconds: CHAIN_S, signal });
    return intervalsMs.length;
  });
  const { backend, close } = await openChainBackend({ processor: 'cpu', stream }, signal);
  try {
    const cost = await cpuEach(async () => (await runFreely(backend, { stream, seconds: CHAIN_S }, signal)).frames);
    return { cost, floor };
  } finally {
    await close();
  }
}

/** Two enlarged tiles composed, beside copying a picture of the same size; CPU seconds. */
async function composePair(): Promise<GuardPair> {
  const addon = loadAddon();
  const bytes = (SIZE.width * SIZE.height * 3) / 2;
  const pixels = Buffer.alloc(bytes, 97);
  const copy = Buffer.alloc(bytes);
  const frame = addon.createFrame(SIZE, 'I420', pixels);
  const [width, height] = [SIZE.width / 2, SIZE.height];
  const tiles = [0, 1].map((at) => ({
    frame,
    crop: { x: 200 + at * 900, y: 100, width: width / 2, height: height / 2 },
    dest: { x: at * width, y: 0, width, height },
    alpha: 1,
  }));
  try {
    const floor = await cpuEach(() => {
      for (let i = 0; i < COMPOSED * 10; i += 1) pixels.copy(copy);
      return Promise.resolve(COMPOSED * 10);
    });
    const cost = await cpuEach(async () => {
      for (let i = 0; i < COMPOSED; i += 1) addon.release(await addon.compose(SIZE, tiles));
      return COMPOSED;
    });
    return { cost, floor };
  } finally {
    addon.release(frame);
  }
}

/** What the main thread works on a frame, beside operators that do nothing but make an object; CPU seconds. */
async function decidePair(): Promise<GuardPair> {
  const numbers = Array.from({ length: DECIDED * 10 }, (_, i) => i);
  const floor = await cpuEach(async () => {
    let chain$: Observable<{ readonly ptsMs: number }> = from(numbers).pipe(map((ptsMs) => ({ ptsMs })));
    for (let i = 0; i < OPERATORS; i += 1) chain$ = chain$.pipe(map((frame) => withMore(frame, { [`step${i}`]: i })));
    await lastValueFrom(chain$);
    return numbers.length;
  });
  const decide = benchDecide();
  await decide.run(DECIDED);
  const cost = await cpuEach(async () => {
    await decide.run(DECIDED);
    return DECIDED;
  });
  decide.end();
  return { cost, floor };
}

/** CPU time of the whole process for each of the things that `work` did, s. */
async function cpuEach(work: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage();
  const count = await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / count;
}
