import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { readResidentBytes } from '#src/gateway/metrics/resident-bytes.adapter.js';
import { ProcessRecycler } from '#src/gateway/streams/process-recycler.adapter.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { buildTestViewer } from '../integration/gateway/fixture/test-gateway.js';
import { PATIENCE, Viewers } from './viewers.js';

const CONFIG = `
http: { port: 0 }
webrtc: { minPort: 45000, maxPort: 45199 }
streams: [{ id: main, source: { url: "test:" }, output: { width: 320, height: 180, fps: 15, bitrateKbps: 300 } }]
`;
const HOUR_MS = 3_600_000;

/** A real stream process that takes more than it may, because the limit is below what any takes. */
describe('a stream process that takes too much memory', () => {
  let browser: Browser;
  let gateway: Gateway;
  let viewers: Viewers;
  const endings: (() => Promise<unknown>)[] = [];
  const main = () => gateway.registry.get('main');

  beforeAll(async () => {
    const viewer = await buildTestViewer();
    endings.push(() => viewer.remove());
    gateway = await startGateway(parseConfig({ text: CONFIG, fileName: 'test' }), {
      logger: createLogger({ level: 'error', format: 'json' }),
      viewerDirectory: viewer.directory,
    });
    endings.push(() => gateway.close());
    browser = await launchChromium();
    endings.push(() => browser.close());
    viewers = await Viewers.open(browser, `${gateway.url}/s/main`, 1);
    await viewers.play();
  });

  afterAll(async () => {
    for (const end of endings.reverse()) await end();
  });

  it('allocates from few pools, so that what the threads of a graph free is used by those of the next', async () => {
    const environment = await readFile(`/proc/${main().pid}/environ`, 'utf8');

    expect(environment.split('\0')).toContain('MALLOC_ARENA_MAX=2');
  });

  it('is replaced beside the one that goes on, and its viewer sees one stream', async () => {
    const { pid = 0, restarts } = main();
    const events: string[] = [];
    const states = new Set<string>();
    let bothRan = false;
    main().on('event', ({ name }) => events.push(name));
    let hasNewMedia = false;
    main().on('status', ({ state }) => {
      states.add(state);
      bothRan ||= main().pid !== pid && existsSync(`/proc/${pid}`);
    });
    main().once('ingress', () => (hasNewMedia = true));
    const { ingress } = main();
    let nowMs = 0;
    const memoryBytes = (await readResidentBytes(pid)) ?? 0;
    const recycler = new ProcessRecycler({
      limitBytes: memoryBytes * 0.7,
      streams: () => gateway.registry.list(),
      // So that it need not wait for half an hour.
      viewersOf: () => 0,
      readMemory: readResidentBytes,
      logger: createLogger({ level: 'error' }),
      nowMs: () => nowMs,
      intervalS: 3600,
    });
    await recycler.check();
    nowMs = HOUR_MS / 4;
    await recycler.check();
    await vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false), PATIENCE);
    await viewers.play();
    recycler.close();

    expect(main().pid).not.toBe(pid);
    expect(bothRan).toBe(true);
    expect(hasNewMedia).toBe(false);
    expect(main().ingress).toBe(ingress);
    expect([...states]).toEqual(['live']);
    expect(main().restarts).toBe(restarts + 1);
    expect(recycler.recycles).toBe(1);
    expect(events).toContain('process_recycled');
  });
});
