import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { requirePrograms } from '../shared/programs/find-program.adapter.js';
import { renderScene } from '../test-camera/scene-renderer.adapter.js';
import { DEMO_SCENE } from '../test-camera/scenes.js';
import { startTestCamera } from '../test-camera/test-camera.adapter.js';
import { frameRows, type FrameRow } from './frame-rows.js';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.adapter.js';
import { rounded } from './measure.js';
import { memoryRows, type MemoryRow } from './memory-rows.js';
import { startRtmpServer } from './nginx-rtmp.adapter.js';
import { sampleProcesses } from './process-samples.adapter.js';
import { sampleThreads, type ThreadSample } from './thread-samples.adapter.js';
import { launchChromium } from './viewer-browser.js';

/** What a process has read and written by calls, without UDP, for each output frame. */
export interface ProcessBytes {
  /** `gateway`, `stream` or `worker`. */
  readonly process: string;
  /** Bytes a frame. */
  readonly read: number;
  /** Bytes a frame. */
  readonly written: number;
}

/** What `diptych bench frame` prints. */
export interface FrameBenchResult {
  /** Output frames that were counted. */
  readonly frames: number;
  /** CPU time of all processes for each output frame, ms. */
  readonly cpuMs: number;
  /** By process and thread, what works most first. */
  readonly threads: readonly FrameRow[];
  /** Of each process. */
  readonly bytes: readonly ProcessBytes[];
  /** Of each process at the end, by kind; `spare` is the stream process that waits for a stream. */
  readonly memory: readonly MemoryRow[];
  /** Of a decoded, a composed and, on average, an encoded picture. */
  readonly pictureBytes: { readonly decoded: number; readonly composed: number; readonly encoded: number };
}

const SETTLE_MS = 12_000;
const STREAM_ID = 'main';
/** I420 and NV12: a byte for each pixel, and half as much for colour. */
const BYTES_PER_PIXEL = 1.5;

/**
 * Where a frame's time and bytes go: a camera of 1080p30 with two people, one browser that watches and one RTMP target;
 * what each thread of the gateway, the stream process and the media worker works for an output frame, and where the
 * memory of these processes is.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` if a program is not installed.
 */
export async function benchFrame(
  { seconds = 20 }: { readonly seconds?: number },
  signal: AbortSignal,
): Promise<FrameBenchResult> {
  requirePrograms(['nginx', 'Chromium']);
  const file = await renderScene(DEMO_SCENE, { audio: 'aac' }, { signal });
  const camera = await startTestCamera({ file });
  const server = await startRtmpServer();
  const gateway = await startGatewayProcess(['--source', camera.url, '--target', server.url('diptych')]);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 640, height: 400 } });
    await page.goto(`${gateway.url}/s/${STREAM_ID}`);
    await delay(SETTLE_MS, undefined, { signal });
    return await measure(gateway, seconds, signal);
  } finally {
    await browser.close();
    await gateway.stop();
    await server.stop();
    await camera.stop();
  }
}

interface Reading {
  readonly role: string;
  readonly pid: number;
  readonly threads: ReadonlyMap<string, ThreadSample>;
  readonly bytes: { readonly read: number; readonly written: number };
  /** `/proc/PID/smaps`; empty where the process has ended. */
  readonly mappings: string;
}

async function measure(gateway: GatewayProcess, seconds: number, signal: AbortSignal): Promise<FrameBenchResult> {
  const processes = await sampleProcesses(gateway.pid);
  const { frames: from } = await gateway.status(STREAM_ID);
  const before = await Promise.all(processes.map(readingOf));
  await delay(seconds * 1000, undefined, { signal });
  const after = await Promise.all(processes.map(readingOf));
  const { frames: to, source, output } = await gateway.status(STREAM_ID);
  const frames = Math.max(1, to.out - from.out);
  // The spare process waits, and does nothing for a frame.
  const isBusy = (i: number): boolean => after[i]?.role !== 'stream' || cpuOf(after[i]) - cpuOf(before[i]!) > frames;
  const busy = after.filter((_, i) => isBusy(i));
  const threads = busy.flatMap(({ role, pid, threads: now }) =>
    frameRows(role, before.find((reading) => reading.pid === pid)?.threads ?? new Map(), now, frames),
  );
  const bytes = busy.map(({ role, pid, bytes: now }) => {
    const then = before.find((reading) => reading.pid === pid)?.bytes ?? now;
    const each = (of: 'read' | 'written'): number => rounded((now[of] - then[of]) / frames, 0);
    return { process: role, read: each('read'), written: each('written') };
  });
  const decoded = (source.width ?? 0) * (source.height ?? 0) * BYTES_PER_PIXEL;
  const { width, height, fps, bitrateKbps } = output;
  return {
    frames,
    cpuMs: rounded(
      threads.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      2,
    ),
    threads: threads.toSorted((a, b) => b.cpuMs - a.cpuMs),
    bytes,
    memory: after.flatMap(({ role, mappings }, i) => memoryRows(isBusy(i) ? role : 'spare', mappings)),
    pictureBytes: {
      decoded,
      composed: width * height * BYTES_PER_PIXEL,
      encoded: rounded((bitrateKbps * 1000) / 8 / fps, 0),
    },
  };
}

const cpuOf = ({ threads }: Reading): number => [...threads.values()].reduce((sum, { cpuMs }) => sum + cpuMs, 0);

async function readingOf({ pid, role }: { readonly pid: number; readonly role: string }): Promise<Reading> {
  const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const [threads, io, mappings] = await Promise.all([sampleThreads(pid), read('io'), read('smaps')]);
  const field = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(io)?.[1] ?? 0);
  return { role, pid, threads, bytes: { read: field('rchar'), written: field('wchar') }, mappings };
}
