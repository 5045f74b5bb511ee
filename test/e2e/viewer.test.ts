import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { percentile } from '#src/shared/percentile.js';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from '../integration/gateway/fixture/test-gateway.js';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { measureOverlay } from './viewer-overlay.js';
import { sendSignal } from '../send-signal.js';

const SECONDS = 1000;
const STREAMS = '[{ id: hall, source: { url: "test:" } }]';
/** The promise is two seconds on a machine of its own; this one may be busy with other things. */
const PLAY_LIMIT_MS = 10 * SECONDS;
/** Between the middle of a disc and that of its box; the overlay of the next frame would be up to 4 off. */
const OVERLAY_TOLERANCE_PX = 2;

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;
let browser: Browser;
let page: Page;
const pageErrors: string[] = [];

beforeAll(async () => {
  viewer = await buildTestViewer();
  gateway = await startTestGateway(viewer.directory, STREAMS);
  browser = await launchChromium();
});

afterEach(async () => {
  await page.close();
  expect(pageErrors.splice(0)).toEqual([]);
});

afterAll(async () => {
  await browser.close();
  await gateway.close();
  await viewer.remove();
});

async function open(path: string): Promise<Page> {
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('pageerror', (error) => pageErrors.push(String(error)));
  await page.addInitScript(keepPeerConnections);
  await page.goto(gateway.url + path);
  return page;
}

interface WithPeerConnections {
  peerConnections?: RTCPeerConnection[];
}

function keepPeerConnections(): void {
  const holder = globalThis as WithPeerConnections;
  const kept: RTCPeerConnection[] = [];
  holder.peerConnections = kept;
  const Original = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      kept.push(this);
    }
  };
}

/** Packets of sound that the page was sent and still keeps count of. */
const audioPackets = (): Promise<number> =>
  page.evaluate(async () => {
    let packets = 0;
    for (const connection of (globalThis as WithPeerConnections).peerConnections ?? []) {
      (await connection.getStats()).forEach((entry: RTCInboundRtpStreamStats) => {
        if (entry.type === 'inbound-rtp' && entry.kind === 'audio') packets += entry.packetsReceived ?? 0;
      });
    }
    return packets;
  });

const untilPlaying = async (): Promise<void> => {
  await page.waitForFunction(
    () =>
      document.querySelector('.pill')?.textContent === 'Live' &&
      (document.querySelector('video')?.currentTime ?? 0) > 0,
    undefined,
    { timeout: 30 * SECONDS },
  );
};

/** How far the picture got, seconds; starts over with every new origin of the media. */
const currentTime = (): Promise<number> =>
  page.evaluate(() => document.querySelector<HTMLVideoElement>('video:last-of-type')?.currentTime ?? 0);

const inkOfOverlay = (): Promise<number> =>
  page.evaluate(() => {
    const canvas = document.querySelector('canvas');
    if (!canvas || canvas.clientWidth === 0) return 0;
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    return [...data].filter((value, index) => index % 4 === 3 && value > 0).length;
  });

