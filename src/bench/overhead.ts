import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { outputSchema, type OutputConfig } from '../shared/config/schema.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { StreamStatus } from '../shared/domain/stream-status.js';
import { median } from '../shared/percentile.js';
import { renderScene } from '../test-camera/scene-renderer.adapter.js';
import { DEMO_SCENE } from '../test-camera/scenes.js';
import { startTestCamera, type TestCamera } from '../test-camera/test-camera.adapter.js';
import { startGatewayProcess } from './gateway-process.adapter.js';
import { cpuSecondsOfTree, rounded } from './measure.js';
import { startRtmpServer, type RtmpServer } from './nginx-rtmp.adapter.js';
import { requireProgram, requirePrograms } from '../shared/programs/find-program.adapter.js';
import { launchChromium } from './viewer-browser.js';

/** How the overhead is measured. */
export interface OverheadBenchOptions {
  /** Length of each window that is measured, s: longer windows vary less. @defaultValue 20 */
  readonly seconds?: number;
  /** Windows of each kind, taken in turns. @defaultValue 3 */
  readonly rounds?: number;
}

/** What `diptych bench overhead` prints. */
export interface OverheadBenchResult {
  /** CPU seconds of the bare pipeline for each second of output, one number a window. */
  readonly bareCpu: readonly number[];
  /** The same of Diptych, all its processes together. */
  readonly diptychCpu: readonly number[];
  /** Median of Diptych divided by the median of the bare pipeline. */
  readonly ratio: number;
  /** Output frames that carry a new source frame, of all while it was measured. */
  readonly newFrameRatio: number;
  /** Output frames of all windows. */
  readonly framesOut: number;
  /** GStreamer element that encoded for Diptych. */
  readonly encoder: string;
}

interface Window {
  readonly cpu: number;
  readonly frames?: StreamStatus['frames'];
  readonly encoder?: string;
}

/** Tiles, decoder and encoder have settled before anything counts, ms. */
const SETTLE_MS = 8_000;
/** The name `diptych run --source` gives. */
const STREAM_ID = 'main';

/**
 * What Diptych costs beside a bare GStreamer pipeline that does the same decode, two fixed crops,
 * scale, encode, RTP and FLV: CPU seconds a second of output, both on the same camera and RTMP
 * server, in turns. The gateway, its stream process and the media server all count, and one
 * browser watches; the browser, the camera and the RTMP server do not count.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` if a program is not installed.
 */
export async function benchOverhead(
  { seconds = 20, rounds = 3 }: OverheadBenchOptions,
  signal: AbortSignal,
): Promise<OverheadBenchResult> {
  requirePrograms(['gst-launch-1.0', 'nginx', 'Chromium']);
  const file = await renderScene(DEMO_SCENE, { audio: 'aac' }, { signal });
  const camera = await startTestCamera({ file });
  const server = await startRtmpServer();
  const output = outputSchema.parse({});
  const bare: Window[] = [];
  const diptych: Window[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      bare.push(await measureBare(camera, server, output, seconds, signal));
      diptych.push(await measureDiptych(camera, server, seconds, signal));
    }
  } finally {
    await server.stop();
    await camera.stop();
  }
  const out = sum(diptych.map(({ frames }) => frames?.out ?? 0));
  const repeated = sum(diptych.map(({ frames }) => frames?.repeated ?? 0));
  const bareCpu = bare.map(({ cpu }) => rounded(cpu, 3));
  const diptychCpu = diptych.map(({ cpu }) => rounded(cpu, 3));
  return {
    bareCpu,
    diptychCpu,
    ratio: rounded(median(diptychCpu) / median(bareCpu)),
    newFrameRatio: rounded((out - repeated) / out, 4),
    framesOut: out,
    encoder: diptych[0]?.encoder ?? '',
  };
}

