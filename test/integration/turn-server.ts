import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { requireProgram } from '#src/shared/programs/find-program.adapter.js';

/** A real TURN server (coturn) on 127.0.0.1 whose user names expire. */
export interface TurnServer {
  readonly port: number;
  readonly secret: string;
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts coturn with `use-auth-secret` on a free port. */
export async function startTurnServer(): Promise<TurnServer> {
  const secret = 'north-wind';
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'diptych-turn-'));
  const logFile = join(folder, 'turn.log');
  const child = spawn(
    requireProgram('turnserver'),
    [
      ...['-n', '--no-cli', '--no-tls', '--no-dtls', '--no-multicast-peers', '--verbose', '--simple-log'],
      ...['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', '--allow-loopback-peers', `--listening-port=${port}`],
      ...['--use-auth-secret', `--static-auth-secret=${secret}`, '--realm=diptych.test'],
      ...[`--log-file=${logFile}`, `--pidfile=${join(folder, 'turn.pid')}`, `--userdb=${join(folder, 'turn.db')}`],
    ],
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  await vi.waitFor(() => reach(port), { timeout: 20_000, interval: 100 });
  return {
    port,
    secret,
    log: () => readFile(logFile, 'utf8'),
    async stop() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function reach(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
