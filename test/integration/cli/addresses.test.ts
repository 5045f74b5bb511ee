import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
let running: ChildProcess[] = [];
/** Standard error of the gateway that was started last. */
let logged = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-addresses-'));
});

afterEach(async () => {
  for (const child of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'close');
  }
  running = [];
  await rm(folder, { recursive: true, maxRetries: 5 });
});

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, HOME: folder, XDG_DATA_HOME: join(folder, 'data') });

/** What a gateway prints up to the line that matches. */
async function printed(options: readonly string[], last: RegExp): Promise<string[]> {
  const command = ['dist/main.js', 'run', '--port', '0', '--listen-ip', '127.0.0.1', ...options];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
  running.push(child);
  logged = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (logged += text));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (last.test(line)) return lines;
  }
  throw new Error(`it ended after ${lines.join(' | ')} with ${logged}`);
}

/** The status of the page and of the API at an address that was printed, signed in with what stands behind its #. */
async function opened(line = ''): Promise<number[]> {
  const url = new URL(line.slice(line.indexOf('http')));
  const token = new URLSearchParams(url.hash.slice(1)).get('token');
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const api = new URL('api/v1/streams', `${url.origin}${url.pathname}`);
  return Promise.all([url, api].map(async (each) => (await fetch(each, { headers })).status));
}

const configFile = async (text: string): Promise<string> => {
  const file = join(folder, 'gateway.yaml');
  await writeFile(file, text);
  return file;
};

