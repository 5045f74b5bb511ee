import { setTimeout as delay } from 'node:timers/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fakeCameraFile } from '#src/bench/fake-camera.adapter.js';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { DEMO_SCENE } from '#src/test-camera/scenes.js';
import { sendSignal } from '../send-signal.js';
import { startRunningGateway, type RunningGateway } from '../faults/running-gateway.js';

/** Runs in a page: a WHIP client that sends its camera in three sizes at once (simulcast). */
async function publishSizes(): Promise<void> {
  const media = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  Object.assign(globalThis, { connection });
  for (const track of media.getTracks()) {
    connection.addTransceiver(track, {
      direction: 'sendonly',
      sendEncodings: [
        { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
        { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
        { rid: 'f', maxBitrate: 1_500_000 },
      ],
    });
  }
  await connection.setLocalDescription();
  const response = await fetch('/whip/stage', {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: connection.localDescription?.sdp ?? '',
  });
  await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
}

/** The page that sends a browser's camera, the gateway, and another browser that watches: all of it real. */
describe('a camera in a browser', () => {
  let gateway: RunningGateway;
  let camera: Browser;
  let viewer: Browser;
  const pages: Page[] = [];

  beforeAll(async () => {
    const file = await fakeCameraFile(DEMO_SCENE);
    gateway = await startRunningGateway();
    camera = await launchChromium({ camera: file });
    viewer = await launchChromium();
  });

  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
    await gateway.call('DELETE', '/stage').catch(() => undefined);
  });

  afterAll(async () => {
    await camera.close();
    await viewer.close();
    await gateway.stop();
  });

  async function open(browser: Browser, path: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    pages.push(page);
    await page.goto(gateway.url + path);
    return page;
  }

  async function publish(): Promise<Page> {
    const page = await open(camera, '/publish/stage');
    await page.getByRole('button', { name: 'Use this camera' }).click();
    return page;
  }

  const addStream = (source: object = {}): Promise<unknown> =>
    gateway.call('POST', '', {
      ...{ id: 'stage', source: { url: 'whip:', ...source } },
      output: { width: 640, height: 360, fps: 15, bitrateKbps: 800, preset: 'ultrafast', gopS: 1 },
    });

  it('is composed and shown in another browser, and the page tells both sides', async () => {
    await addStream();
    const waiting = await gateway.until('stage', ({ state }) => state === 'offline');
    const watching = await open(viewer, '/s/stage');
    await watching.getByText('Nobody sends a picture.').waitFor();
    const page = await open(camera, '/s/stage');
    await page.getByRole('link', { name: 'Send this device’s camera' }).click();
    await page.getByRole('button', { name: 'Use this camera' }).click();

    const live = await gateway.until('stage', ({ state, people }) => state === 'live' && people.length === 2, 120);

    expect(waiting.error).toMatchObject({
      code: 'DIPTYCH_E_SOURCE_UNPUBLISHED',
      message: expect.stringContaining('/publish/stage') as unknown,
    });
    expect(live.source).toMatchObject({ codec: 'H.264', audio: 'Opus' });
    while ((await watching.evaluate<number>('document.querySelector("video")?.currentTime ?? 0')) < 1) await delay(100);
    await page.getByText('Sending').waitFor();
    await page.locator('.panel', { hasText: 'Sent from here' }).getByText('H.264').waitFor();
    await page.locator('.panel', { hasText: 'Arrives at the gateway' }).getByText('H.264').waitFor();
  });

  it('that stops leaves the slate, and comes back', async () => {
    await addStream();
    const page = await publish();
    await gateway.until('stage', ({ state }) => state === 'live', 60);

    await page.getByRole('button', { name: 'Stop' }).click();

    await gateway.until('stage', ({ state }) => state === 'offline', 20);
    await page.getByRole('button', { name: 'Use this camera' }).click();
    await gateway.until('stage', ({ state }) => state === 'live', 60);
    await page.getByRole('link', { name: 'To the stream' }).click();
    await page.waitForURL('**/s/stage');
  });

  it('goes on with another microphone, and without one', async () => {
    await addStream();
    const page = await publish();
    await page.getByText('Sending', { exact: true }).waitFor({ timeout: 60_000 });
    const cameras = await page.getByLabel('Camera', { exact: true }).locator('option').count();

    await page.getByLabel('Camera', { exact: true }).selectOption({ index: cameras - 1 });
    await page.getByText('Sending', { exact: true }).waitFor({ timeout: 60_000 });
    await page.getByLabel('Microphone').selectOption('No microphone');
    await gateway.until('stage', ({ state, source }) => state === 'live' && source.audio !== 'Opus', 60);
    await page.getByText('Sending', { exact: true }).waitFor({ timeout: 60_000 });
    const { violations } = await new AxeBuilder({ page }).analyze();

    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it('goes on when the stream process is killed', async () => {
    await addStream();
    await publish();
    await gateway.until('stage', ({ state }) => state === 'live', 60);

    sendSignal(await gateway.streamPid(), 'SIGKILL');

    await gateway.until('stage', ({ state }) => state !== 'live', 20);
    await gateway.until('stage', ({ state, source }) => state === 'live' && source.codec === 'H.264', 60);
  });

  it('is refused while another one sends, in words, and takes its place where the stream says so', async () => {
    await addStream();
    const first = await publish();
    await gateway.until('stage', ({ state }) => state === 'live', 60);
    const second = await publish();
    await second.getByText('Somebody publishes to stream "stage" already').waitFor();

    await gateway.call('PATCH', '/stage', { source: { takeover: true } });

    await second.getByText('Sending', { exact: true }).waitFor({ timeout: 60_000 });
    await first.getByText('Another camera took the place of this one').waitFor({ timeout: 60_000 });
    await gateway.until('stage', ({ state }) => state === 'live', 60);
  });

  it('that sends three sizes is taken in the one that fits the output', async () => {
    await addStream();
    const page = await open(camera, '/healthz');

    await page.evaluate(publishSizes);

    // 1280, 640 and 320 wide are sent; the output is 640 wide. The largest is taken until its width is known.
    const { source } = await gateway.until('stage', (view) => view.state === 'live' && view.source.width === 640, 120);
    expect(source).toMatchObject({ width: 640, height: 360 });
  });

  it('says why a stream with another source takes no camera', async () => {
    await gateway.call('POST', '', { id: 'stage', source: { url: 'test:' } });
    const page = await publish();

    await page.getByText('whose source is another one').waitFor();
  });
});
