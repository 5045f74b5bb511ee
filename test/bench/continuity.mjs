// What the benchmarks of processes share: what is built, a viewer of the page and a WHEP player in Chromium, the
// recordings of an RTMP server, and the figures at the end.
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const dist = new URL('../../dist/', import.meta.url);
/** A module of the build: `npx tsc -p .`. */
export const load = (path) => import(new URL(path, dist).href);

const { renderScene } = await load('test-camera/scene-renderer.adapter.js');
const { startTestCamera } = await load('test-camera/test-camera.adapter.js');
const { DEMO_SCENE } = await load('test-camera/scenes.js');

/** Of the camera and of the stream, pixels. */
export const SIZE = { width: 1280, height: 720 };
const VIEWPORT = { viewport: { width: 640, height: 400 } };
const LIMIT_MS = 60_000;

/** What `find` gives, as soon as it is something. */
export async function until(find, everyMs = 10) {
  const endMs = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`not within ${LIMIT_MS} ms: ${find}`);
    await delay(everyMs);
  }
}

/** The demo's scene from an RTSP server. */
export async function startDemoCamera() {
  return startTestCamera({ file: await renderScene(DEMO_SCENE, { ...SIZE, fps: 30 }, {}) });
}

/** A stream `main` of this camera that publishes to this server. */
export function streamOf(camera, server) {
  const targets = [{ id: 'tv', url: server.url('key') }];
  return { id: 'main', source: { url: camera.url }, output: { ...SIZE, fps: 30 }, targets };
}

/** Bytes of what the server recorded so far. */
export async function recorded(server) {
  const sizes = await Promise.all((await server.recordings('key')).map(async (file) => (await stat(file)).size));
  return { files: sizes.length, bytes: sizes.at(-1) ?? 0 };
}

/** Waits until the spare process of a gateway is ready. */
export function untilSpare(url) {
  return until(async () => /^diptych_spare_process_ready 1/m.test(await (await fetch(`${url}/metrics`)).text()), 100);
}

/** Pages that show the stream: the viewer's, and one that plays by WHEP. */
export async function openViewers(browser, url) {
  const page = await browser.newPage(VIEWPORT);
  await page.goto(`${url}/s/main`);
  const player = await browser.newPage(VIEWPORT);
  await player.goto(url);
  await player.evaluate(`(${playWhep.toString()})('/whep/main')`);
  return { page, player };
}

/** When each picture came and the one before it, by the clock of the machine, for as long. */
export const stepsOf = (page, forMs) => page.evaluate(`(${steps.toString()})(${forMs})`);

/** Prints the middle and the worst of each figure by name. */
export function printFigures(found, figures) {
  for (const [name, results] of Object.entries(found)) {
    for (const figure of figures) {
      const sorted = results.map((result) => result[figure]).sort((a, b) => a - b);
      const [median, worst] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
      console.log(`${name}, ${figure}: median ${median}, worst ${worst} of ${sorted.length}`);
    }
  }
}

/** Runs in a page. */
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
