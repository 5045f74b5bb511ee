import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startGatewayProcess } from '#src/bench/gateway-process.adapter.js';
import { freePort } from '#src/bench/nginx-rtmp.adapter.js';
import { builtPath } from '#src/shared/package-root.js';
import { sendSignal } from '../send-signal.js';

/** One gateway of a cluster. */
export interface ClusterGateway {
  readonly host: string;
  readonly url: string;
  /** File with its configuration. */
  readonly config: string;
  readonly lines: () => readonly string[];
  /** To the gateway and all of its stream processes: what a machine does that stops. */
  readonly signal: (name: NodeJS.Signals) => Promise<void>;
  /** Ends the gateway and its stream processes at once. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startClusterGateway(
  host: string,
  endpoints: readonly string[],
  options: object = {},
  settings: object = {},
): Promise<ClusterGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-cluster-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'gateway.yaml');
  await writeFile(
    config,
    JSON.stringify({
      log: { level: 'info', format: 'json' },
      ...settings,
      cluster: { etcd: { endpoints }, host, url, key: 'a key of the cluster, for tests only', ...options },
    }),
  );
  const gateway = await startGatewayProcess(['--config', config, '--port', String(port)]);
  const pids = async (): Promise<number[]> => {
    const children = await readFile(`/proc/${gateway.pid}/task/${gateway.pid}/children`, 'utf8').catch(() => '');
    return [gateway.pid, ...children.split(' ').filter(Boolean).map(Number)];
  };
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    for (const pid of await pids()) sendSignal(pid, name);
  };
  return {
    ...{ host, url, config, lines: () => gateway.lines(), signal },
    kill: () => signal('SIGKILL'),
    stop: async () => {
      await gateway.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `diptych cluster …` with the configuration of a host. @returns what it printed */
export async function clusterCommand({ config }: ClusterGateway, ...args: readonly string[]): Promise<string> {
  const main = builtPath('main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'cluster', ...args, '--config', config]);
  return stdout;
}

/** When a publisher's bytes went through. */
export interface Passage {
  readonly firstMs: number;
  lastMs: number;
  bytes: number;
}

export interface Relay {
  readonly port: number;
  /** One for each connection that sent anything, in their order. */
  readonly passages: readonly Passage[];
  readonly close: () => void;
}

/** A publisher that sends nothing for so long is one less for the server, as platforms have it, ms. */
const IDLE_MS = 1500;

/** Between publishers and the RTMP server; writes down whose bytes went through when. */
export async function startRelay(serverPort: number): Promise<Relay> {
  const passages: Passage[] = [];
  const server = createServer((near) => {
    const far = connect(serverPort, '127.0.0.1');
    let passage: Passage | undefined;
    let isIdle = false;
    far.setTimeout(IDLE_MS, () => {
      // The publisher's own connection stays: whoever was stopped finds it as it was.
      isIdle = true;
      far.destroy();
    });
    near.on('data', (bytes) => {
      const nowMs = performance.now();
      if (!passage) passages.push((passage = { firstMs: nowMs, lastMs: nowMs, bytes: 0 }));
      passage.lastMs = nowMs;
      passage.bytes += bytes.length;
      if (!isIdle) far.write(bytes);
    });
    far.on('data', (bytes) => near.write(bytes));
    near.on('error', () => undefined).on('close', () => far.destroy());
    far.on('error', () => undefined).on('close', () => !isIdle && near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, passages, close: () => server.close() };
}
