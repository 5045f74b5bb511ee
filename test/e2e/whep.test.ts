import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Gateway } from '#src/gateway/gateway.js';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { nextMediaWorker } from '../faults/viewers.js';
import { buildTestViewer, startTestGateway } from '../integration/gateway/fixture/test-gateway.js';
import { sendSignal } from '../send-signal.js';

const SECONDS = 1000;
const PATIENCE = { timeout: 60 * SECONDS, interval: 200 };

/** What the page keeps between calls. */
interface Player {
  connection: RTCPeerConnection;
  video: HTMLVideoElement;
  location: string;
}
interface WithPlayer {
  player: Player;
}

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;
let browser: Browser;
const pages: Page[] = [];

beforeAll(async () => {
  viewer = await buildTestViewer();
  gateway = await startTestGateway(viewer.directory, '[{ id: hall, source: { url: "test:" } }]');
  browser = await launchChromium();
  await vi.waitFor(() => expect(gateway.registry.get('hall').status.state).toBe('live'), PATIENCE);
});

afterEach(async () => {
  // A page that closes tells nobody; a connection that closes does.
  for (const page of pages.splice(0)) {
    await page.evaluate(() => (globalThis as unknown as Partial<WithPlayer>).player?.connection.close()).catch(() => 0);
    await page.close();
  }
});

afterAll(async () => {
  await browser.close();
  await gateway.close();
  await viewer.remove();
});

