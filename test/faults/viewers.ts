import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { vi } from 'vitest';

const run = promisify(execFile);

/** Far more than it takes: on a busy machine a test is slow, not wrong. */
export const PATIENCE = { timeout: 90_000, interval: 100 };

/** Pages of real browsers that watch a stream. */
export class Viewers {
  readonly pages: readonly Page[];

  private constructor(pages: readonly Page[]) {
    this.pages = pages;
  }

  static async open(browser: Browser, url: string, count: number): Promise<Viewers> {
    const pages: Page[] = [];
    for (let opened = 0; opened < count; opened++) {
      const page = await browser.newPage({ viewport: { width: 640, height: 400 } });
      await page.goto(url);
      pages.push(page);
    }
    return new Viewers(pages);
  }

  /** Resolves once every page shows pictures that move, and says so. */
  async play(): Promise<void> {
    await Promise.all(this.pages.map((page, index) => plays(page, `viewer ${index}`)));
  }

  /** The longest time without a new picture on any page, in so many ms from now, ms. */
  async longestGapMs(forMs: number): Promise<number> {
    const gaps = await Promise.all(
      this.pages.map((page) => page.evaluate<number>(`(${measureGap.toString()})(${forMs})`)),
    );
    return Math.max(...gaps);
  }

  async close(): Promise<void> {
    await Promise.all(this.pages.map((page) => page.close()));
  }
}

/** Runs in the page. */
function measureGap(forMs: number): Promise<number> {
  const video = document.querySelector('video');
  const count = (): number => video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
  const beganMs = performance.now();
  let last = { count: count(), atMs: beganMs };
  let longestMs = 0;
  return new Promise((resolve) => {
    const look = (): void => {
      const nowMs = performance.now();
      longestMs = Math.max(longestMs, nowMs - last.atMs);
      if (count() !== last.count) last = { count: count(), atMs: nowMs };
      if (nowMs - beganMs < forMs) setTimeout(look, 20);
      else resolve(longestMs);
    };
    look();
  });
}

const timeS = (page: Page): Promise<number> =>
  page.evaluate<number>('document.querySelector("video")?.getVideoPlaybackQuality().totalVideoFrames ?? 0');
const label = (page: Page): Promise<string> =>
  page.evaluate<string>('document.querySelector(".pill")?.textContent ?? ""');

/** Five pictures more than now, or than a new video has had. */
async function plays(page: Page, name: string): Promise<void> {
  let last = await timeS(page);
  let seen = 0;
  await vi.waitFor(async () => {
    const now = await timeS(page);
    seen += now > last ? now - last : 0;
    last = now;
    const says = await label(page);
    if (seen < 5 || says !== 'Live') throw new Error(`${name} has ${seen} new pictures and says "${says}"`);
  }, PATIENCE);
}

/** The child of a process that forwards media; absent while there is none. */
export async function mediaWorkerOf(parent: number): Promise<number | undefined> {
  const { stdout } = await run('ps', ['-o', 'pid=,stat=,args=', '--ppid', String(parent)]).catch(() => ({
    stdout: '',
  }));
  const line = stdout.split('\n').find((text) => text.includes('mediasoup-worker') && !/^\s*\d+\s+Z/.test(text));
  return line === undefined ? undefined : Number(line.trim().split(/\s+/)[0]);
}

/** Resolves with the next media worker of a process, which is not `former`. */
export const nextMediaWorker = (parent: number, former?: number): Promise<number> =>
  vi.waitFor(
    async () => {
      const pid = await mediaWorkerOf(parent);
      if (pid === undefined || pid === former) throw new Error(`there is no media worker after ${former ?? 'none'}`);
      return pid;
    },
    { ...PATIENCE, interval: 10 },
  );
