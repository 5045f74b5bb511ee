import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startGatewayProcess } from '#src/bench/gateway-process.adapter.js';
import { sceneCacheDir } from '#src/test-camera/clip-store.adapter.js';
import type { StreamView } from '#src/shared/domain/stream-status.js';

/** Small and cheap: these tests are about connections, not about pictures. */
export const SMALL_STREAM = {
  source: { url: 'test:' },
  output: { width: 320, height: 180, fps: 15, bitrateKbps: 400, preset: 'ultrafast', gopS: 1 },
  detect: { maxFps: 2 },
};

/** `diptych run`, and what asks its API. */
export interface RunningGateway {
  /** Of the pages and the API, without a slash at its end. */
  readonly url: string;
  /** Body of the answer; throws where the status is none of success. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** A stream as the API tells it. */
  readonly view: (id: string) => Promise<StreamView>;
  /** Asks until `isTrue` holds. @throws with the last view where it does not within `limitS` */
  readonly until: (id: string, isTrue: (view: StreamView) => boolean, limitS?: number) => Promise<StreamView>;
  /** Of the oldest stream process. @throws where none runs */
  readonly streamPid: () => Promise<number>;
  /** Of all of them, the oldest first, the spare one included. */
  readonly streamPids: () => Promise<readonly number[]>;
  /** The last lines of its log. */
  readonly lines: () => readonly string[];
  /** Of the gateway itself. */
  readonly pid: number;
  /** Ends it. */
  readonly stop: () => Promise<unknown>;
}

/** Starts the real gateway, without streams. @param settings - of its configuration, beside those */
export async function startRunningGateway(settings: object = {}): Promise<RunningGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-faults-'));
  const config = join(folder, 'gateway.yaml');
  await writeFile(
    config,
    JSON.stringify({
      streams: [],
      log: { level: 'warn' },
      access: { files: [tmpdir(), sceneCacheDir()] },
      ...settings,
    }),
  );
  const gateway = await startGatewayProcess(['--config', config]);
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${gateway.url}/api/v1/streams${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  const view = async (id: string): Promise<StreamView> => (await call('GET', `/${id}`)) as StreamView;
  return {
    ...{ pid: gateway.pid, url: gateway.url, lines: () => gateway.lines() },
    call,
    view,
    until: async (id, isTrue, limitS = 60) => {
      const deadline = Date.now() + limitS * 1000;
      for (;;) {
        const now = await view(id);
        if (isTrue(now)) return now;
        if (Date.now() > deadline) throw new Error(`not so within ${limitS} s: ${JSON.stringify(now)}`);
        await delay(100);
      }
    },
    streamPids: () => streamPidsOf(gateway.pid),
    streamPid: async () => {
      const [oldest] = await streamPidsOf(gateway.pid);
      if (oldest === undefined) throw new Error('no stream process runs');
      return oldest;
    },
    stop: async () => {
      await gateway.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function streamPidsOf(pid: number): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean);
  const found: number[] = [];
  for (const child of children) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('stream/main.js')) found.push(Number(child));
  }
  return found;
}
