import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { builtPath } from '#src/shared/package-root.js';

/** A gateway as it is run by people, with two streams that cost little; one is published to. */
export interface GatewayProcess {
  /** Of the page and the API. */
  readonly url: string;
  /** Resident memory now, bytes. */
  memory(): number;
  /** Fails where it has ended, does not answer, or has logged something that nobody foresaw. */
  expectHealthy(): Promise<void>;
  /** Ends it; the log is thrown away. */
  close(): Promise<void>;
}

const CONFIG = `
http: { port: 0 }
webrtc: { minPort: 44000, maxPort: 44400 }
log: { level: warn, format: json }
limits: { requestsPerS: 100000 }
streams:
  - id: hall
    source: { url: "test:" }
    output: { width: 320, height: 180, fps: 5 }
    detect: { maxFps: 0.1 }
    reid: { mode: off }
  - id: open
    source: { url: "whip:" }
    output: { width: 320, height: 180, fps: 5 }
    detect: { maxFps: 0.1 }
    reid: { mode: off }
`;
/** What the gateway writes where an error was none of its own. */
const UNFORESEEN = /nothing handled|request failed|failed; the gateway goes on|could not be sent|DIPTYCH_E_INTERNAL/;
const PAGE_BYTES = 4096;
/** Lines of the log that are kept for a message. */
const MAX_LINES = 200;

export async function startGatewayProcess(): Promise<GatewayProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-fuzz-'));
  const config = join(folder, 'gateway.yaml');
  await writeFile(config, `${CONFIG}recordings: { folder: ${JSON.stringify(folder)} }\n`);
  const child = spawn(process.execPath, [builtPath('main.js'), 'run', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const unforeseen: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (UNFORESEEN.test(line) && unforeseen.length < MAX_LINES) unforeseen.push(line);
  });
  const url = await addressOf(child);
  return {
    url,
    memory: () => PAGE_BYTES * Number(readFileSync(`/proc/${child.pid}/statm`, 'utf8').split(' ')[1]),
    expectHealthy: async () => {
      expect(child.exitCode).toBeNull();
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect(unforeseen).toEqual([]);
    },
    close: async () => {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true });
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the gateway has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /viewer: (http:\S+?)\/?$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the gateway ended before it listened');
}
