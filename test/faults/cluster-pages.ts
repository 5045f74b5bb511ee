import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { StreamView } from '#src/shared/domain/stream-status.js';
import type { ClusterGateway } from './cluster-hosts.js';
import { SMALL_STREAM } from './running-gateway.js';

/** Of every host. */
export const TOKEN = 'correct-horse-battery';
/** Far more than anything takes. */
export const LIMIT_MS = 40_000;
/** A folder for pictures of the pages, to be looked at. */
const PICTURES = process.env['DIPTYCH_PAGE_PICTURES'];

/** Asks the API of a host. */
export const call = (host: Pick<ClusterGateway, 'url'>, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(host.url + path, {
    ...init,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(init.body !== undefined && { 'content-type': 'application/json' }),
    },
  });

/** The host of this name. */
export function hostOf(hosts: readonly ClusterGateway[], name: string | undefined): ClusterGateway {
  const host = hosts.find((each) => each.host === name);
  if (!host) throw new Error(`there is no host ${String(name)}`);
  return host;
}

/** The host that runs a stream, as another one knows. */
export async function ownerOf(id: string, asked: ClusterGateway): Promise<string | undefined> {
  const response = await call(asked, '/api/v1/cluster');
  const { streams } = (await response.json()) as { readonly streams: readonly { id: string; host?: string }[] };
  return streams.find((stream) => stream.id === id)?.host;
}

/** The streams that a host lists. */
export async function listAt(host: ClusterGateway): Promise<readonly StreamView[]> {
  return (await (await call(host, '/api/v1/streams')).json()) as StreamView[];
}

/** Waits until each host may run streams. */
export async function untilJoined(hosts: readonly ClusterGateway[]): Promise<void> {
  for (const host of hosts) {
    await expect.poll(() => host.lines().some((line) => line.includes('may run')), { timeout: LIMIT_MS }).toBe(true);
  }
}

/** Adds a small stream at a host, or at the one that has room. */
export async function add(hosts: readonly ClusterGateway[], host: ClusterGateway, id: string): Promise<void> {
  const init = { method: 'POST', body: JSON.stringify({ id, ...SMALL_STREAM }), redirect: 'manual' } as const;
  const asked = await call(host, '/api/v1/streams', init);
  // A host without room sends it on, and fetch would leave the token behind.
  const other = hosts.find(({ url }) => asked.headers.get('location')?.startsWith(url) === true);
  const response = other ? await call(other, '/api/v1/streams', init) : asked;
  expect(response.status, await response.clone().text()).toBe(201);
}

/** A page that nobody has signed in on. @param errors - of its scripts, written here */
export async function newPage(browser: Browser, errors: string[]): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.setDefaultTimeout(LIMIT_MS);
  return page;
}

/** Signs in with {@link TOKEN}. */
export async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Runs in each page before its scripts: keeps its connections, and the time stamps of the overlays that come. */
export function spy(): void {
  const connections: RTCPeerConnection[] = [];
  const overlays = new Set<number>();
  Object.assign(globalThis, { connections, overlays });
  const { RTCPeerConnection: Connection, WebSocket: Socket } = globalThis;
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  };
  globalThis.WebSocket = class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => {
        const { type, overlay } = JSON.parse(String(data)) as { type: string; overlay?: { rtpTimestamp: number } };
        if (type === 'overlay' && overlay) overlays.add(overlay.rtpTimestamp);
      });
    }
  };
}

/** The port of the host that sends to a page, by its newest connection. */
export const mediaPortOf = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
    const connection = connections.findLast(({ connectionState }) => connectionState === 'connected');
    let port = 0;
    const stats = await connection?.getStats();
    stats?.forEach((entry: { type: string; state?: string; nominated?: boolean; remoteCandidateId?: string }) => {
      if (entry.type !== 'candidate-pair' || entry.state !== 'succeeded' || entry.nominated !== true) return;
      port = (stats.get(entry.remoteCandidateId ?? '') as { port: number } | undefined)?.port ?? port;
    });
    return port;
  });

/** Follows when pictures are on screen, also where the element is another one. */
export const watchPictures = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const seen = new WeakSet<HTMLVideoElement>();
    const times: number[] = [];
    const stamps: number[] = [];
    Object.assign(globalThis, { times, stamps });
    const follow = (video: HTMLVideoElement): void => {
      video.requestVideoFrameCallback((nowMs, { rtpTimestamp }) => {
        times.push(nowMs);
        if (rtpTimestamp !== undefined) stamps.push(rtpTimestamp);
        follow(video);
      });
    };
    setInterval(() => {
      for (const video of document.querySelectorAll('video')) {
        if (seen.has(video)) continue;
        seen.add(video);
        follow(video);
      }
    }, 5);
  });

const newest = (page: Page): Promise<number> =>
  page.evaluate(() => performance.now() - ((globalThis as unknown as { times: number[] }).times.at(-1) ?? -Infinity));

/** The longest time between two pictures, ms. */
export const longestGap = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { times } = globalThis as unknown as { times: number[] };
    return Math.max(0, ...times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs)));
  });

/** Waits until pictures move. */
export async function untilMoving(page: Page): Promise<void> {
  await expect.poll(() => newest(page), { timeout: LIMIT_MS, interval: 100 }).toBeLessThan(500);
}

/** Keeps a picture of the page where they are wanted. */
export const picture = async (page: Page, name: string): Promise<void> => {
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `cluster-${name}.png`) });
};

/** Packets of sound that a page has received. */
export const soundPackets = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
    let packets = 0;
    (await connections.at(-1)?.getStats())?.forEach((entry: RTCInboundRtpStreamStats) => {
      if (entry.type === 'inbound-rtp' && entry.kind === 'audio') packets += entry.packetsReceived ?? 0;
    });
    return packets;
  });

/** Runs in a page: a WHEP player of a few lines. */
export async function playByWhep(url: string): Promise<void> {
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const video = document.createElement('video');
  const media = new MediaStream();
  Object.assign(video, { muted: true, autoplay: true, srcObject: media });
  document.body.append(video);
  connection.ontrack = ({ track }) => media.addTrack(track);
  for (const kind of ['video', 'audio']) connection.addTransceiver(kind, { direction: 'recvonly' });
  await connection.setLocalDescription();
  const body = connection.localDescription?.sdp ?? '';
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`${response.status} ${text}`);
  await connection.setRemoteDescription({ type: 'answer', sdp: text });
}
