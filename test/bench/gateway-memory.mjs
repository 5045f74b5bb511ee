// Does what viewers and programs do again and again, as fast as it goes, and prints what the gateway's process holds after
// full collections: objects, memory outside of them, resident memory, handles. Needs a build: `npx tsc -p .`.
//
//     node --expose-gc test/bench/gateway-memory.mjs [cycles, default 4000]
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { load, until } from './continuity.mjs';

const { startGateway } = await load('gateway/gateway.js');
const { parseConfig } = await load('shared/config/parse-config.js');

const CYCLES = Number(process.argv[2] ?? 4000);
const READINGS = 10;
const AT_ONCE = 4;
const MB = 2 ** 20;

const stream = {
  id: 'main',
  source: { url: 'test:' },
  output: { width: 320, height: 180, fps: 10, preset: 'ultrafast' },
};
const settings = {
  ...{ http: { port: 0 }, log: { level: 'error' }, spareProcess: false, streams: [stream] },
  limits: { requestsPerS: 10_000, webSocketsPerAddress: 200, connectS: 10 },
};

/** One viewer of the page: from the connection to a transport, then gone, in turns with and without a word. */
async function view(url, number) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  await once(socket, 'open');
  let id = 0;
  const ask = async (message) => {
    const mine = ++id;
    const answer = new Promise((resolve, reject) => {
      socket.on('message', function listen(data) {
        const said = JSON.parse(String(data));
        if (said.id !== mine) return;
        socket.off('message', listen);
        resolve(said);
      });
      socket.once('close', () => reject(new Error('closed')));
    });
    socket.send(JSON.stringify({ ...message, id: mine }));
    return answer;
  };
  await ask({ type: 'hello', version: 2 });
  await ask({ type: 'subscribe', streamId: 'main' });
  await ask({ type: 'router-capabilities' });
  await ask({ type: 'create-transport' });
  if (number % 2 === 0) await ask({ type: 'unsubscribe' });
  const closed = once(socket, 'close');
  if (number % 3 === 0) socket.terminate();
  else socket.close();
  await closed;
}

/** What programs ask; every answer is read. */
async function call(url, number) {
  const api = `${url}/api/v1/streams`;
  const json = { 'content-type': 'application/json' };
  const target = { id: `t${number}`, url: 'rtmp://127.0.0.1:9/app/key' };
  const asked = [
    [api],
    [`${api}/main`],
    [`${api}/main/config`],
    [`${api}/main/events`],
    [`${url}/metrics`],
    [`${url}/s/main`],
    [`${api}/none`],
    [`${api}/main/targets`, { method: 'POST', headers: json, body: JSON.stringify(target) }],
    [`${api}/main/targets/t${number}`, { method: 'DELETE' }],
  ];
  for (const [path, options] of asked) await (await fetch(path, options)).arrayBuffer();
}

function reading(cycles) {
  for (let i = 0; i < 3; i++) globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  const descriptors = readdirSync('/proc/self/fd').length;
  return { cycles, heapMb: heapUsed / MB, externalMb: external / MB, rssMb: rss / MB, descriptors };
}

const gateway = await startGateway(parseConfig({ text: JSON.stringify(settings), fileName: 'bench' }));
try {
  await until(() => gateway.registry.get('main').status.state === 'live');
  const readings = [];
  for (let round = 0; round <= READINGS; round++) {
    await delay(500);
    readings.push(reading(round * (CYCLES / READINGS)));
    console.log(JSON.stringify(readings.at(-1)));
    if (round === READINGS) break;
    for (let number = 0; number < CYCLES / READINGS; number += AT_ONCE) {
      const together = Array.from({ length: AT_ONCE }, (_, i) => number + i);
      await Promise.all(together.flatMap((each) => [view(gateway.url, each), call(gateway.url, each)]));
    }
  }
  const half = readings.at(READINGS / 2);
  const last = readings.at(-1);
  const perCycle = ((last.heapMb - half.heapMb) * MB) / (CYCLES / 2);
  console.log(JSON.stringify({ cycles: CYCLES, bytesACycleInTheSecondHalf: Math.round(perCycle) }));
} finally {
  await gateway.close();
}
process.exit(0);
