import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { StreamStatus } from '../shared/domain/stream-status.js';
import { DiptychError } from '../shared/domain/errors.js';
import { builtPath } from '../shared/package-root.js';

/** `diptych run` in a process of its own. */
export interface GatewayProcess {
  /** Of its HTTP server, without a slash at the end. */
  readonly url: string;
  /** Of the process that `cpuSecondsOfTree` starts at. */
  readonly pid: number;
  /** The last lines of its log. */
  lines(): readonly string[];
  /** Asks its API. Rejects if it does not answer. */
  status(streamId: string): Promise<StreamStatus>;
  /** Ends it as Ctrl-C does; resolves with its exit status. Idempotent. */
  stop(): Promise<number | null>;
}

const MAIN = builtPath('main.js');
/** Of the log, as many as are kept for messages and tests. */
const MAX_LINES = 200;
/** Far more than it takes: a busy machine is slow, not wrong. */
const START_LIMIT_MS = 90_000;

/**
 * Starts `diptych run` on a free port and waits until it listens.
 *
 * @param args - options of the command
 * @param environment - more of it
 * @throws {@link DiptychError} `DIPTYCH_E_INTERNAL` with the last lines of its log if it does not listen within 90 s.
 */
export async function startGatewayProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [MAIN, 'run', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const endWithUs = (): void => void child.kill('SIGTERM');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  const words: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    words.push(line);
    if (words.length > MAX_LINES) words.shift();
  });
  const lines = createInterface({ input: child.stdout });
  const url = await Promise.race([
    new Promise<string>((resolve) => {
      lines.on('line', (line) => {
        const found = /^viewer: (https?:\S+?)\/?$/.exec(line);
        if (found?.[1] !== undefined) resolve(found[1]);
      });
    }),
    exited.then(() => undefined),
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), START_LIMIT_MS).unref()),
  ]);
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    return (await exited)[0];
  };
  if (url === undefined || child.pid === undefined) {
    await stop();
    throw new DiptychError('DIPTYCH_E_INTERNAL', `the gateway did not come up: ${words.slice(-20).join(' | ')}`);
  }
  return {
    url,
    pid: child.pid,
    lines: () => words,
    status: async (streamId) => {
      const response = await fetch(`${url}/api/v1/streams/${streamId}`);
      return (await response.json()) as StreamStatus;
    },
    stop,
  };
}
