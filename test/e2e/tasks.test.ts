import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';
import { untilLive, usePages } from './opened-page.js';

const { open, gateway } = usePages(
  '[{ id: hall, source: { url: "test:" } }, { id: offline, source: { url: "rtsp://offline/" } }]',
);

/** One thing that a person does. */
type Step = (page: Page) => Promise<unknown>;

const press =
  (name: string): Step =>
  (page) =>
    page.getByRole('button', { name, exact: true }).click();
const fill =
  (label: string, text: string): Step =>
  (page) =>
    page.getByRole('dialog').getByLabel(label, { exact: true }).fill(text);

interface Task {
  /** As docs/tasks.md names it. */
  readonly name: string;
  /** The page that people have open. */
  readonly path: string;
  readonly steps: readonly Step[];
  /** That the task is done. */
  readonly isDone: (page: Page) => Promise<unknown>;
}

const TASKS: readonly Task[] = [
  {
    ...{ name: 'Add a camera', path: '/' },
    steps: [press('Add a camera'), fill('Address', 'rtsp://anna:secret@porch.local/1'), press('Save')],
    isDone: async (page) => {
      await page.waitForURL('**/s/porch');
      await untilLive(page);
    },
  },
  {
    ...{ name: 'See it on another device', path: 'about:blank' },
    steps: [(page) => page.goto(`${gateway().url}/s/hall`)],
    isDone: untilLive,
  },
  {
    ...{ name: 'Publish to YouTube', path: '/s/hall' },
    steps: [press('Add a target'), fill('Stream key', 'abcd-efgh'), press('Publish')],
    isDone: (page) => page.locator('.targets li', { hasText: 'youtube' }).getByText('Live', { exact: true }).waitFor(),
  },
  {
    ...{ name: 'Change the bitrate', path: '/s/hall' },
    steps: [press('Settings of the stream'), fill('Bitrate, kbit/s', '3000'), press('Save')],
    isDone: () => expect.poll(() => gateway().registry.get('hall').config.output.bitrateKbps).toBe(3000),
  },
  {
    ...{ name: 'Rename a stream', path: '/s/hall' },
    steps: [press('Settings of the stream'), fill('Name', 'nave'), press('Save')],
    isDone: (page) => page.waitForURL('**/s/nave'),
  },
  {
    ...{ name: 'See why a camera is offline', path: '/' },
    steps: [],
    isDone: (page) =>
      page
        .getByRole('article', { name: 'offline' })
        .getByText(/refuses connections/)
        .waitFor(),
  },
];

const counted = new Map<string, number>();

describe('an everyday task', () => {
  it.each(TASKS)('$name', async ({ name, path, steps, isDone }) => {
    const page = await open(path === 'about:blank' ? '/foo' : path);
    if (path.startsWith('/s/')) await untilLive(page);

    for (const step of steps) await step(page);
    await isDone(page);

    counted.set(name, steps.length);
  });
});

it('takes as many steps as docs/tasks.md says, and no more than with any other program there', async () => {
  const text = await readFile(packagePath('docs/tasks.md'), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => /^\| [A-Z]/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, , ours]) => /^\d+$/.test(ours ?? ''));

  const told = new Map(rows.map(([, name = '', ours]) => [name, Number(ours)]));
  for (const [name, steps] of counted) expect([name, told.get(name)]).toEqual([name, steps]);
  for (const [, name, ours, ...others] of rows) {
    const best = Math.min(...others.filter((cell) => /^\d+/.test(cell)).map((cell) => Number.parseInt(cell, 10)));
    expect([name, Number(ours) <= best]).toEqual([name, true]);
  }
});
