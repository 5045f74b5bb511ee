import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type * as Dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { runRtmpTarget } from '#src/stream/stages/publish/rtmp-target.adapter.js';
import { startScriptedRtmpServer, type ScriptedRtmpServer } from '../../../../faults/scripted-rtmp-server.js';
import { startProgram, type EncodedProgram } from './encoded-program.js';

/** What the check of the allowed networks is told of a name; a moment later its owner may answer otherwise. */
const told = vi.hoisted(() => new Map<string, { readonly address: string; readonly family: number }[]>());
vi.mock('node:dns', async (original) => {
  const dns = await original<typeof Dns>();
  const lookup = (name: string, options: object, done: (error: Error | null, found: unknown) => void): void => {
    const found = told.get(name);
    if (found?.length === 0) done(Object.assign(new Error('not known'), { code: 'ENOTFOUND' }), undefined);
    else if (found) done(null, found);
    else dns.lookup(name, options, done as never);
  };
  return { ...dns, lookup };
});

/** A name beside `localhost`, which GLib does not look up, that this machine itself resolves to an address of its own. */
const OWN_NAME = readFileSync('/etc/hosts', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return /^127\./.test(address) ? names.map((name) => ({ name, address })) : [];
  })
  .find(({ name }) => !/(^|\.)localhost$/.test(name));

let program: EncodedProgram;
let server: ScriptedRtmpServer;

beforeAll(async () => {
  program = await startProgram();
  server = await startScriptedRtmpServer();
});

afterEach(() => told.clear());

afterAll(async () => {
  await server.close();
  await program.close();
});

const publishTo = (url: string, signal: AbortSignal): Promise<unknown> =>
  runRtmpTarget({ id: 'tv', url }, program.taps, signal, () => undefined, { timeoutS: 5 }).catch(
    (error: unknown) => error,
  );

it('an RTMP target is connected to at the address that was checked, and is told the name', async () => {
  // Nothing but the check knows this name.
  told.set('rebound.invalid', [{ address: '127.0.0.1', family: 4 }]);
  const stop = new AbortController();
  const run = publishTo(`rtmp://rebound.invalid:${server.port}/live/key`, stop.signal);
  await vi.waitFor(() => expect(server.publishings.at(-1)?.tags.length).toBeGreaterThan(0), { timeout: 30_000 });
  stop.abort();
  await run;

  expect(server.publishings.at(-1)).toMatchObject({
    application: 'live',
    url: `rtmp://rebound.invalid:${server.port}/live`,
    key: 'key',
  });
});

it.skipIf(OWN_NAME === undefined)('it is connected to nowhere else, whatever the name leads to by now', async () => {
  const { name = '', address = '' } = OWN_NAME ?? {};
  // The system would lead to this one.
  const other = createServer((socket) => {
    callers++;
    socket.destroy();
  }).listen(0, address);
  let callers = 0;
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(execFileSync('getent', ['ahostsv4', name], { encoding: 'utf8' })).toContain(address);
  told.set(name, [{ address: '127.0.0.93', family: 4 }]);

  const error = await publishTo(`rtmp://${name}:${port}/live/key`, new AbortController().signal);
  other.close();

  expect(error).toMatchObject({ code: 'DIPTYCH_E_TARGET' });
  expect(callers).toBe(0);
});

it('a name that was not known when it was checked is not looked up once more', async () => {
  const { name = 'unknown.invalid' } = OWN_NAME ?? {};
  const other = createServer((socket) => {
    callers++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  let callers = 0;
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  told.set(name, []);

  const error = await publishTo(`rtmp://${name}:${port}/live/key`, new AbortController().signal);
  other.close();

  expect(error).toMatchObject({ code: 'DIPTYCH_E_TARGET' });
  expect(callers).toBe(0);
});
