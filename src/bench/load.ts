import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { DiptychError } from '../shared/domain/errors.js';
import type { Percentiles, StreamState, StreamStatus } from '../shared/domain/stream-status.js';
import { childrenOf, readProcessUse } from '../shared/proc/process-use.adapter.js';
import { withResources } from '../shared/resource-stack.js';
import { renderScene } from '../test-camera/scene-renderer.adapter.js';
import { DEMO_SCENE } from '../test-camera/scenes.js';
import { startTestCamera } from '../test-camera/test-camera.adapter.js';
import type { MachineUse } from './capacity-search.js';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.adapter.js';
import { watchMachine } from './machine-use.adapter.js';
import { cpuSecondsOfTree, rounded } from './measure.js';

/** How much is asked of the machine. */
export interface LoadBenchOptions {
  /** Streams at once, each with a camera of its own. @defaultValue 4 */
  readonly streams?: number;
  /** Of camera and output, px. @defaultValue 1280×720 */
  readonly size?: { readonly width: number; readonly height: number };
  /** How long is measured, s, after the streams have settled. @defaultValue 30 */
  readonly seconds?: number;
}

/** One stream under load. */
export interface LoadedStream {
  /** At the end, such as `live` or `overloaded`. */
  readonly state: StreamState;
  /** Source frames that came, a second. */
  readonly inFps: number;
  /** Output frames, a second. */
  readonly outFps: number;
  /** Of them, those that show a source frame for the first time. */
  readonly newFps: number;
  /** Frames that were searched for people, a second. */
  readonly detectionsPerS: number;
  /** Of each stage and of the whole chain, ms, as its status tells at the end. */
  readonly latencyMs: Readonly<Record<string, Percentiles>>;
}

/** What `diptych bench load` prints. */
export interface LoadBenchResult {
  /** Processor cores of this machine. */
  readonly cores: number;
  /** Cores that the gateway and its processes kept busy. */
  readonly coresUsed: number;
  /** Memory that they hold at the end, without files, MB. */
  readonly memoryMb: number;
  /** What the machine was busy with, the cameras included. */
  readonly use: MachineUse;
  /** In the order of their names. */
  readonly streams: readonly LoadedStream[];
  /** The largest 95th percentile of the whole chain, ms. */
  readonly worstP95Ms: number;
  /** New pictures of the stream with the fewest, divided by those of the one with the most. */
  readonly evenness: number;
  /** The same of detections. */
  readonly detectionEvenness: number;
}

const SIZE = { width: 1280, height: 720 };
/** Pictures a second of cameras and outputs. */
export const FPS = 30;
const SETTLE_S = 20;
const LIVE_LIMIT_S = 120;

/**
 * Several streams on one machine, more than it can carry: what each delivers, how late, and how evenly.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` if a program is not installed; `DIPTYCH_E_INTERNAL` if a stream does not start.
 */
export function benchLoad(
  { streams = 4, seconds = 30, size = SIZE }: LoadBenchOptions,
  signal: AbortSignal,
): Promise<LoadBenchResult> {
  return withResources(async (resources) => {
    const file = await renderScene(DEMO_SCENE, { ...size, fps: FPS }, { signal });
    const ids = Array.from({ length: streams }, (_, i) => `load-${i + 1}`);
    const folder = resources.adopt(await mkdtemp(join(tmpdir(), 'diptych-load-')), (path) =>
      rm(path, { recursive: true, force: true }),
    );
    const cameras = [];
    for (const id of ids) {
      const camera = resources.adopt(await startTestCamera({ file }), (each) => each.stop());
      cameras.push({ id, source: { url: camera.url }, output: { ...size, fps: FPS } });
    }
    const config = join(folder, 'gateway.yaml');
    await writeFile(config, stringify({ log: { level: 'warn' }, http: { port: 0 }, streams: cameras }));
    const gateway = resources.adopt(await startGatewayProcess(['--config', config]), (each) => each.stop());
    await waitUntilLive(gateway, ids, signal);
    await delay(SETTLE_S * 1000, undefined, { signal });
    const before = await read(gateway, ids);
    const meter = await watchMachine(gateway.pid);
    await delay(seconds * 1000, undefined, { signal });
    const use = await meter.stop();
    const after = await read(gateway, ids);
    return summarize(before, after, use);
  });
}

interface Reading {
  readonly atMs: number;
  readonly cpuS: number;
  readonly memoryMb: number;
  readonly streams: readonly StreamStatus[];
}

async function read(gateway: GatewayProcess, ids: readonly string[]): Promise<Reading> {
  const streams = await Promise.all(ids.map((id) => gateway.status(id)));
  const pids = [gateway.pid, ...(await childrenOf(gateway.pid))];
  const uses = await Promise.all(pids.map((pid) => readProcessUse(pid)));
  const memoryMb = uses.reduce((sum, use) => sum + (use?.memoryMb ?? 0), 0);
  return { atMs: performance.now(), cpuS: await cpuSecondsOfTree(gateway.pid), memoryMb, streams };
}

async function waitUntilLive(gateway: GatewayProcess, ids: readonly string[], signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + LIVE_LIMIT_S * 1000;
  for (;;) {
    const { streams } = await read(gateway, ids);
    // A stream that is loaded may say that it is.
    if (streams.every(({ frames }) => frames.in > FPS)) return;
    if (performance.now() > deadlineMs) {
      throw new DiptychError('DIPTYCH_E_INTERNAL', `not all streams are live after ${LIVE_LIMIT_S} s`);
    }
    await delay(500, undefined, { signal });
  }
}

function summarize(before: Reading, after: Reading, use: MachineUse): LoadBenchResult {
  const seconds = (after.atMs - before.atMs) / 1000;
  const streams = after.streams.map(({ state, frames, latencyMs }, i): LoadedStream => {
    const from = before.streams[i]?.frames ?? frames;
    const perS = (of: (counts: StreamStatus['frames']) => number): number =>
      rounded((of(frames) - of(from)) / seconds, 1);
    return {
      state,
      inFps: perS((counts) => counts.in),
      outFps: perS((counts) => counts.out),
      newFps: perS((counts) => counts.out - counts.repeated),
      detectionsPerS: perS((counts) => counts.detected),
      latencyMs: Object.fromEntries(
        Object.entries(latencyMs).map(([stage, { p50, p95 }]) => [
          stage,
          { p50: rounded(p50, 1), p95: rounded(p95, 1) },
        ]),
      ),
    };
  });
  const evenness = (of: (stream: LoadedStream) => number): number =>
    rounded(Math.min(...streams.map(of)) / Math.max(...streams.map(of)));
  return {
    cores: availableParallelism(),
    coresUsed: rounded((after.cpuS - before.cpuS) / seconds),
    memoryMb: rounded(after.memoryMb, 0),
    ...{ use, streams },
    worstP95Ms: rounded(Math.max(...streams.map((stream) => stream.latencyMs['total']?.p95 ?? 0)), 1),
    evenness: evenness(({ newFps }) => newFps),
    detectionEvenness: evenness(({ detectionsPerS }) => detectionsPerS),
  };
}
