import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { buildTestViewer, streamModulePath } from '../integration/gateway/fixture/test-gateway.js';
import { startTurnServer, type TurnServer } from '../integration/turn-server.js';

const PLAY_LIMIT_MS = 60_000;

interface WithPeerConnections {
  peerConnections: RTCPeerConnection[];
}

/** Runs in the page: as in a network that lets nothing through but the TURN server. */
function relayOnly(): void {
  const holder = globalThis as unknown as WithPeerConnections;
  holder.peerConnections = [];
  const Original = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: 'relay' });
      holder.peerConnections.push(this);
    }
  };
}

/** Runs in the page: the kinds of the local candidates that media goes through. */
async function usedCandidates(): Promise<string[]> {
  const kinds: string[] = [];
  for (const connection of (globalThis as unknown as WithPeerConnections).peerConnections) {
    const entries: Record<
      string,
      { type: string; nominated?: boolean; localCandidateId?: string; candidateType?: string }
    > = {};
    (await connection.getStats()).forEach((entry: RTCStats) => {
      entries[entry.id] = entry;
    });
    for (const { type, nominated, localCandidateId } of Object.values(entries)) {
      if (type !== 'candidate-pair' || nominated !== true || localCandidateId === undefined) continue;
      kinds.push(entries[localCandidateId]?.candidateType ?? '');
    }
  }
  return kinds;
}

describe('a viewer whose network lets only a TURN server through', () => {
  let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
  let turn: TurnServer;
  let gateway: Gateway;
  let browser: Browser;

  beforeAll(async () => {
    viewer = await buildTestViewer();
    turn = await startTurnServer();
    const text = `
http: { port: 0 }
webrtc:
  minPort: 43440
  maxPort: 43480
  iceServers: [{ urls: ["turn:127.0.0.1:${turn.port}?transport=udp"], secret: ${turn.secret} }]
streams: [{ id: hall, source: { url: "test:" } }]
`;
    gateway = await startGateway(parseConfig({ text, fileName: 'test' }), {
      logger: createLogger({ level: 'error', format: 'json' }),
      streamModulePath,
      viewerDirectory: viewer.directory,
    });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    await gateway.close();
    await turn.stop();
    await viewer.remove();
  });

  it('sees the picture, with credentials of its own', async () => {
    const page = await browser.newPage();
    await page.addInitScript(relayOnly);

    await page.goto(`${gateway.url}/s/hall`);

    await page.waitForFunction(
      () => {
        const video = document.querySelector('video');
        return video !== null && video.videoWidth > 0 && video.currentTime > 1;
      },
      undefined,
      { timeout: PLAY_LIMIT_MS },
    );
    expect(new Set(await page.evaluate(usedCandidates))).toEqual(new Set(['relay']));
    expect(await turn.log()).toMatch(/user <\d{10}:diptych>/);
    await page.close();
  });
});
