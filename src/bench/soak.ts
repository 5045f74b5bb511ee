import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { DiptychError } from '../shared/domain/errors.js';
import { requirePrograms } from '../shared/programs/find-program.adapter.js';
import { ResourceStack } from '../shared/resource-stack.js';
import { renderScene } from '../test-camera/scene-renderer.adapter.js';
import { DEMO_SCENE } from '../test-camera/scenes.js';
import { readFlvTags } from './flv-file.adapter.js';
import { RecordingCounter } from './flv-scanner.js';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.adapter.js';
import { measureLipSync } from './lip-sync.adapter.js';
import { startRtmpServer, type RtmpServer } from './nginx-rtmp.adapter.js';
import { sampleProcesses } from './process-samples.adapter.js';
import type { LipSync, RecordingFacts, SoakEvent, SoakSample, StreamSample } from './soak-data.js';
import { startFailingServer, startFlappingCamera, startViewers } from './soak-faults.adapter.js';
import { soakPlots } from './soak-plots.js';
import { growthOf, judge, processesOf, type Criterion } from './soak-verdict.js';

/** How long the system is run, and what is done to it. */
export interface SoakOptions {
  /** Length of the measurement, warm-up included, min, > 0. @defaultValue 10 */
  readonly minutes?: number;
  /** Growth of a process that is allowed, MB an hour. Higher allows for the warm-up in short runs (the gateway's memory was flat after 42 min), lower finds smaller leaks. @defaultValue 1 */
  readonly mostGrowthMbPerH?: number;
  /** Samples before this are not judged, min. @defaultValue two thirds of `minutes`, 40 at most */
  readonly warmUpMinutes?: number;
  /** From one pull of the camera to the next, s. @defaultValue 60 */
  readonly flapEveryS?: number;
  /** How long the camera is away, s, in turns. @defaultValue 3 and 10 */
  readonly downS?: readonly number[];
  /** Folder of plots and samples, which is made if need be. @defaultValue `diptych-soak` */
  readonly out?: string;
  /** Receives a line for each step. */
  readonly onProgress?: (text: string) => void;
}

/** What `diptych bench soak` prints. */
export interface SoakResult {
  /** Whether no criterion failed. */
  readonly passed: boolean;
  /** How long it ran, min. */
  readonly minutes: number;
  /** Times the camera was pulled out. */
  readonly flaps: number;
  /** What must hold, and whether it does. */
  readonly criteria: readonly Criterion[];
  /** Of each process, by its minima between faults: how its memory grows, MB an hour and MB a fault of the camera. */
  readonly growth: readonly { readonly process: string; readonly mbPerH?: number; readonly mbPerFlap?: number }[];
  /** Of the target that was not harmed. */
  readonly recording?: RecordingFacts;
  /** At the end. */
  readonly lipSync?: LipSync;
  /** Folder of `soak.svg`, the other plots and `samples.json`. */
  readonly out: string;
}

const STREAM_ID = 'soak';
const SIZE = { width: 1280, height: 720 };
const FPS = 30;
const SAMPLE_MS = 5_000;
const LIVE_LIMIT_MS = 60_000;
/** The camera stays for this long at the end, so that sound and picture can be compared. */
const QUIET_END_S = 45;
/** Twelve samples at least, so that one of them sees the least of a window. */
const LEAST_WINDOW_S = 60;
const TARGET_FAULT_EVERY_S = 45;
const VIEWER_EVERY_S = 36;
const MB = 1024 * 1024;

/**
 * Runs the gateway as a process of its own with a camera that flaps, viewers who come and go, a target that works
 * and one that fails, and judges what it holds and what it sends.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` if a program is not installed; `DIPTYCH_E_INTERNAL` if the stream does not start.
 */
export async function benchSoak(options: SoakOptions, signal: AbortSignal): Promise<SoakResult> {
  requirePrograms(['ffmpeg', 'nginx', 'Chromium']);
  const { minutes = 10, flapEveryS = 60, downS = [3, 10], onProgress } = options;
  const warmUpS = (options.warmUpMinutes ?? Math.min(40, (minutes * 2) / 3)) * 60;
  const out = resolve(options.out ?? 'diptych-soak');
  await mkdir(out, { recursive: true });
  onProgress?.('the scene');
  const file = await renderScene(DEMO_SCENE, { ...SIZE, fps: FPS, hasFlash: true }, { signal });
  const run = await soak({ file, out, minutes, flapEveryS, downS, ...(onProgress && { onProgress }) }, signal);
  const { samples, events, recording, lipSync } = run;
  const findings = {
    ...{ samples, warmUpS, untilS: minutes * 60 - QUIET_END_S },
    windowS: Math.max(LEAST_WINDOW_S, flapEveryS * downS.length),
    ...(options.mostGrowthMbPerH !== undefined && { mostGrowthMbPerH: options.mostGrowthMbPerH }),
    ...(recording && { recording }),
    ...(lipSync && { lipSync }),
  };
  const criteria = judge(findings);
  const result: SoakResult = {
    passed: criteria.every(({ verdict }) => verdict !== 'fail'),
    minutes,
    flaps: events.filter(({ what }) => what === 'camera down').length,
    criteria,
    growth: processesOf(findings).map((process) => {
      const perS = growthOf(process, findings)?.perS;
      if (perS === undefined) return { process: process.name };
      return { process: process.name, mbPerH: mb(perS * 3600), mbPerFlap: mb(perS * flapEveryS) };
    }),
    ...(recording && { recording }),
    ...(lipSync && { lipSync }),
    out,
  };
  const title = `${minutes} min, camera pulled every ${flapEveryS} s`;
  for (const { name, text } of soakPlots(samples, title)) await writeFile(join(out, name), text);
  await writeFile(join(out, 'samples.json'), JSON.stringify({ result, events, samples }));
  return result;
}

