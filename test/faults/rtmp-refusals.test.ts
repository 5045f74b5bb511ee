import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startRtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import { runRtmpTarget } from '#src/stream/stages/publish/rtmp-target.adapter.js';
import type { Target } from '#src/stream/stages/publish/target.js';
import { startProgram, type EncodedProgram } from '../integration/stream/stages/publish/encoded-program.js';
import { startScriptedRtmpServer, type ScriptedRtmpServer } from './scripted-rtmp-server.js';

const KEY = 'key-that-is-secret?sig=aB/cD';
const closing: (() => unknown)[] = [];
let program: EncodedProgram;

beforeAll(async () => {
  program = await startProgram();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(() => program.close());

async function scripted(): Promise<ScriptedRtmpServer> {
  const server = await startScriptedRtmpServer();
  closing.push(() => server.close());
  return server;
}

/** Publishes until media arrived at `server`, then ends. */
async function publishTo(server: ScriptedRtmpServer, target: Omit<Target, 'id'>): Promise<void> {
  const stop = new AbortController();
  const running = runRtmpTarget({ id: 'a', ...target }, program.taps, stop.signal, () => undefined);
  const arrived = (async () => {
    while (!server.publishings.some(({ tags }) => tags.length > 10)) await delay(20);
  })();
  await Promise.race([running, arrived]);
  stop.abort();
  await running;
}

async function refusalOf(url: string): Promise<string> {
  const error: unknown = await runRtmpTarget(
    { id: 'a', url },
    program.taps,
    new AbortController().signal,
    () => undefined,
    { timeoutS: 2 },
  ).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'DIPTYCH_E_TARGET' });
  return error instanceof Error ? error.message : '';
}

describe('a target', () => {
  it.each<[string, (port: number) => Omit<Target, 'id'>, string, string]>([
    ['with a slash in the query of its key', (port) => ({ url: `rtmp://127.0.0.1:${port}/live/${KEY}` }), 'live', KEY],
    ['with an application of two parts', (port) => ({ url: `rtmp://127.0.0.1:${port}/live/x/key` }), 'live/x', 'key'],
    ['whose key is a query', (port) => ({ url: `rtmp://127.0.0.1:${port}/live/?k=a/b&c=d` }), 'live', '?k=a/b&c=d'],
    [
      'with a query of its application',
      (port) => ({ url: `rtmp://127.0.0.1:${port}/live?x=1/key` }),
      'live?x=1',
      'key',
    ],
    ['with its key apart', (port) => ({ url: `rtmp://127.0.0.1:${port}/live`, key: 'a/b "c"?d' }), 'live', 'a/b "c"?d'],
  ])('%s asks for the right application and key', async (_name, target, application, key) => {
    const server = await scripted();

    await publishTo(server, target(server.port));

    expect(server.publishings).toMatchObject([{ application, key }]);
  });

  it('follows a redirect with the same key', async () => {
    const [first, second] = await Promise.all([scripted(), scripted()]);
    first.script.onConnect = () => ({
      refuse: {
        code: 'NetConnection.Connect.Rejected',
        description: 'moved',
        ex: { code: 302, redirect: `rtmp://127.0.0.1:${second.port}/edge/7` },
      },
    });

    await publishTo(second, { url: `rtmp://127.0.0.1:${first.port}/live/${KEY}` });

    expect(second.publishings).toMatchObject([{ application: 'edge/7', key: KEY }]);
    expect(first.publishings.every(({ key }) => key === '')).toBe(true);
  });

  it('does not follow redirects for ever', async () => {
    const server = await scripted();
    server.script.onConnect = () => ({
      refuse: {
        code: 'NetConnection.Connect.Rejected',
        ex: { code: 302, redirect: `rtmp://127.0.0.1:${server.port}/live` },
      },
    });

    expect(await refusalOf(`rtmp://127.0.0.1:${server.port}/live/${KEY}`)).toMatch(/redirects more than 3 times/);
  });
});

describe('a server that refuses is told in words, without its key', () => {
  const rejected = (code: string, description = ''): ScriptedRtmpServer['script'] => ({
    onConnect: () => ({ refuse: { code, description } }),
    onPublish: () => 'accept',
  });
  const onPublish = (
    reaction: ReturnType<ScriptedRtmpServer['script']['onPublish']>,
  ): ScriptedRtmpServer['script'] => ({
    onConnect: () => 'accept',
    onPublish: () => reaction,
  });

  it.each<[string, ScriptedRtmpServer['script'], RegExp]>([
    ['an unknown application', rejected('NetConnection.Connect.InvalidApp'), /no application "live"; check/],
    ['a password', rejected('NetConnection.Connect.Rejected', 'authentication failed'), /user and a password/],
    ['too many streams', rejected('NetConnection.Connect.Rejected', 'server is full'), /full or is shutting down/],
    [
      'something else',
      rejected('NetConnection.Connect.Rejected', 'not today'),
      /refuses application "live" \(.*not today\)/,
    ],
    [
      'nothing, at the application',
      { onConnect: () => 'close', onPublish: () => 'accept' },
      /ends the connection when asked for application "live"/,
    ],
    [
      'no answer',
      { onConnect: () => 'ignore', onPublish: () => 'accept' },
      /does not answer the request for application/,
    ],
    [
      'a key in use',
      onPublish({ refuse: { code: 'NetStream.Publish.BadName' } }),
      /publishes with this stream key already/,
    ],
    ['a wrong key', onPublish({ refuse: { code: 'NetStream.Publish.Denied' } }), /refuses the stream key/],
    ['nothing, at the key', onPublish('close'), /ends it before the stream begins; check the stream key/],
  ])('%s', async (_name, script, words) => {
    const server = await scripted();
    Object.assign(server.script, script);

    const message = await refusalOf(`rtmp://127.0.0.1:${server.port}/live/${KEY}`);

    expect(message).toMatch(words);
    expect(message).not.toMatch(/secret|cD|g_|gst|Could not/i);
  });

  it('nobody listens', async () => {
    expect(await refusalOf(`rtmp://127.0.0.1:${await freePort()}/live/${KEY}`)).toMatch(/nothing listens on 127/);
  });

  it('the name does not exist', async () => {
    expect(await refusalOf(`rtmp://no-such-host.invalid/live/${KEY}`)).toMatch(
      /name no-such-host.invalid is not found/,
    );
  });

  it.each([
    ['rtmp', /does not speak RTMP; check the port, and whether the platform asks for rtmps/],
    ['rtmps', /does not speak TLS/],
  ])('another kind of server, asked by %s', async (scheme, words) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    const { port } = server.address() as AddressInfo;

    expect(await refusalOf(`${scheme}://127.0.0.1:${port}/live/${KEY}`)).toMatch(words);
  });

  it('nginx: an application that it does not have, and a key in use', async () => {
    const nginx = await startRtmpServer();
    closing.push(() => nginx.stop());
    const stop = new AbortController();
    const states: string[] = [];
    const first = runRtmpTarget({ id: 'a', url: nginx.url('key') }, program.taps, stop.signal, ({ state }) => {
      states.push(state);
    });
    closing.push(async () => {
      stop.abort();
      await first;
    });
    while (!states.includes('live')) await delay(50);

    expect(await refusalOf(nginx.url('key'))).toMatch(/publishes with this stream key already/);
    expect(await refusalOf(nginx.url('key').replace('/live/', '/other/'))).toMatch(/asked for application "other"/);
  });
});
