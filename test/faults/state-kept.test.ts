import { appendFile, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startGatewayProcess, type GatewayProcess } from '#src/bench/gateway-process.adapter.js';
import { sendSignal } from '../send-signal.js';
import { SMALL_STREAM } from './running-gateway.js';

const run = promisify(execFile);
const PATIENCE = { timeout: 30_000, interval: 100 };
/** Nobody publishes to them, so they cost next to nothing. */
const IDS = ['one', 'two', 'three', 'four'];
const WRITES = 200;

let folder = '';
let gateway: GatewayProcess | undefined;
/** Ended in the opposite order. */
let endings: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'diptych-state-'));
  endings = [() => rm(folder, { recursive: true, force: true })];
});

afterEach(async () => {
  gateway = undefined;
  for (const end of endings.reverse()) await end();
});

const configFile = (): string => path.join(folder, 'gateway.yaml');

async function start(text?: string, settings: object = {}): Promise<string> {
  if (text !== undefined) await writeFile(configFile(), text);
  else await writeFile(configFile(), JSON.stringify({ spareProcess: false, log: { level: 'warn' }, ...settings }));
  return again();
}

async function again(): Promise<string> {
  const started = await startGatewayProcess(['--config', configFile()]);
  gateway = started;
  // Also one that another takes the place of, where a test did not end it.
  endings.push(() => started.stop());
  return `${gateway.url}/api/v1/streams`;
}

const send = (url: string, method: string, body?: unknown): Promise<Response> =>
  fetch(url, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });

const configOf = async (url: string, id: string): Promise<{ readonly targets: readonly { readonly id: string }[] }> =>
  (await (await send(`${url}/${id}/config`, 'GET')).json()) as Awaited<ReturnType<typeof configOf>>;

describe('what the API changes', () => {
  it.each([0.25, 0.6])(
    'is there after kill -9 in the middle of 200 acknowledged changes (%f of them)',
    async (share) => {
      const url = await start(undefined, { streams: [], limits: { targets: WRITES / IDS.length } });
      for (const id of IDS) {
        expect((await send(url, 'POST', { id, source: { url: 'whip:' } })).status).toBe(201);
      }
      const acknowledged: string[] = [];
      const killed = gateway?.pid;
      const write = async (id: string): Promise<void> => {
        for (let number = 0; number < WRITES / IDS.length; number++) {
          const target = { id: `t${number}`, url: 'rtmp://127.0.0.1:9/app', key: `${id}-${number}` };
          const answer = await send(`${url}/${id}/targets`, 'POST', target).catch(() => undefined);
          if (answer?.status !== 201) return;
          acknowledged.push(`${id}/t${number}`);
          if (acknowledged.length === Math.round(WRITES * share)) sendSignal(killed, 'SIGKILL');
        }
      };
      await Promise.all(IDS.map(write));

      const next = await again();

      expect(acknowledged.length).toBeGreaterThanOrEqual(Math.round(WRITES * share));
      expect(acknowledged.length).toBeLessThan(WRITES);
      const found = await Promise.all(
        IDS.map(async (id) => (await configOf(next, id)).targets.map((target) => `${id}/${target.id}`)),
      );
      expect(acknowledged.filter((name) => !found.flat().includes(name))).toEqual([]);
      // At most one more of each client: written, and not acknowledged yet.
      expect(found.flat().length - acknowledged.length).toBeLessThanOrEqual(IDS.length);
    },
    120_000,
  );

  it('goes on with options of a stream of the file, its new name and its end; the log says what is from where', async () => {
    const url = await start(undefined, {
      log: { level: 'info', format: 'json' },
      streams: ['main', 'old'].map((id) => ({ id, source: { url: 'whip:' } })),
    });
    expect((await send(`${url}/main`, 'PATCH', { id: 'stage', output: { bitrateKbps: 900 } })).status).toBe(200);
    expect((await send(`${url}/old`, 'DELETE')).status).toBe(204);
    sendSignal(gateway?.pid, 'SIGKILL');

    const next = await again();

    expect(await (await send(next, 'GET')).json()).toMatchObject([{ id: 'stage', output: { bitrateKbps: 900 } }]);
    expect(gateway?.lines().join('\n')).toMatch(
      /"stream":"stage","msg":"id, output\.bitrateKbps as .*streams\.yaml says/,
    );
  }, 60_000);

  it.each(['full', 'read-only'])(
    'is refused where the disk is %s, and the stream goes on; ending a target works all the same',
    async (kind) => {
      const state = path.join(folder, 'state');
      await run('mkdir', [state]);
      await run('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', state]);
      endings.push(() => run('umount', [state]));
      const target = { id: 'tv', url: 'rtmp://127.0.0.1:9/app', key: 'k' };
      const url = await start(undefined, { streams: [{ ...SMALL_STREAM, id: 'main', targets: [target] }] });
      await vi.waitFor(async () => {
        expect(await (await send(`${url}/main`, 'GET')).json()).toMatchObject({ state: 'live' });
      }, PATIENCE);
      if (kind === 'full') await run('sh', ['-c', `dd if=/dev/zero of=${state}/fill bs=1k count=64 || true`]);
      else await run('mount', ['-o', 'remount,ro', state]);

      const refused = await send(`${url}/main`, 'PATCH', { output: { bitrateKbps: 999 } });
      const ended = await send(`${url}/main/targets/tv`, 'DELETE');

      expect(refused.status).toBe(507);
      expect(await refused.json()).toMatchObject({
        error: {
          code: 'DIPTYCH_E_STATE',
          message: expect.stringMatching(/^nothing was changed: .*(ENOSPC|EROFS)/) as string,
        },
      });
      expect(ended.status).toBe(507);
      expect(await (await send(`${url}/main`, 'GET')).json()).toMatchObject({
        state: 'live',
        output: { bitrateKbps: SMALL_STREAM.output.bitrateKbps },
        targets: [],
      });
    },
    60_000,
  );
});