/** Runs in the page: a player of a few lines. @param isTrickled - whether the offer is sent before its candidates */
async function play(isTrickled: boolean): Promise<number> {
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const video = document.createElement('video');
  video.muted = true;
  video.autoplay = true;
  video.srcObject = new MediaStream();
  document.body.append(video);
  connection.ontrack = ({ track }) => (video.srcObject as MediaStream).addTrack(track);
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.addTransceiver('audio', { direction: 'recvonly' });
  const candidates: string[] = [];
  connection.onicecandidate = ({ candidate }) => {
    if (candidate) candidates.push(`a=${candidate.candidate}\r\n`);
  };
  await connection.setLocalDescription();
  const gathered = new Promise<void>((resolve) => {
    const look = (): void => {
      if (connection.iceGatheringState === 'complete') resolve();
    };
    connection.addEventListener('icegatheringstatechange', look);
    look();
  });
  if (!isTrickled) await gathered;
  const sdp = connection.localDescription?.sdp ?? '';
  const response = await fetch('/whep/hall', {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: sdp,
  });
  if (response.status !== 201) return response.status;
  const location = response.headers.get('location') ?? '';
  (globalThis as unknown as WithPlayer).player = { connection, video, location };
  await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
  if (isTrickled) {
    await gathered;
    const ice = /a=ice-ufrag:.*\r\na=ice-pwd:.*\r\n/.exec(sdp)?.[0] ?? '';
    const etag = response.headers.get('etag') ?? '';
    const headers = { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': etag };
    return (await fetch(location, { method: 'PATCH', headers, body: ice + candidates.join('') })).status;
  }
  return response.status;
}

/** Runs in the page: an ICE restart as WHEP has it. */
async function restartIce(): Promise<number> {
  const { connection, location } = (globalThis as unknown as WithPlayer).player;
  const before = connection.remoteDescription?.sdp ?? '';
  connection.restartIce();
  await connection.setLocalDescription();
  const ice = /a=ice-ufrag:.*\r\na=ice-pwd:.*\r\n/.exec(connection.localDescription?.sdp ?? '')?.[0] ?? '';
  const headers = { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '*' };
  const response = await fetch(location, { method: 'PATCH', headers, body: ice });
  const fragment = await response.text();
  const line = (name: string): string => new RegExp(`a=${name}:.*`).exec(fragment)?.[0] ?? '';
  const sdp = before.replace(/a=ice-ufrag:.*/g, line('ice-ufrag')).replace(/a=ice-pwd:.*/g, line('ice-pwd'));
  await connection.setRemoteDescription({ type: 'answer', sdp });
  return response.status;
}

/** Runs in the page. */
const pictures = (): number =>
  (globalThis as unknown as WithPlayer).player.video.getVideoPlaybackQuality().totalVideoFrames;
/** Runs in the page. */
const connectionState = (): string => (globalThis as unknown as WithPlayer).player.connection.connectionState;

async function open(isTrickled = false): Promise<Page> {
  const page = await browser.newPage();
  pages.push(page);
  await page.goto(gateway.url);
  expect(await page.evaluate(play, isTrickled)).toBe(isTrickled ? 204 : 201);
  return page;
}

async function expectMoving(page: Page): Promise<void> {
  const before = await page.evaluate(pictures);
  await vi.waitFor(async () => expect(await page.evaluate(pictures)).toBeGreaterThan(before + 10), PATIENCE);
}

const viewers = async (): Promise<unknown> =>
  ((await (await fetch(`${gateway.url}/api/v1/streams/hall`)).json()) as { viewers: number }).viewers;

const untilViewers = (count: number): Promise<void> =>
  vi.waitFor(async () => expect(await viewers()).toBe(count), PATIENCE);

describe('a plain player', () => {
  it.each([
    ['with all candidates in the offer', false],
    ['that trickles them', true],
  ])('%s sees the picture move', async (_name, isTrickled) => {
    const page = await open(isTrickled);

    await expectMoving(page);
  });

  it('plays beside others, and beside the page of the gateway', async () => {
    const [first, second] = [await open(), await open(true)];
    const page = await browser.newPage();
    pages.push(page);
    await page.goto(`${gateway.url}/s/hall`);

    await Promise.all([expectMoving(first), expectMoving(second)]);
    const playedS = (): Promise<number> => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
    await vi.waitFor(async () => expect(await playedS()).toBeGreaterThan(0.5), PATIENCE);
    await untilViewers(3);
  });

  it('goes on after an ICE restart', async () => {
    const page = await open();
    await expectMoving(page);

    const status = await page.evaluate(restartIce);

    expect(status).toBe(200);
    await vi.waitFor(async () => expect(await page.evaluate(connectionState)).toBe('connected'), PATIENCE);
    await expectMoving(page);
  });

  it.each([
    [
      'says goodbye',
      (page: Page) => page.evaluate(() => (globalThis as unknown as WithPlayer).player.connection.close()),
    ],
    ['vanishes', (page: Page) => page.close()],
    [
      'is ended by DELETE',
      (page: Page) =>
        page.evaluate(async () => {
          await fetch((globalThis as unknown as WithPlayer).player.location, { method: 'DELETE' });
        }),
    ],
  ])('is counted until it %s', async (_name, leave) => {
    await untilViewers(0);
    const page = await open();
    await expectMoving(page);
    expect(await viewers()).toBe(1);

    await leave(page);

    await untilViewers(0);
  });

  it('goes on in its session when the process of the stream is killed', async () => {
    const page = await open();
    await expectMoving(page);
    const { pid, restarts } = gateway.registry.get('hall');

    sendSignal(pid, 'SIGKILL');
    await vi.waitFor(() => {
      const { restarts: now, status } = gateway.registry.get('hall');
      expect(now).toBe(restarts + 1);
      expect(status.state).toBe('live');
    }, PATIENCE);

    await expectMoving(page);
    expect(await page.evaluate(connectionState)).toBe('connected');
    // Others find the same.
    await expectMoving(await open());
  });

  it('is told by its connection that the media worker was killed, and plays again through the same port', async () => {
    const page = await open();
    await expectMoving(page);
    const worker = await nextMediaWorker(process.pid);

    sendSignal(worker, 'SIGKILL');

    await vi.waitFor(
      async () => expect(['disconnected', 'failed', 'closed']).toContain(await page.evaluate(connectionState)),
      PATIENCE,
    );
    await vi.waitFor(async () => expect(await page.evaluate(play, false)).toBe(201), PATIENCE);
    await expectMoving(page);
  });
});
