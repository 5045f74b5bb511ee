import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { Gateway } from '#src/gateway/gateway.js';
import { packagePath } from '#src/shared/package-root.js';
import { buildTestViewer, startTestGateway } from '../integration/gateway/fixture/test-gateway.js';

const SECONDS = 1000;
/** Small, so that all of them run at once. */
const STREAMS = JSON.stringify(
  ['constrained-baseline', 'main', 'high'].map((profile) => ({
    ...{ id: profile, source: { url: 'test:' }, detect: { maxFps: 1 } },
    output: { width: 320, height: 180, fps: 15, bitrateKbps: 400, profile },
  })),
);
const PATIENCE = { timeout: 60 * SECONDS, interval: 200 };

/** The player of others as one script. */
async function playerScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [packagePath('test/e2e/eyevinn-player.ts')],
    ...{ bundle: true, write: false, format: 'iife', platform: 'browser' },
  });
  return outputFiles[0]?.text ?? '';
}

describe('players of others', () => {
  let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
  let gateway: Gateway;
  let browser: Browser;

  beforeAll(async () => {
    viewer = await buildTestViewer();
    gateway = await startTestGateway(viewer.directory, STREAMS);
    browser = await launchChromium();
    for (const { id } of gateway.registry.list()) {
      await vi.waitFor(() => expect(gateway.registry.get(id).status.state).toBe('live'), PATIENCE);
    }
  });

  afterAll(async () => {
    await browser.close();
    await gateway.close();
    await viewer.remove();
  });

  it.each(['constrained-baseline', 'main', 'high'])(
    '@eyevinn/webrtc-player in Chromium shows the picture of profile %s move, with sound',
    async (id) => {
      const page = await browser.newPage();
      await page.goto(`${gateway.url}/healthz`);
      await page.evaluate(await playerScript());

      await page.evaluate(async (url) => window.playByEyevinn(url), `${gateway.url}/whep/${id}`);

      const seen = (): Promise<{ pictures: number; kinds: string[] }> =>
        page.evaluate(() => {
          const video = document.querySelector('video');
          const media = video?.srcObject as MediaStream | null;
          return {
            pictures: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
            kinds: (media?.getTracks() ?? []).map(({ kind }) => kind).sort(),
          };
        });
      await vi.waitFor(async () => expect((await seen()).pictures).toBeGreaterThan(20), PATIENCE);
      expect((await seen()).kinds).toEqual(['audio', 'video']);
      await page.close();
    },
  );
});
