// Moves a stream to another process again and again, beside the one that goes on and by a restart in turns, and prints
// the longest time without a new picture at a viewer of the page and at a WHEP player (both in Chromium), and how long an
// RTMP server waits for the next publishing. Needs a build: `npx tsc -p .`.
//
//     nice -n -15 node test/bench/process-change.mjs [changes of each, default 5]
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const dist = new URL('../../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const { startGateway } = await load('gateway/gateway.js');
const { parseConfig } = await load('shared/config/parse-config.js');
const { startRtmpServer } = await load('bench/nginx-rtmp.adapter.js');
const { launchChromium } = await load('bench/viewer-browser.js');
const { startTestCamera } = await load('test-camera/test-camera.adapter.js');
const { renderScene } = await load('test-camera/scene-renderer.adapter.js');
const { DEMO_SCENE } = await load('test-camera/scenes.js');

const CHANGES = Number(process.argv[2] ?? 5);
const SIZE = { width: 1280, height: 720 };
const LIMIT_MS = 60_000;

async function until(find, everyMs = 10) {
  const endMs = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`not within ${LIMIT_MS} ms: ${find}`);
    await delay(everyMs);
  }
}

async function recorded(server) {
  const sizes = await Promise.all((await server.recordings('key')).map(async (file) => (await stat(file)).size));
  return { files: sizes.length, bytes: sizes.at(-1) ?? 0 };
}

async function change({ gateway, page, player, server, isUrgent }) {
  const stream = gateway.registry.get('main');
  await until(() => stream.status.state === 'live' && stream.status.targets[0]?.state === 'live');
  await until(async () => /^diptych_spare_process_ready 1/m.test(await (await fetch(`${gateway.url}/metrics`)).text()));
  await delay(3000);
  const { pid } = stream;
  const before = await recorded(server);
  const seen = Promise.all([page, player].map((each) => each.evaluate(`(${longestGap.toString()})(12_000)`)));
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
  const [viewerGapMs, whepGapMs] = await seen;
  if (stream.pid === pid) throw new Error('the stream is still in the same process');
  return { viewerGapMs, whepGapMs, rtmpMs };
}

/** Runs in a page: the longest time without a new picture. */
function longestGap(forMs) {
  return new Promise((done) => {
    let last = performance.now();
    let longest = 0;
    // The former video stays on screen until the next one has a picture.
    const followed = new WeakSet();
    const follow = (video) => {
      followed.add(video);
      const again = () =>
        video.requestVideoFrameCallback(() => {
          const now = performance.now();
          longest = Math.max(longest, now - last);
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
      done(Math.round(Math.max(longest, performance.now() - last)));
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

const camera = await startTestCamera({ file: await renderScene(DEMO_SCENE, { ...SIZE, fps: 30 }, {}) });
const server = await startRtmpServer();
const browser = await launchChromium();
const stream = {
  ...{ id: 'main', source: { url: camera.url }, output: { ...SIZE, fps: 30 } },
  targets: [{ id: 'tv', url: server.url('key') }],
};
const settings = { http: { port: 0 }, log: { level: 'error' }, streams: [stream] };
const gateway = await startGateway(parseConfig({ text: JSON.stringify(settings), fileName: 'bench' }));
try {
  const page = await browser.newPage({ viewport: { width: 640, height: 400 } });
  await page.goto(`${gateway.url}/s/main`);
  const player = await browser.newPage({ viewport: { width: 640, height: 400 } });
  await player.goto(gateway.url);
  await player.evaluate(`(${playWhep.toString()})('/whep/main')`);
  const found = { 'handed over': [], restarted: [] };
  for (let number = 0; number < CHANGES; number++) {
    for (const [name, results] of Object.entries(found)) {
      results.push(await change({ gateway, page, player, server, isUrgent: name === 'restarted' }));
      console.log(name, JSON.stringify(results.at(-1)));
    }
  }
  for (const [name, results] of Object.entries(found)) {
    for (const what of ['viewerGapMs', 'whepGapMs', 'rtmpMs']) {
      const sorted = results.map((result) => result[what]).sort((a, b) => a - b);
      console.log(`${name}, ${what}: median ${sorted[Math.floor(sorted.length / 2)]}, worst ${sorted.at(-1)}`);
    }
  }
} finally {
  await browser.close();
  await gateway.close();
  await server.stop();
  await camera.stop();
}
process.exit(0);
