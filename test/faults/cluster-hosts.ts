import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
  /** Of the gateway itself. */
  readonly pid: number;
  /** To the gateway and all of its stream processes: what a machine does that stops. */
  readonly signal: (name: NodeJS.Signals) => Promise<void>;
  /** Ends the gateway and its stream processes at once. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startClusterGateway(
  host: string,
  endpoints: readonly string[],
  {
    etcd = {},
    port: wanted,
    ...options
  }: { readonly etcd?: object; readonly port?: number; readonly [option: string]: unknown } = {},
  settings: object = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<ClusterGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-cluster-'));
  const port = wanted ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'gateway.yaml');
  await writeFile(
    config,
    JSON.stringify({
      log: { level: 'info', format: 'json' },
      ...settings,
      cluster: { etcd: { endpoints, ...etcd }, host, url, key: 'a key of the cluster, for tests only', ...options },
    }),
  );
  const gateway = await startGatewayProcess(['--config', config, '--port', String(port)], environment);
  const pids = async (): Promise<number[]> => {
    const children = await readFile(`/proc/${gateway.pid}/task/${gateway.pid}/children`, 'utf8').catch(() => '');
    return [gateway.pid, ...children.split(' ').filter(Boolean).map(Number)];
  };
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    for (const pid of await pids()) sendSignal(pid, name);
  };
  return {
    ...{ host, url, config, lines: () => gateway.lines(), pid: gateway.pid, signal },
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
