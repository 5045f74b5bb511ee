import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from '../integration/gateway/fixture/test-gateway.js';
import { controlsOf, TESTED_CONTROLS } from './controls.js';
import { ADMISSION, PAGE_STATES, WALKED_STREAMS, writeRecordings } from './page-states.js';

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let recordings: string;
let gateway: Gateway;
let empty: Gateway;
let guarded: Gateway;
let browser: Browser;
let page: Page;
/** While eight stream processes start on a busy machine, a page takes long, ms. */
const PATIENCE_MS = 120_000;
/** What was found on the pages, by control. */
const seen = new Map<string, string>();
/** Where a picture of each state is kept, to be looked at; none is kept without it. */
const PICTURES = process.env['DIPTYCH_PAGE_PICTURES'];

/** Keeps a picture of the page. */
const keepPicture = (name: string): Promise<unknown> =>
  page.screenshot({ path: join(PICTURES ?? '', `${name.replaceAll(/\W+/g, '-')}.png`), fullPage: true });

/** Runs in the page: texts in the dialog that is open which are scrolled out of sight. */
const unseenInDialog = (selector: string): string[] =>
  Array.from(document.querySelectorAll<HTMLElement>(`dialog[open] ${selector}`))
    .filter((one) => {
      const { left, top, width, height } = one.getBoundingClientRect();
      const found = document.elementFromPoint(left + width / 2, top + height / 2);
      return found === null || !(one === found || one.contains(found));
    })
    .map(({ innerText }) => innerText);

beforeAll(async () => {
  viewer = await buildTestViewer();
  recordings = await mkdtemp(join(tmpdir(), 'diptych-recordings-'));
  await writeRecordings(recordings, 'hall');
  gateway = await startTestGateway(viewer.directory, WALKED_STREAMS, 0, '', `recordings: { folder: ${recordings} }`);
  empty = await startTestGateway(viewer.directory, '[]');
  guarded = await startTestGateway(viewer.directory, '[{ id: hall, source: { url: "test:" } }]', 0, '', ADMISSION);
  browser = await launchChromium();
});

afterEach(() => page.context().close());

afterAll(async () => {
  await browser.close();
  await gateway.close();
  await empty.close();
  await guarded.close();
  await viewer.remove();
  await rm(recordings, { recursive: true, force: true });
});

describe.each([
  { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const)('axe finds nothing, and all is tested: $colorScheme, $viewport.width wide', (options) => {
  it.each(PAGE_STATES)('$name', async ({ name, path, isEmpty, isGuarded, prepare, reach }) => {
    const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
    context.setDefaultTimeout(PATIENCE_MS);
    page = await context.newPage();
    await prepare?.(page);
    const { url } = isGuarded === true ? guarded : isEmpty === true ? empty : gateway;
    await page.goto(url + path);
    await reach(page);

    const controls = await controlsOf(page);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const unseenProblems = await page.evaluate(unseenInDialog, '.problem');
    if (PICTURES !== undefined) await keepPicture(`${name}, ${options.viewport.width} ${options.colorScheme}`);

    for (const control of controls) if (!seen.has(control)) seen.set(control, name);
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    expect(controls.filter((one) => TESTED_CONTROLS.every(({ control }) => !control.test(one)))).toEqual([]);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(unseenProblems).toEqual([]);
  });
});

describe('the list of tested controls', () => {
  it('has none that no page has', () => {
    const controls = [...seen.keys()];

    const gone = TESTED_CONTROLS.filter(({ control }) => !controls.some((one) => control.test(one)));

    expect(gone.map(({ control }) => String(control))).toEqual([]);
  });

  it.each([...new Set(TESTED_CONTROLS.map(({ file }) => file))])('names tests that %s has', async (file) => {
    const text = await readFile(new URL(file, import.meta.url), 'utf8');

    const missing = TESTED_CONTROLS.filter((one) => one.file === file && !text.includes(one.test));

    expect(missing.map(({ test }) => test)).toEqual([]);
  });
});
