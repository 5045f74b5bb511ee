// Kills the process of a stream again and again, with the spare process and without in turns, and prints how long a
// viewer of the page, a WHEP player (both in Chromium) and an RTMP server wait for the next picture. The WHEP player
// begins anew as soon as its connection has ended, and asks again every 100 ms. Needs a build: `npx tsc -p .`.
//
//     nice -n -20 node test/bench/process-kill.mjs [kills of each, default 10] [with-spare: not without]
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
const IS_SPARE_ONLY = process.argv[3] === 'with-spare';
const ROUND = 5;
const SIZE = { width: 1280, height: 720 };
const LIMIT_MS = 60_000;
/** How long pictures are watched, the second before the kill included. */
const WATCH_MS = 14_000;

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

async function killOnce({ gateway, page, player, server }) {
  const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();
  await until(async () => (await gateway.status('main')).targets[0]?.state === 'live', LIMIT_MS, 100);
  if (gateway.hasSpare) await until(async () => /^diptych_spare_process_ready 1/m.test(await metrics()), LIMIT_MS, 100);
  await delay(4000);
  const pid = await streamPid(gateway);
  const before = await recorded(server);
  const seen = Promise.all([page, player].map((each) => each.evaluate(`(${steps.toString()})(${WATCH_MS})`)));
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

/** Runs in a page: when each picture came and the one before it, by the clock of the machine. */
function steps(forMs) {
  return new Promise((done) => {
    const found = [];
    let last = Date.now();
    // The former video stays on screen until the next one has a picture.
    const followed = new WeakSet();
    const follow = (video) => {
      followed.add(video);
      const again = () =>
        video.requestVideoFrameCallback(() => {
          const now = Date.now();
          found.push([last, now]);
          last = now;
          again();
        });
      again();
    };
    const look = () => {
      for (const video of document.querySelectorAll('video')) if (!followed.has(video)) follow(video);
    };
    look();
    const watch = setInterval(look, 20);
    setTimeout(() => {
      clearInterval(watch);
      done([...found, [last, Date.now()]]);
    }, forMs);
  });
}

/** Runs in a page: plays by WHEP, and begins anew whenever the connection has ended. */
async function playWhep(url) {
  const retry = () => setTimeout(() => playAgain(), 100);
  const playAgain = async () => {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const media = new MediaStream();
    const video = document.createElement('video');
    Object.assign(video, { muted: true, autoplay: true, srcObject: media });
    connection.ontrack = ({ track }) => media.addTrack(track);
    connection.addTransceiver('video', { direction: 'recvonly' });
    connection.addTransceiver('audio', { direction: 'recvonly' });
    await connection.setLocalDescription();
    const headers = { 'content-type': 'application/sdp' };
    const response = await fetch(url, { method: 'POST', headers, body: connection.localDescription.sdp });
    if (response.status !== 201) {
      connection.close();
      retry();
      return;
    }
    const dtls = connection.getTransceivers()[0].receiver;
    await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    document.body.append(video);
    const look = setInterval(() => {
      if (dtls.transport.state !== 'closed' && connection.connectionState !== 'failed') return;
      clearInterval(look);
      connection.close();
      playAgain();
    }, 50);
  };
  await playAgain();
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
const found = IS_SPARE_ONLY ? { spare: [] } : { spare: [], 'no spare': [] };
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
      const player = await browser.newPage({ viewport: { width: 640, height: 400 } });
      await player.goto(gateway.url);
      await player.evaluate(`(${playWhep.toString()})('/whep/main')`);
      for (let kill = 0; kill < Math.min(ROUND, KILLS - round * ROUND); kill++) {
        results.push(await killOnce({ gateway, page, player, server }));
        console.log(name, JSON.stringify(results.at(-1)));
      }
      await page.close();
      await player.close();
      await gateway.stop();
    }
  }
  for (const [name, results] of Object.entries(found)) {
    for (const what of ['viewerMs', 'whepMs', 'rtmpMs']) {
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