describe('a configuration file that changes', () => {
  const stream = (id: string, more = ''): string => `  - { id: ${id}, source: { url: 'whip:' }${more} }\n`;
  const head = 'spareProcess: false\nlog: { level: info, format: json }\nstreams:\n';
  const pids = async (): Promise<readonly string[]> => {
    const { stdout } = await run('pgrep', ['-P', String(gateway?.pid), '-f', 'stream/main.js']);
    return stdout.split('\n').filter(Boolean);
  };

  it('is followed: what it does not change goes on, and what the API changed stays', async () => {
    const url = await start(head + stream('kept') + stream('gone'));
    await send(`${url}/kept`, 'PATCH', { slots: { labels: ['Anna'] } });
    await vi.waitFor(async () => {
      expect(await pids()).toHaveLength(2);
    }, PATIENCE);
    const before = await pids();

    await writeFile(configFile(), head + stream('kept', ', framing: { holdS: 3 }') + stream('new'));
    await vi.waitFor(async () => {
      const list = (await (await send(url, 'GET')).json()) as readonly { readonly id: string }[];
      expect(list.map(({ id }) => id)).toEqual(['kept', 'new']);
    }, PATIENCE);

    expect(await configOf(url, 'kept')).toMatchObject({ framing: { holdS: 3 }, slots: { labels: ['Anna'] } });
    await vi.waitFor(async () => {
      expect((await pids()).filter((pid) => before.includes(pid))).toHaveLength(1);
      expect(await pids()).toHaveLength(2);
    }, PATIENCE);
  }, 60_000);

  it('and has a mistake changes nothing, and the log says where it is; also on SIGHUP', async () => {
    const url = await start(head + stream('main'));
    await appendFile(configFile(), stream('main', ', output: { fps: 999 }'));
    const said = /gateway\.yaml:5:\d+ streams\[1\]\.output\.fps: expected a whole number/;
    const times = (): number => (gateway?.lines() ?? []).filter((line) => said.test(line)).length;
    await vi.waitFor(() => {
      expect(times()).toBe(1);
    }, PATIENCE);

    sendSignal(gateway?.pid, 'SIGHUP');
    await vi.waitFor(() => {
      expect(times()).toBe(2);
    }, PATIENCE);

    expect(await (await send(url, 'GET')).json()).toMatchObject([{ id: 'main' }]);
  }, 60_000);

  it('is read again on SIGHUP, with the files that it names, and streams go on', async () => {
    const tokenFile = path.join(folder, 'token');
    const keep = async (token: string): Promise<void> => {
      await writeFile(tokenFile, `${token}\n`);
      await chmod(tokenFile, 0o600);
    };
    await keep('the-first-token-1');
    const url = await start(`${head}${stream('main')}access: { tokenFile: ${tokenFile} }\n`);
    const statusWith = async (token: string): Promise<number> =>
      (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
    await vi.waitFor(async () => {
      expect(await pids()).toHaveLength(1);
    }, PATIENCE);
    const before = await pids();

    await keep('the-second-token-2');
    const unasked = await statusWith('the-first-token-1');
    sendSignal(gateway?.pid, 'SIGHUP');
    await vi.waitFor(async () => {
      expect(await statusWith('the-second-token-2')).toBe(200);
    }, PATIENCE);

    expect(unasked).toBe(200);
    expect(await statusWith('the-first-token-1')).toBe(401);
    expect(await pids()).toEqual(before);
  }, 60_000);

  it('takes secrets from the environment and from files, and keeps them out of what is shown, kept and listed', async () => {
    const secret = path.join(folder, 'password');
    await writeFile(secret, 'fileword1\n');
    await chmod(secret, 0o600);
    process.env['DIPTYCH_TEST_WORD'] = 'envword1';
    endings.push(() => Promise.resolve(delete process.env['DIPTYCH_TEST_WORD']));
    const source = `{ url: 'rtsp://me:\${DIPTYCH_TEST_WORD}@127.0.0.1:9/1' }`;
    const url = await start(
      `${head}  - { id: a, source: ${source} }\n  - { id: b, source: { url: 'rtsp://127.0.0.1:9/', user: u, passwordFile: ${secret} } }\n`,
    );
    for (const id of ['a', 'b']) {
      const config = await configOf(url, id);
      expect((await send(`${url}/${id}/config`, 'PUT', { ...config, slots: { labels: [id] } })).status).toBe(200);
    }

    const { stdout: processes } = await run('ps', ['-eo', 'args']);
    const shown = await Promise.all(
      ['', '/a', '/b', '/a/config', '/b/config'].map(async (of) => (await send(url + of, 'GET')).text()),
    );
    const kept = await readFile(path.join(folder, 'state', 'streams.yaml'), 'utf8');
    const all = [...shown, kept, processes, ...(gateway?.lines() ?? [])].join('\n');

    expect(all).not.toMatch(/envword1|fileword1/);
    expect(shown[4]).toContain(`"passwordFile":"${secret}"`);
    expect(kept).toContain('labels');
  }, 60_000);
});
