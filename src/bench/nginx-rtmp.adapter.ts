import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DiptychError } from '../shared/domain/errors.js';
import { requireProgram } from '../shared/programs/find-program.adapter.js';

/** Where the server listens. */
export interface RtmpServerOptions {
  /** TCP port on 127.0.0.1; give one to come back where a server was before. @defaultValue a free one */
  readonly port?: number;
}

/** A real RTMP server that writes down what it is sent. */
export interface RtmpServer {
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  /** `rtmp://127.0.0.1:PORT/live/KEY` */
  url(key: string): string;
  /** FLV files of a key so far, oldest first; a new one begins with each publishing. */
  recordings(key: string): Promise<readonly string[]>;
  /** What it says of its connections. */
  log(): Promise<string>;
  /** Stops reading from its connections, as a server does that is overloaded. */
  pause(): Promise<void>;
  /** Reads on after {@link pause}. */
  resume(): Promise<void>;
  /** Ends it at once, connections and all; the recordings stay until `stop`. */
  kill(): Promise<void>;
  /** Ends it and removes its folder. Idempotent. */
  stop(): Promise<void>;
}

const MODULE_PATHS = ['/usr/lib/nginx/modules/ngx_rtmp_module.so', '/usr/share/nginx/modules/ngx_rtmp_module.so'];
const START_TIMEOUT_MS = 15_000;
const POLL_MS = 25;

/**
 * Starts nginx with its RTMP module on 127.0.0.1, in a folder of its own; for benchmarks and tests.
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` where it is not installed, `DIPTYCH_E_NOT_FOUND`
 * where its module is not, or where it does not start.
 */
export async function startRtmpServer(options: RtmpServerOptions = {}): Promise<RtmpServer> {
  const nginx = requireProgram('nginx');
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'diptych-rtmp-'));
  const recordings = join(folder, 'recordings');
  await mkdir(recordings, { mode: 0o777 });
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, recordings, port, await findModule()));
  const child = spawn(nginx, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const endWithUs = (): void => void child.kill('SIGTERM');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  await waitUntilOpen(port, child, folder);

  const processes = async (): Promise<readonly number[]> => {
    const { pid } = child;
    if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return [];
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    // The master first: it would replace a worker that ends before it.
    return [pid, ...children.split(' ').filter(Boolean).map(Number)];
  };
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    for (const pid of await processes()) process.kill(pid, name);
  };
  const kill = async (): Promise<void> => {
    await signal('SIGKILL');
    await exited;
  };
  return {
    port,
    url: (key) => `rtmp://127.0.0.1:${port}/live/${key}`,
    recordings: async (key) =>
      (await readdir(recordings))
        .filter((file) => file.startsWith(`${key}-`) && file.endsWith('.flv'))
        .sort()
        .map((file) => join(recordings, file)),
    log: () => readFile(join(folder, 'error.log'), 'utf8'),
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    kill,
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(folder: string, recordings: string, port: number, module: string): string {
  // Started as root, its worker would be another user, who can't write the recordings.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `
load_module ${module};
daemon off;
${user}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log info;
events { worker_connections 64; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    chunk_size 4096;
    application live {
      live on;
      record all;
      record_path ${recordings};
      record_suffix -%s.flv;
      record_unique on;
    }
  }
}
`;
}

/** A TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function findModule(): Promise<string> {
  for (const path of MODULE_PATHS) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw new DiptychError(
    'DIPTYCH_E_NOT_FOUND',
    `nginx's RTMP module is not installed (looked for ${MODULE_PATHS.join(', ')}); apt-get install libnginx-mod-rtmp`,
  );
}

async function waitUntilOpen(port: number, child: ChildProcess, folder: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isOpen(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new DiptychError(
        'DIPTYCH_E_NOT_FOUND',
        `nginx did not start: ${await readFile(join(folder, 'error.log'), 'utf8').catch(() => 'no log')}`,
      );
    }
    await delay(POLL_MS);
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (open: boolean) => (): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', settle(true)).once('error', settle(false));
  });
}
