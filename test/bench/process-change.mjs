// Moves a stream to another process again and again, beside the one that goes on and by a restart in turns, and prints
// the longest time without a new picture at a viewer of the page and at a WHEP player (both in Chromium), and how long an
// RTMP server waits for the next publishing. Needs a build: `npx tsc -p .`.
//
//     nice -n -15 node test/bench/process-change.mjs [changes of each, default 5]
import { setTimeout as delay } from 'node:timers/promises';
import {
  load,
  openViewers,
  printFigures,
  recorded,
  startDemoCamera,
  stepsOf,
  streamOf,
  until,
  untilSpare,
} from './continuity.mjs';

const { startGateway } = await load('gateway/gateway.js');
const { parseConfig } = await load('shared/config/parse-config.js');
const { startRtmpServer } = await load('bench/nginx-rtmp.adapter.js');
const { launchChromium } = await load('bench/viewer-browser.js');

const CHANGES = Number(process.argv[2] ?? 5);
const WATCH_MS = 12_000;

async function change({ gateway, page, player, server, isUrgent }) {
  const stream = gateway.registry.get('main');
  await until(() => stream.status.state === 'live' && stream.status.targets[0]?.state === 'live');
  await untilSpare(gateway.url);
  await delay(3000);
  const { pid } = stream;
  const before = await recorded(server);
  const seen = Promise.all([page, player].map((each) => stepsOf(each, WATCH_MS)));
  await delay(500);
  let endedMs = performance.now();
  let former = before.bytes;
  stream.changeProcess({ isUrgent });
  const rtmpMs = await until(async () => {
    const now = await recorded(server);
    const isFormer = now.files === before.files;
    if (isFormer && now.bytes !== former) [former, endedMs] = [now.bytes, performance.now()];
    return !isFormer && now.bytes > 20_000 && Math.round(performance.now() - endedMs);
  });
  const [viewerGapMs, whepGapMs] = (await seen).map((each) => Math.max(...each.map(([from, to]) => to - from)));
  if (stream.pid === pid) throw new Error('the stream is still in the same process');
  return { viewerGapMs, whepGapMs, rtmpMs };
}

const camera = await startDemoCamera();
const server = await startRtmpServer();
const browser = await launchChromium();
const settings = { http: { port: 0 }, log: { level: 'error' }, streams: [streamOf(camera, server)] };
const gateway = await startGateway(parseConfig({ text: JSON.stringify(settings), fileName: 'bench' }));
try {
  const { page, player } = await openViewers(browser, gateway.url);
  const found = { 'handed over': [], restarted: [] };
  for (let number = 0; number < CHANGES; number++) {
    for (const [name, results] of Object.entries(found)) {
      results.push(await change({ gateway, page, player, server, isUrgent: name === 'restarted' }));
      console.log(name, JSON.stringify(results.at(-1)));
    }
  }
  printFigures(found, ['viewerGapMs', 'whepGapMs', 'rtmpMs']);
} finally {
  await browser.close();
  await gateway.close();
  await server.stop();
  await camera.stop();
}
process.exit(0);