describe('the page of a stream', () => {
  it('plays soon after it is opened, and goes on', async () => {
    const startedMs = performance.now();
    await open('/s/hall');
    await untilPlaying();
    const playedMs = performance.now() - startedMs;
    const before = await currentTime();
    await page.waitForTimeout(1 * SECONDS);

    console.info(`first picture ${Math.round(playedMs)} ms after the page was asked for`);
    expect(playedMs).toBeLessThan(PLAY_LIMIT_MS);
    expect(await currentTime()).toBeGreaterThan(before);
    expect(await page.title()).toBe('hall · Diptych');
  });

  it('plays all the same where its consumer ends while it is asked for', async () => {
    let resumed = 0;
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.routeWebSocket(/\/ws$/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((data) => {
        const text = String(data);
        // As where the stream process is replaced just then: the gateway knows no such consumer.
        const isFirst = text.includes('"type":"resume"') && resumed++ === 0;
        server.send(isFirst ? text.replace(/"consumerId":"[^"]*"/, '"consumerId":"ended"') : text);
      });
    });
    await page.goto(`${gateway.url}/s/hall`);

    await untilPlaying();

    expect(resumed).toBeGreaterThan(1);
  });

  it('tells who is there, the delay and the sizes', async () => {
    await open('/s/hall');
    await untilPlaying();

    await page.getByText('Person 1').waitFor();
    await page.getByText('Left tile').waitFor();
    await page.getByText('Right tile').waitFor();
    await page.getByText('Technical details').click();
    await page.getByText('960 × 540').waitFor();
    await page.getByText(/^≈ \d+ ms$/).waitFor();
  });

  it('draws boxes exactly on what moves', async () => {
    await open('/s/hall');
    await untilPlaying();

    const distances = await page.evaluate(measureOverlay, 40);

    expect(distances.length).toBeGreaterThan(20);
    expect(percentile(distances, 0.9)).toBeLessThan(OVERLAY_TOLERANCE_PX);
  });

  it('hides the boxes by button and by key', async () => {
    await open('/s/hall');
    await untilPlaying();
    const button = page.getByRole('button', { name: /Boxes/ });
    await page.waitForFunction(() => document.querySelector('canvas')?.clientWidth !== 0);
    expect(await inkOfOverlay()).toBeGreaterThan(0);

    await button.click();
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    expect(await inkOfOverlay()).toBe(0);

    await page.keyboard.press('o');
    await page.waitForTimeout(0.5 * SECONDS);
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    expect(await inkOfOverlay()).toBeGreaterThan(0);
  });

  it('starts without sound, and fetches it when it is wanted', async () => {
    await open('/s/hall');
    await untilPlaying();
    expect(await audioPackets()).toBe(0);

    await page.keyboard.press('m');
    await expect.poll(audioPackets, { timeout: 20 * SECONDS }).toBeGreaterThan(10);
    expect(await page.getByRole('button', { name: /Sound/ }).getAttribute('aria-pressed')).toBe('true');

    await page.keyboard.press('m');
    await page.waitForTimeout(0.5 * SECONDS);
    const after = await audioPackets();
    await page.waitForTimeout(0.5 * SECONDS);
    expect(await audioPackets()).toBe(after);
  });

  it('goes on by itself when the stream process was replaced', async () => {
    await open('/s/hall');
    await untilPlaying();
    const before = await page.evaluate(() => performance.timeOrigin);

    sendSignal(gateway.registry.get('hall').pid, 'SIGKILL');

    await page.waitForFunction(() => document.querySelector('.pill')?.textContent !== 'Live', undefined, {
      timeout: 20 * SECONDS,
    });
    // A page that subscribes anew counts from 0 again.
    const advances = async (): Promise<boolean> => {
      const time = await currentTime();
      await page.waitForTimeout(1 * SECONDS);
      return (await currentTime()) > time;
    };
    await expect.poll(advances, { timeout: 30 * SECONDS }).toBe(true);
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(before);
  });

  it('comes back by itself when the gateway was restarted', async () => {
    await open('/s/hall');
    await untilPlaying();

    const port = Number(new URL(gateway.url).port);
    await gateway.close();
    await page.getByText('The connection to the gateway was lost').waitFor();
    gateway = await startTestGateway(viewer.directory, STREAMS, port);

    await untilPlaying();
    const time = await currentTime();
    await page.waitForTimeout(1 * SECONDS);
    expect(await currentTime()).toBeGreaterThan(time);
  });

  it('says in plain words that there is no such stream', async () => {
    await open('/s/nowhere');

    await page.getByText('There is no stream “nowhere” on this gateway.').waitFor();
  });
});

describe('the list', () => {
  it('shows every stream with its state and its picture', async () => {
    await open('/');

    await page.getByText('hall').waitFor();
    await page.getByText('Live').waitFor();
    await page.waitForFunction(() => (document.querySelector('img')?.naturalWidth ?? 0) > 0);
    await page.getByText('hall').click();
    await untilPlaying();
  });

  it('says how to begin when there is nothing', async () => {
    const empty = await startTestGateway(viewer.directory, '[]');
    await open('/');
    await page.goto(empty.url);

    await page.getByText('No streams yet').waitFor();
    await empty.close();
  });
});

it('fits a telephone', async () => {
  await open('/s/hall');
  await page.setViewportSize({ width: 390, height: 844 });
  await untilPlaying();

  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );

  expect(overflow).toBe(0);
});
