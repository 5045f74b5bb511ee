import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DiptychError } from '#domain/errors.js';

/** A real RTMP server on loopback. */
export interface RtmpServer {
  readonly port: number;
  /** Where recordings (`<key>.flv`) appear. */
  readonly recordings: string;
  /** `rtmp://127.0.0.1:port/live/<key>` */
  url(key: string): string;
  /** Takes nothing more off the wire until `resume`, as a server that hangs does. */
  pause(): void;
  resume(): void;
  /** Ends it and removes what it wrote. Idempotent. */
  stop(): Promise<void>;
}

export interface RtmpServerOptions {
  /** @defaultValue 0: a free one */
  readonly port?: number;
  /** Writes what is published to `recordings`. @defaultValue true */
  readonly isRecording?: boolean;
}

const NGINX = '/usr/sbin/nginx';
const RTMP_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';
const START_LIMIT_MS = 10_000;

/**
 * Starts nginx with its RTMP module in a folder of its own.
 * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` where it does not start (not installed, most likely).
 */
export async function startRtmpServer({ port, isRecording = true }: RtmpServerOptions = {}): Promise<RtmpServer> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-rtmp-'));
  const recordings = join(folder, 'recordings');
  await mkdir(recordings);
  const bound = port ?? (await freePort());
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configuration(folder, recordings, bound, isRecording));
  const child = spawn(NGINX, ['-c', file, '-p', folder, '-e', join(folder, 'error.log')], { stdio: 'ignore' });
  const ended = Promise.race([once(child, 'exit'), once(child, 'error')]);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    })());
  const isUp = await Promise.race([waitForPort(bound), ended.then(() => false)]);
  if (!isUp) {
    await stop();
    throw new DiptychError('DIPTYCH_E_NOT_FOUND', 'nginx with RTMP did not start; apt-get install nginx-light libnginx-mod-rtmp');
  }
  return {
    port: bound,
    recordings,
    url: (key) => `rtmp://127.0.0.1:${bound}/live/${key}`,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop,
  };
}

/** One process, in the foreground, so that its own PID is all there is to stop or end. */
function configuration(folder: string, recordings: string, port: number, isRecording: boolean): string {
  return `
load_module ${RTMP_MODULE};
daemon off;
master_process off;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')} info;
events { worker_connections 64; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    chunk_size 4096;
    application live {
      live on;
      ${isRecording ? `record all; record_path ${recordings};` : 'record off;'}
    }
  }
}
`;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function waitForPort(port: number): Promise<boolean> {
  const deadlineMs = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadlineMs) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return true;
    await delay(50);
  }
  return false;
}
