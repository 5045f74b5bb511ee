import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { SMALL_STREAM, startRunningGateway, type RunningGateway } from '../faults/running-gateway.js';

const run = promisify(execFile);

let root: string;
let gateway: RunningGateway;
let browser: Browser;
let page: Page;
const pageErrors: string[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'diptych-recordings-'));
  gateway = await startRunningGateway({ recordings: { folder: join(root, 'disk') } });
  await gateway.call('POST', '', { ...SMALL_STREAM, id: 'hall' });
  browser = await launchChromium();
});

beforeEach(async () => {
  await mkdir(join(root, 'disk'), { recursive: true });
  page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  page.on('pageerror', (error) => pageErrors.push(String(error)));
  await page.goto(`${gateway.url}/s/hall`);
  await page.locator('.pill[data-state=live]').waitFor({ timeout: 60_000 });
});

afterEach(async () => {
  const { DIPTYCH_SCREENSHOTS: folder } = process.env;
  if (folder) await page.screenshot({ path: join(folder, `recordings-${Date.now()}.png`), fullPage: true });
  await page.close();
  expect(pageErrors.splice(0)).toEqual([]);
});

afterAll(async () => {
  await browser.close();
  await gateway.stop();
  await rm(root, { recursive: true, force: true });
});

const badge = (state: string): Promise<void> =>
  page.locator(`.panel-recordings .badge[data-state=${state}]`).waitFor({ timeout: 30_000 });

const segments = async (): Promise<string[]> =>
  (await readdir(join(root, 'disk', 'hall'))).filter((name) => name.endsWith('.mp4'));

it('records, lists, hands out and deletes from the page of the stream', async () => {
  const item = page.locator('.recordings li');
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await badge('recording');
  await item.getByText('being written').waitFor();
  // One more group of pictures.
  await page.waitForFunction(() => /0:0[4-9]/.test(document.querySelector('.recordings .detail')?.textContent ?? ''));
  await page.getByRole('button', { name: 'Stop recording' }).click();
  await badge('off');
  await item.getByText('being written').waitFor({ state: 'hidden' });

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    item.getByRole('link', { name: 'Download the recording' }).click(),
  ]);
  const path = join(root, 'downloaded.mp4');
  await download.saveAs(path);
  const decoded = await run('ffmpeg', ['-v', 'error', '-xerror', '-i', path, '-f', 'null', '-']);
  const [journal] = await Promise.all([
    page.waitForEvent('download'),
    item.getByRole('link', { name: 'Download who was in the recording' }).click(),
  ]);
  const [name = ''] = await segments();
  await item.getByRole('button', { name: 'Delete the recording' }).click();
  const afterOneClick = await segments();
  await item.getByText('Delete?').click();
  await item.waitFor({ state: 'detached' });

  expect(decoded.stderr).toBe('');
  expect(download.suggestedFilename()).toBe(`hall-${name}`);
  expect(journal.suggestedFilename()).toBe(`hall-${name.replace('.mp4', '.json')}`);
  expect(afterOneClick).toHaveLength(1);
  expect(await segments()).toEqual([]);
});

it('says why it cannot record, what to do, and that it goes on by itself', async () => {
  await rm(join(root, 'disk'), { recursive: true });
  const problem = page.locator('.panel-recordings .problem');
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await badge('retrying');
  const told = await problem.textContent();
  await mkdir(join(root, 'disk'));
  await badge('recording');
  const afterwards = await problem.textContent();
  await page.getByRole('button', { name: 'Stop recording' }).click();
  await badge('off');

  expect(told).toMatch(/is gone.*mount or create it.*Trying again/s);
  expect(afterwards).toBe('');
});

it('shows older ones on demand', async () => {
  const folder = join(root, 'disk', 'hall');
  await mkdir(folder, { recursive: true });
  const journal = { version: 1, durationS: 598, isComplete: true, shown: [], events: [] };
  for (let minute = 10; minute < 35; minute += 1) {
    const name = new Date(Date.now() - minute * 60_000).toISOString().replaceAll(':', '-');
    await writeFile(join(folder, `${name}.mp4`), Buffer.alloc(1000));
    await writeFile(join(folder, `${name}.json`), JSON.stringify(journal));
  }

  const items = page.locator('.recordings li');
  const older = page.getByRole('button', { name: /\d+ older/ });
  await older.waitFor();
  const shownAtFirst = await items.count();
  await older.click();
  await older.waitFor({ state: 'hidden' });

  expect(shownAtFirst).toBe(20);
  expect(await items.count()).toBeGreaterThanOrEqual(25);
});
