// Kills the process of a stream again and again, with the spare process and without in turns, and prints how long a
// viewer in Chromium and an RTMP server wait for the next picture. Needs a build: `npx tsc -p .`.
//
//     nice -n -20 node test/bench/process-kill.mjs [kills of each, default 10]
import { readFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const dist = new URL('../../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const { startGatewayProcess } = await load('bench/gateway-process.adapter.js');
const { startRtmpServer } = await load('bench/nginx-rtmp.adapter.js');
const { launchChromium } = await load('bench/viewer-browser.js');
const { startTestCamera } = await load('test-camera/test-camera.adapter.js');
const { renderScene } = await load('test-camera/scene-renderer.adapter.js');
const { DEMO_SCENE } = await load('test-camera/scenes.js');

const KILLS = Number(process.argv[2] ?? 10);
const ROUND = 5;
const SIZE = { width: 1280, height: 720 };
const LIMIT_MS = 60_000;

async function until(find, limitMs = LIMIT_MS, everyMs = 10) {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms: ${find}`);
    await delay(everyMs);
  }
}

/** Bytes of what the server recorded so far. */
async function recorded(server) {
  const sizes = await Promise.all((await server.recordings('key')).map(async (file) => (await stat(file)).size));
  return { files: sizes.length, bytes: sizes.at(-1) ?? 0 };
}

async function killOnce({ gateway, page, server }) {
  const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();
  await until(async () => (await gateway.status('main')).targets[0]?.state === 'live', LIMIT_MS, 100);
  if (gateway.hasSpare) await until(async () => /^diptych_spare_process_ready 1/m.test(await metrics()), LIMIT_MS, 100);
  await delay(4000);
  const pid = await streamPid(gateway);
  const before = await recorded(server);
  // The clock of the page and ours are the same machine's.
  const seen = page.evaluate(`new Promise((done) => {
    const video = document.querySelector('video');
    const steps = [];
    let last = Date.now();
    const onFrame = () => { const now = Date.now(); steps.push([last, now]); last = now; again(); };
    const again = () => document.querySelector('video').requestVideoFrameCallback(onFrame);
    again();
    const watch = setInterval(() => { if (document.querySelector('video') !== video) again(); }, 20);
    setTimeout(() => { clearInterval(watch); done(steps); }, 14000);
  })`);
  await delay(1000);
  const killedMs = Date.now();
  process.kill(pid, 'SIGKILL');
  const rtmpMs = await until(async () => {
    const now = await recorded(server);
    return now.files > before.files && now.bytes > 20_000 && Date.now() - killedMs;
  });
  const steps = await seen;
  const longest = steps
    .filter(([, to]) => to >= killedMs)
    .reduce((most, step) => (step[1] - step[0] > most[1] - most[0] ? step : most));
  return { viewerMs: longest[1] - Math.max(longest[0], killedMs), viewerGapMs: longest[1] - longest[0], rtmpMs };
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
const camera = await startTestCamera({ file: await renderScene(DEMO_SCENE, { ...SIZE, fps: 30 }, {}) });
const server = await startRtmpServer();
const browser = await launchChromium();
const found = { spare: [], 'no spare': [] };
try {
  for (let round = 0; round * ROUND < KILLS; round++) {
    for (const [name, results] of Object.entries(found)) {
      const config = join(folder, 'gateway.yaml');
      const stream = {
        id: 'main',
        source: { url: camera.url },
        output: { ...SIZE, fps: 30 },
        targets: [{ id: 'tv', url: server.url('key') }],
      };
      const settings = {
        http: { port: 0 },
        log: { level: 'error' },
        spareProcess: name === 'spare',
        streams: [stream],
      };
      await writeFile(config, JSON.stringify(settings));
      const gateway = { ...(await startGatewayProcess(['--config', config])), hasSpare: name === 'spare' };
      const page = await browser.newPage({ viewport: { width: 640, height: 400 } });
      await until(async () => (await gateway.status('main')).state === 'live', LIMIT_MS, 200);
      await page.goto(`${gateway.url}/s/main`);
      for (let kill = 0; kill < Math.min(ROUND, KILLS - round * ROUND); kill++) {
        results.push(await killOnce({ gateway, page, server }));
        console.log(name, JSON.stringify(results.at(-1)));
      }
      await page.close();
      await gateway.stop();
    }
  }
  for (const [name, results] of Object.entries(found)) {
    for (const what of ['viewerMs', 'rtmpMs']) {
      const sorted = results.map((result) => result[what]).sort((a, b) => a - b);
      console.log(
        `${name}, ${what}: median ${sorted[Math.floor(sorted.length / 2)]}, worst ${sorted.at(-1)} of ${sorted.length}`,
      );
    }
  }
} finally {
  await browser.close();
  await server.stop();
  await camera.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