interface SoakPlan extends Required<Pick<SoakOptions, 'minutes' | 'flapEveryS' | 'downS' | 'out'>> {
  readonly file: string;
  readonly onProgress?: (text: string) => void;
}

interface SoakRun {
  readonly samples: readonly SoakSample[];
  readonly events: readonly SoakEvent[];
  readonly recording?: RecordingFacts;
  readonly lipSync?: LipSync;
}

async function soak(plan: SoakPlan, signal: AbortSignal): Promise<SoakRun> {
  const { file, out, minutes, flapEveryS, downS, onProgress } = plan;
  const events: SoakEvent[] = [];
  let startMs = performance.now();
  const atS = (): number => Math.round((performance.now() - startMs) / 100) / 10;
  const onEvent = (what: string): void => void events.push({ atS: atS(), what });
  const resources = new ResourceStack();
  try {
    const camera = resources.adopt(
      await startFlappingCamera({ file }, { everyS: flapEveryS, downS }, onEvent),
      (each) => each.stop(),
    );
    const server = resources.adopt(await startRtmpServer(), (each) => each.stop());
    const failing = resources.adopt(await startFailingServer(TARGET_FAULT_EVERY_S, onEvent), (each) => each.stop());
    const config = join(out, 'gateway.yaml');
    await writeFile(config, configuration(camera.url, server.url('kept'), failing.url('failing')));
    onProgress?.('the gateway');
    const gateway = resources.adopt(await startGatewayProcess(['--config', config]), (each) => each.stop());
    await waitUntilLive(gateway, signal);
    const viewers = resources.adopt(
      await startViewers(`${gateway.url}/s/${STREAM_ID}`, VIEWER_EVERY_S, onEvent),
      (each) => each.stop(),
    );
    startMs = performance.now();
    const samples: SoakSample[] = [];
    const flapUntilS = minutes * 60 - QUIET_END_S;
    let isSettled = false;
    while (atS() < minutes * 60) {
      if (!isSettled && atS() >= flapUntilS) {
        isSettled = true;
        void camera.settle().catch(() => undefined);
      }
      samples.push(await sample(gateway, atS()));
      if (samples.length % 12 === 1) onProgress?.(describe(samples.at(-1)));
      await delay(SAMPLE_MS - ((performance.now() - startMs) % SAMPLE_MS), undefined, { signal });
    }
    await camera.settle();
    await viewers.stop();
    await gateway.stop();
    onProgress?.('the recording');
    return { samples, events, ...(await examine(server)) };
  } finally {
    await resources.close();
  }
}

function configuration(source: string, kept: string, failing: string): string {
  const output = { ...SIZE, fps: FPS, bitrateKbps: 1500 };
  return stringify({
    http: { port: 0 },
    log: { level: 'warn' },
    streams: [
      {
        id: STREAM_ID,
        source: { url: source },
        output,
        targets: [
          { id: 'kept', url: kept },
          { id: 'failing', url: failing },
        ],
      },
    ],
  });
}

async function waitUntilLive(gateway: GatewayProcess, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + LIVE_LIMIT_MS;
  for (;;) {
    const stream = await readStream(gateway);
    if (stream?.state === 'live' && stream.targets[0] === 'live') return;
    if (performance.now() > deadlineMs) {
      throw new DiptychError('DIPTYCH_E_INTERNAL', `the stream is not live after ${LIVE_LIMIT_MS / 1000} s`);
    }
    await delay(200, undefined, { signal });
  }
}

async function sample(gateway: GatewayProcess, atS: number): Promise<SoakSample> {
  const [processes, stream] = await Promise.all([sampleProcesses(gateway.pid), readStream(gateway)]);
  return { atS, processes, ...(stream && { stream }) };
}

/** `undefined` where the gateway does not answer. */
async function readStream(gateway: GatewayProcess): Promise<StreamSample | undefined> {
  try {
    const { state, frames, targets, latencyMs, memory } = await gateway.status(STREAM_ID);
    return {
      state,
      framesOut: frames.out,
      repeated: frames.repeated,
      targets: targets.map((target) => target.state),
      totalP95Ms: latencyMs.total.p95,
      ...(memory && { memory: { ...memory } }),
    };
  } catch {
    return undefined;
  }
}

function describe(latest: SoakSample | undefined): string {
  const processes = latest?.processes.map(({ role, rssBytes }) => `${role} ${Math.round(rssBytes / MB)} MB`) ?? [];
  return `${Math.round(latest?.atS ?? 0)} s: ${latest?.stream?.state ?? 'no answer'}, ${processes.join(', ')}`;
}

async function examine(server: RtmpServer): Promise<Pick<SoakRun, 'recording' | 'lipSync'>> {
  const counter = new RecordingCounter(FPS);
  const files = await server.recordings('kept');
  for (const file of files) {
    counter.beginFile();
    await readFlvTags(file, (tag) => counter.add(tag));
  }
  const last = files.at(-1);
  const lipSync = last === undefined ? undefined : await measureLipSync(last, QUIET_END_S - 10);
  return { recording: counter.read(), ...(lipSync && { lipSync }) };
}

const mb = (bytes: number): number => Math.round((bytes / MB) * 1000) / 1000;
