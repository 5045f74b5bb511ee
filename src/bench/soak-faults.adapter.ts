import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { DiptychError } from '../shared/domain/errors.js';
import { startTestCamera, type TestCamera, type TestCameraOptions } from '../test-camera/test-camera.adapter.js';
import { startRtmpServer, type RtmpServer } from './nginx-rtmp.adapter.js';
import { launchChromium } from './viewer-browser.js';

/** Told of everything that is done. */
export type OnEvent = (what: string) => void;

/** Something that goes wrong again and again until it is told to stop. */
export interface Fault {
  /** Ends what it holds, and everything that it started. */
  stop(): Promise<void>;
}

/** A camera that is pulled out and put back. */
export interface FlappingCamera extends Fault {
  /** Where it is whenever it is there. */
  readonly url: string;
  /** Leaves it as it is from now on, and there. */
  settle(): Promise<void>;
}

/** How a camera comes and goes. */
export interface FlapPlan {
  /** From one pull to the next, s. */
  readonly everyS: number;
  /** How long it is away, s, in turns. */
  readonly downS: readonly number[];
}

/** A camera that is killed every so often, and comes back on its port. */
export async function startFlappingCamera(
  options: TestCameraOptions,
  { everyS, downS }: FlapPlan,
  onEvent: OnEvent,
): Promise<FlappingCamera> {
  let camera = await startTestCamera(options);
  const { port, url } = camera;
  const loop = new Loop(async (signal) => {
    for (let round = 0; ; round += 1) {
      const awayS = downS[round % downS.length] ?? 3;
      await delay(Math.max(0, everyS - awayS) * 1000, undefined, { signal });
      await camera.kill();
      onEvent('camera down');
      await delay(awayS * 1000, undefined, { signal }).catch(() => undefined);
      camera = await again(() => startTestCamera({ ...options, port }));
      onEvent('camera up');
    }
  });
  return {
    url,
    settle: () => loop.end(),
    stop: async () => {
      await loop.end();
      await camera.stop();
    },
  };
}

/** A server for a target that is killed, or stops reading, every so often, and comes back on its port. */
export async function startFailingServer(everyS: number, onEvent: OnEvent): Promise<Fault & Pick<RtmpServer, 'url'>> {
  let server = await startRtmpServer();
  const { port } = server;
  const awayS = Math.min(10, everyS / 3);
  const loop = new Loop(async (signal) => {
    for (let round = 0; ; round += 1) {
      await delay((everyS - awayS) * 1000, undefined, { signal });
      if (round % 2 === 0) {
        await server.stop();
        onEvent('target killed');
        await delay(awayS * 1000, undefined, { signal }).catch(() => undefined);
        server = await again(() => startRtmpServer({ port }));
      } else {
        await server.pause();
        onEvent('target hangs');
        await delay(awayS * 1000, undefined, { signal }).catch(() => undefined);
        await server.resume();
      }
      onEvent('target is back');
    }
  });
  return {
    url: (key) => server.url(key),
    stop: async () => {
      await loop.end();
      await server.stop();
    },
  };
}

/** One browser, in which a page of the stream is opened, loaded again, and closed, in turns. */
export async function startViewers(pageUrl: string, everyS: number, onEvent: OnEvent): Promise<Fault> {
  const browser: Browser = await launchChromium();
  const loop = new Loop(async (signal) => {
    for (;;) {
      const page = await browser.newPage({ viewport: { width: 640, height: 400 } });
      try {
        await page.goto(pageUrl);
        onEvent('viewer opens');
        await delay((everyS * 1000) / 3, undefined, { signal });
        await page.reload();
        onEvent('viewer loads again');
        await delay((everyS * 1000) / 3, undefined, { signal });
      } finally {
        await page.close();
      }
      onEvent('viewer leaves');
      await delay((everyS * 1000) / 3, undefined, { signal });
    }
  });
  return {
    stop: async () => {
      await loop.end();
      await browser.close();
    },
  };
}

/** Work that goes round until it is ended; an error of its own is told at the end. */
class Loop {
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;

  constructor(work: (signal: AbortSignal) => Promise<never>) {
    const { signal } = this.#stopping;
    this.#done = work(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    // Told by `end`.
    this.#done.catch(() => undefined);
  }

  /** Idempotent. @throws what ended the work before. */
  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }
}

/** A port may be taken for a moment after its server was killed. */
async function again<T extends TestCamera | RtmpServer>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 10 || !(error instanceof DiptychError)) throw error;
      await delay(500);
    }
  }
}
