// Kills the process of a stream again and again, with the spare process and without in turns, and prints how long a
// viewer of the page, a WHEP player (both in Chromium) and an RTMP server wait for the next picture. The WHEP player
// begins anew as soon as its connection has ended, and asks again every 100 ms. Needs a build: `npx tsc -p .`.
//
//     nice -n -20 node test/bench/process-kill.mjs [kills of each, default 10] [with-spare: not without]
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const { startGatewayProcess } = await load('bench/gateway-process.adapter.js');
const { startRtmpServer } = await load('bench/nginx-rtmp.adapter.js');
const { launchChromium } = await load('bench/viewer-browser.js');

const KILLS = Number(process.argv[2] ?? 10);
const IS_SPARE_ONLY = process.argv[3] === 'with-spare';
const ROUND = 5;
/** How long pictures are watched, the second before the kill included. */
const WATCH_MS = 14_000;

async function killOnce({ gateway, page, player, server }) {
  await until(async () => (await gateway.status('main')).targets[0]?.state === 'live', 100);
  if (gateway.hasSpare) await untilSpare(gateway.url);
  await delay(4000);
  const pid = await streamPid(gateway);
  const before = await recorded(server);
  const seen = Promise.all([page, player].map((each) => stepsOf(each, WATCH_MS)));
  await delay(1000);
  const killedMs = Date.now();
  process.kill(pid, 'SIGKILL');
  const rtmpMs = await until(async () => {
    const now = await recorded(server);
    return now.files > before.files && now.bytes > 20_000 && Date.now() - killedMs;
  });
  const [viewer, whep] = (await seen).map((each) => longestAfter(each, killedMs));
  return { viewerMs: viewer.ms, viewerGapMs: viewer.gapMs, whepMs: whep.ms, whepGapMs: whep.gapMs, rtmpMs };
}

/** Of the steps between pictures the longest one that ended after the kill, counted from the kill. */
function longestAfter(each, killedMs) {
  const longest = each
    .filter(([, to]) => to >= killedMs)
    .reduce((most, step) => (step[1] - step[0] > most[1] - most[0] ? step : most));
  return { ms: longest[1] - Math.max(longest[0], killedMs), gapMs: longest[1] - longest[0] };
}

async function streamPid(gateway) {
  const children = (await readFile(`/proc/${gateway.pid}/task/${gateway.pid}/children`, 'utf8'))
    .split(' ')
    .filter(Boolean);
  for (const child of children) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('stream/main.js')) return Number(child);
  }
  throw new Error('no stream process runs');
}

const folder = await mkdtemp(join(tmpdir(), 'diptych-kill-'));
const camera = await startDemoCamera();
const server = await startRtmpServer();
const browser = await launchChromium();
const found = IS_SPARE_ONLY ? { spare: [] } : { spare: [], 'no spare': [] };
try {
  for (let round = 0; round * ROUND < KILLS; round++) {
    for (const [name, results] of Object.entries(found)) {
      const config = join(folder, 'gateway.yaml');
      const hasSpare = name === 'spare';
      const settings = { http: { port: 0 }, log: { level: 'error' }, spareProcess: hasSpare };
      await writeFile(config, JSON.stringify({ ...settings, streams: [streamOf(camera, server)] }));
      const gateway = { ...(await startGatewayProcess(['--config', config])), hasSpare };
      await until(async () => (await gateway.status('main')).state === 'live', 200);
      const { page, player } = await openViewers(browser, gateway.url);
      for (let kill = 0; kill < Math.min(ROUND, KILLS - round * ROUND); kill++) {
        results.push(await killOnce({ gateway, page, player, server }));
        console.log(name, JSON.stringify(results.at(-1)));
      }
      await page.close();
      await player.close();
      await gateway.stop();
    }
  }
  printFigures(found, ['viewerMs', 'whepMs', 'rtmpMs']);
} finally {
  await browser.close();
  await server.stop();
  await camera.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
