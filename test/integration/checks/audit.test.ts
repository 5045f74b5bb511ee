import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

/** What npm's registry knows of a package: https://docs.npmjs.com/cli/commands/npm-audit (bulk advisories). */
interface Advisory {
  readonly id: number;
  readonly url: string;
  readonly title: string;
  readonly severity: 'low' | 'moderate' | 'high' | 'critical';
  readonly vulnerable_versions: string;
}

let registry: Server;
/** Packages that the registry was asked about. */
let asked: readonly string[] = [];
/** Of npm, which keeps what it was told of a weakness. */
let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'diptych-audit-'));
});

afterEach(async () => {
  registry.closeAllConnections();
  registry.close();
  await once(registry, 'close');
  await rm(cache, { recursive: true, maxRetries: 5 });
});

/** A registry that knows these weaknesses. @param status - of its answers */
async function startRegistry(advisories: Readonly<Record<string, readonly Advisory[]>>, status = 200): Promise<string> {
  registry = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (!request.url?.endsWith('/advisories/bulk')) {
        response.writeHead(404).end('{}');
        return;
      }
      const body = Buffer.concat(parts);
      const isPacked = request.headers['content-encoding'] === 'gzip';
      asked = Object.keys(JSON.parse((isPacked ? gunzipSync(body) : body).toString()) as object);
      response.writeHead(status).end(JSON.stringify(advisories));
    });
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  return `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
}

async function audit(url: string): Promise<{ status: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['.checks/audit.mjs'], {
    env: {
      ...process.env,
      npm_config_registry: url,
      npm_config_cache: cache,
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number];
  return { status, stdout, stderr };
}

const weakness = (severity: Advisory['severity'], vulnerable_versions = '>=0'): Advisory => ({
  ...{ id: 1, url: 'https://github.com/advisories/GHSA-test', title: 'it can be talked into anything', severity },
  vulnerable_versions,
});

it.each<[string, Record<string, readonly Advisory[]>, number, number, RegExp]>([
  ['that is critical', { fastify: [weakness('critical')] }, 1, 1, /audit: critical: fastify\b/],
  [
    'that is high',
    { ws: [weakness('high')] },
    1,
    1,
    /audit: high: ws.*talked into anything \(https:.*there is no version without it yet/,
  ],
  ['that is low', { ws: [weakness('low')] }, 0, 0, /audit: low: ws\b/],
  ['of other versions', { ws: [weakness('critical', '<0.1.0')] }, 0, 0, /^$/],
])('a weakness %s', async (_name, advisories, status, severe, line) => {
  const result = await audit(await startRegistry(advisories));

  expect(asked).toContain('fastify');
  expect(result.stderr).toMatch(line);
  expect(result.stdout).toMatch(new RegExp(`known weaknesses, ${severe} of them high or critical|[1-9]\\d* known`));
  expect(result.status).toBe(status);
});

it('a registry that does not answer such questions is no finding', async () => {
  const { status, stderr } = await audit(await startRegistry({}, 405));

  expect(stderr).toMatch(/^audit: nothing was looked at, because the registry could not be asked/);
  expect(status).toBe(2);
});
