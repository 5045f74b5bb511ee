import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

/** A real RTMP server (nginx with its RTMP module) that records what it receives. */
export interface RtmpServer {
  readonly url: string;
  /** FLV files, oldest first. */
  recordings(): Promise<string[]>;
  log(): Promise<string>;
  /** Stops reading, as a server that hangs; its sockets stay open. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

export async function startRtmpServer(): Promise<RtmpServer> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-rtmp-'));
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  const logFile = join(folder, 'error.log');
  await writeFile(
    config,
    `load_module ${MODULE};
     daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${logFile} info;
     events { worker_connections 64; }
     rtmp { access_log off; server { listen 127.0.0.1:${port};
       application live { live on; record all; record_unique on; record_path ${folder}; } } }`,
  );
  const child = spawn('nginx', ['-p', folder, '-c', config, '-e', logFile], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  for (let attempt = 0; !(await isListening(port)); attempt += 1) {
    if (attempt > 100 || child.exitCode !== null)
      throw new Error(`nginx did not start: ${await readFile(logFile, 'utf8')}`);
    await delay(50);
  }
  return {
    url: `rtmp://127.0.0.1:${port}/live`,
    recordings: async () =>
      (await readdir(folder))
        .filter((name) => name.endsWith('.flv'))
        .sort()
        .map((name) => join(folder, name)),
    log: () => readFile(logFile, 'utf8'),
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    close: async () => {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