describe('the addresses that the start of a gateway prints', () => {
  it('on loopback open without a token', async () => {
    const lines = await printed(['test:'], /^other devices/);

    expect(lines[0]).toMatch(/^viewer: http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(lines[1]).toContain('--host 0.0.0.0');
    expect(await opened(lines[0])).toEqual([200, 200]);
    expect(existsSync(join(folder, 'data/diptych/first-token'))).toBe(false);
  });

  it('for every address of the machine hold the token that was made, which a later start leaves out of logs', async () => {
    const config = await configFile('http: { host: 0.0.0.0, basePath: /cams }');
    const first = await printed(['--config', config], /^the token/);
    const later = await printed(['--config', config], /^the token/);

    const file = join(folder, 'state/first-token');
    const token = (await readFile(file, 'utf8')).trim();
    expect(first[0]).toMatch(/^viewer: http:\/\/localhost:\d+\/cams\/#token=dpt_/);
    expect(first[0]?.endsWith(token)).toBe(true);
    expect(first.at(-1)).toBe(`the token of these addresses is in ${file}`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await opened(first[0])).toEqual([200, 200]);
    expect(later.join()).not.toContain(token);
    expect(await opened(later[0])).toEqual([401, 401]);
    const others = first.filter((line) => line.startsWith('from another device: '));
    expect(await Promise.all(others.map(opened))).toEqual(others.map(() => [200, 200]));
  });

  it('with a token of one’s own name it in no line', async () => {
    const lines = await printed(['--host', '0.0.0.0', '--token', 'correct-horse-battery', 'test:'], /^the page asks/);

    expect(lines.join()).not.toContain('correct-horse');
    expect(lines.at(-1)).toContain('the page asks for a token');
  });

  it('with TLS begin with https', async () => {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const subject = ['-subj', '/CN=localhost', '-days', '2', '-keyout', key, '-out', cert];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...subject],
      { stdio: 'ignore' },
    );
    const lines = await printed(['test:', '--tls-cert', cert, '--tls-key', key], /^other devices/);

    expect(lines[0]).toMatch(/^viewer: https:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it('say nothing of --listen-ip, which only media follows', async () => {
    const lines = await printed(['--log', 'json', '--listen-ip', '127.0.0.3', 'test:'], /^other devices/);
    const mediaPort = Number(/"mediaPort":(\d+)/.exec(logged)?.[1]);
    const bind = async (address: string): Promise<string> => {
      const socket = createSocket('udp4').bind(mediaPort, address);
      try {
        await once(socket, 'listening');
        return 'free';
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? String(error);
      } finally {
        socket.close();
      }
    };

    expect(lines[0]).toMatch(/^viewer: http:\/\/127\.0\.0\.1:/);
    expect(await opened(lines[0])).toEqual([200, 200]);
    expect(await Promise.all(['127.0.0.3', '127.0.0.4'].map(bind))).toEqual(['EADDRINUSE', 'free']);
  });
});

describe('the doctor, on the page', () => {
  interface Finding {
    readonly area: string;
    readonly verdict: string;
    readonly text: string;
    readonly advice?: string;
  }

  const examine = (...options: string[]): { readonly status: number | null; readonly findings: Finding[] } => {
    const command = ['dist/main.js', 'doctor', '--json', ...options];
    const { status, stdout } = spawnSync(process.execPath, command, { encoding: 'utf8', env: environment() });
    return { status, findings: JSON.parse(stdout) as Finding[] };
  };
  const token = (...parameters: string[]): string =>
    execFileSync(process.execPath, ['dist/main.js', 'token', ...parameters], { encoding: 'utf8', env: environment() });

  it('names the address and how one signs in, and tries what the configuration names', async () => {
    const config = await configFile(`
http: { host: 0.0.0.0, port: 8765, basePath: /cams, allowedHosts: [cams.example.org] }
streams:
  - id: hall
    source: { url: "test:" }
    targets: [{ id: nobody, url: "rtmp://127.0.0.1:1/live/secret-key" }]
  - { id: gone, source: { url: "rtsp://127.0.0.1:1/door" } }
`);
    const before = examine('--config', config);
    const made = token('add', 'wall', '--role', 'view', '--config', config).trim();
    const after = examine('--config', config);

    const page = ({ findings }: typeof before): Finding | undefined => findings.find(({ area }) => area === 'page');
    expect(page(before)).toMatchObject({ verdict: 'good' });
    expect(page(before)?.text).toContain('http://localhost:8765/cams/; from other devices ');
    expect(page(before)?.text).toContain('cams.example.org');
    expect(page(before)?.advice).toContain(join(folder, 'state/first-token'));
    expect(page(after)?.advice).toBe('sign in with one of the tokens "wall" (view)');
    expect(JSON.stringify(after)).not.toContain(made);
    const verdicts = Object.fromEntries(before.findings.map(({ area, verdict }) => [area, verdict]));
    expect(verdicts).toMatchObject({ 'hall: source': 'good', 'hall: nobody': 'broken', 'gone: source': 'broken' });
    expect(verdicts['state']).toBe('good');
    expect(JSON.stringify(before)).not.toContain('secret-key');
    expect(before.status).toBe(1);
  });

  it('names the token that a gateway has made', async () => {
    const config = await configFile('http: { host: 0.0.0.0 }');
    await printed(['--config', config], /^the token/);
    const { findings } = examine('--config', config);

    const kept = (await readFile(join(folder, 'state/first-token'), 'utf8')).trim();
    expect(findings.find(({ area }) => area === 'page')?.advice).toContain(`the token in ${folder}/state/first-token`);
    expect(JSON.stringify(findings)).not.toContain(kept);
  });

  it('says that nobody is asked where nobody is', async () => {
    const open = await configFile('{ http: { host: 0.0.0.0 }, access: { required: never } }');
    const [local, network] = [examine(), examine('--config', open)].map(({ findings }) =>
      findings.find(({ area }) => area === 'page'),
    );

    expect([local?.verdict, network?.verdict]).toEqual(['good', 'limited']);
    expect(local?.text).toContain('other devices do not reach it');
    expect(network?.text).toContain('nobody is asked');
  });
});

describe('diptych token', () => {
  const run = (...parameters: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ['dist/main.js', 'token', ...parameters], { encoding: 'utf8', env: environment() });

  it('adds, lists and removes tokens, which are shown once and kept as hashes', async () => {
    const state = join(folder, 'kept');
    const added = run('add', 'wall', '--role', 'view', '--stream', 'hall', '--stream', 'door', '--state', state);
    const again = run('add', 'wall', '--state', state);
    const desk = run('add', 'desk', '--role', 'operate', '--state', state);
    const listed = run('list', '--state', state);
    const kept = await readFile(join(state, 'tokens.json'), 'utf8');
    const { mode } = await stat(join(state, 'tokens.json'));
    const removed = run('remove', 'wall', '--state', state);
    const unknown = run('remove', 'wall', '--state', state);
    const rest = run('list', '--state', state);

    expect(added.stdout).toMatch(/^dpt_[\w-]{43}\n$/);
    expect([added, desk, listed, removed, rest].map(({ status }) => status)).toEqual([0, 0, 0, 0, 0]);
    expect(listed.stdout).toMatch(
      /^wall {2}view {2}hall,door {2}since [\d-]{10}\ndesk {2}operate {2}all streams {2}since /,
    );
    expect(kept).not.toContain(added.stdout.trim());
    expect(mode & 0o777).toBe(0o600);
    expect([again.status, unknown.status]).toEqual([1, 1]);
    expect(again.stderr).toContain('DIPTYCH_E_CONFLICT');
    expect(unknown.stderr).toContain('there is no token "wall"; there is: "desk"');
    expect(rest.stdout).not.toContain('wall');
  });

  it('makes a token for a configuration that is kept elsewhere', async () => {
    const [, token = '', hash = ''] = /^token {2}(\S+)\nhash {3}(\S+)\n$/.exec(run('make').stdout) ?? [];
    const config = await configFile(`
http: { host: 0.0.0.0, port: 0 }
access: { tokens: [{ name: wall, role: view, hash: "${hash}" }] }
`);
    const lines = await printed(['--config', config], /^the page asks/);
    const url = (lines[0] ?? '').replace('viewer: ', '');
    const statuses = [token, `${token}x`].map(
      async (each) => (await fetch(`${url}api/v1/streams`, { headers: { authorization: `Bearer ${each}` } })).status,
    );

    expect(await Promise.all(statuses)).toEqual([200, 401]);
  });

  it.each([
    ['no action', [], 'token needs an action'],
    ['a misspelt action', ['lst'], 'did you mean "list"'],
    ['no name', ['add'], 'give one name'],
    ['two names', ['add', 'a', 'b'], 'give one name'],
    ['an unknown role', ['add', 'a', '--role', 'boss'], '--role: expected view, operate, admin, got "boss"'],
    [
      'an administrator of one stream',
      ['add', 'a', '--role', 'admin', '--stream', 'hall'],
      'role admin is for all streams',
    ],
    ['a misspelt option', ['add', 'a', '--rol', 'view'], 'did you mean --role'],
  ])('refuses %s', (_name, parameters, expected) => {
    const { status, stderr } = run(...parameters);

    expect(status).toBe(2);
    expect(stderr).toContain(expected);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