async function measureBare(
  camera: TestCamera,
  server: RtmpServer,
  output: OutputConfig,
  seconds: number,
  signal: AbortSignal,
): Promise<Window> {
  const child = spawn(
    requireProgram('gst-launch-1.0'),
    ['-q', ...barePipeline(camera.url, server.url('bare'), output)],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  try {
    await delay(SETTLE_MS, undefined, { signal });
    return { cpu: await cpuOf(child, seconds, signal) };
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}

async function cpuOf({ pid, exitCode }: ChildProcess, seconds: number, signal: AbortSignal): Promise<number> {
  if (pid === undefined || exitCode !== null) {
    throw new DiptychError('DIPTYCH_E_GRAPH', 'the bare pipeline ended before it was measured');
  }
  return cpuPerSecond(pid, seconds, signal);
}

async function cpuPerSecond(pid: number, seconds: number, signal: AbortSignal): Promise<number> {
  const startedMs = performance.now();
  const before = await cpuSecondsOfTree(pid);
  await delay(seconds * 1000, undefined, { signal });
  const after = await cpuSecondsOfTree(pid);
  return ((after - before) * 1000) / (performance.now() - startedMs);
}

/** The same decoder and encoder settings as the templates in pipelines/. */
function barePipeline(source: string, target: string, output: OutputConfig): readonly string[] {
  const { width, height, fps, bitrateKbps, gopS, preset } = output;
  const tile = `video/x-raw,width=${width / 2},height=${height}`;
  const launch = `
    rtspsrc location=${source} protocols=tcp latency=100 ! application/x-rtp,media=video
      ! rtph264depay ! h264parse ! avdec_h264 thread-type=slice ! tee name=decoded
    decoded. ! queue ! videocrop left=240 right=1200 top=135 bottom=405 ! videoscale ! ${tile} ! pair.sink_0
    decoded. ! queue ! videocrop left=1200 right=240 top=135 bottom=405 ! videoscale ! ${tile} ! pair.sink_1
    compositor name=pair sink_1::xpos=${width / 2}
      ! video/x-raw,width=${width},height=${height},framerate=${fps}/1
      ! x264enc tune=zerolatency speed-preset=${preset} pass=cbr bitrate=${bitrateKbps} vbv-buf-capacity=400
          key-int-max=${gopS * fps} bframes=0 sliced-threads=true option-string=nal-hrd=cbr:scenecut=0:force-cfr=1
      ! video/x-h264,profile=constrained-baseline ! h264parse ! tee name=encoded
    encoded. ! queue ! rtph264pay config-interval=-1 ! udpsink host=127.0.0.1 port=9 sync=false async=false
    encoded. ! queue ! flvmux streamable=true ! rtmp2sink location=${target} async-connect=false`;
  return launch.trim().split(/\s+/);
}

async function measureDiptych(
  camera: TestCamera,
  server: RtmpServer,
  seconds: number,
  signal: AbortSignal,
): Promise<Window> {
  const gateway = await startGatewayProcess(['--source', camera.url, '--target', server.url('diptych')]);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 640, height: 400 } });
    await page.goto(`${gateway.url}/s/${STREAM_ID}`);
    await delay(SETTLE_MS, undefined, { signal });
    const { frames: before } = await gateway.status(STREAM_ID);
    const cpu = await cpuPerSecond(gateway.pid, seconds, signal);
    const { frames, output } = await gateway.status(STREAM_ID);
    return {
      cpu,
      encoder: output.encoder,
      frames: {
        in: frames.in - before.in,
        out: frames.out - before.out,
        repeated: frames.repeated - before.repeated,
        detected: frames.detected - before.detected,
        dropped: frames.dropped - before.dropped,
        droppedBy: {
          decode: frames.droppedBy.decode - before.droppedBy.decode,
          late: frames.droppedBy.late - before.droppedBy.late,
        },
        damaged: frames.damaged - before.damaged,
      },
    };
  } finally {
    await browser.close();
    await gateway.stop();
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
