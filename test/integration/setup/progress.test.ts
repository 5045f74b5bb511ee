import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';

interface ProgressModule {
  readonly step: (label: string, work: (say: (detail: string) => void) => Promise<string>) => Promise<string>;
  readonly together: (works: readonly ((signal: AbortSignal) => Promise<unknown>)[]) => Promise<void>;
  readonly run: (
    command: string,
    parameters: readonly string[],
    options: { readonly log: string; readonly advice: string; readonly signal: AbortSignal },
  ) => Promise<void>;
}

const { run, step, together } = (await import(packagePath('src/setup/progress.mjs'))) as ProgressModule;

let written: string;
const { isTTY, columns } = process.stdout;

beforeEach(() => {
  vi.useFakeTimers();
  written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  Object.assign(process.stdout, { isTTY, columns });
});

/** Rows of a terminal after `text`, which moves the cursor as the steps do. */
function screenOf(text: string): readonly string[] {
  const rows: string[] = [];
  let row = 0;
  for (const [token] of text.matchAll(/\x1b\[\d+A|\x1b\[J|\r|[^\n\r\x1b]*\n/g)) {
    if (token.endsWith('A')) row -= Number.parseInt(token.slice(2), 10);
    else if (token === '\x1b[J') rows.length = row;
    else if (token.endsWith('\n')) rows[row++] = token.trimEnd();
  }
  return rows.map((line) => line.replace(/ {2,}/g, ' '));
}

/** Two steps of 2 s and 1 s, the longer one first. */
async function runTwo(): Promise<readonly string[]> {
  const taking = (label: string, ms: number): Promise<string> =>
    step(label, (say) => {
      say(`${label} works`);
      return new Promise((resolve) => setTimeout(() => resolve(''), ms));
    });
  const both = [taking('long', 2000), taking('short', 1000)];
  await vi.advanceTimersByTimeAsync(600);
  const during = screenOf(written);
  await vi.advanceTimersByTimeAsync(1400);
  await Promise.all(both);
  return during;
}

describe('steps that run at the same time', () => {
  it('have a line each on a terminal, which stays when they end', async () => {
    process.stdout.isTTY = true;

    const during = await runTwo();

    expect(during).toEqual(['long 1 s long works', 'short 1 s short works']);
    expect(screenOf(written)).toEqual(['short 1 s done', 'long 2 s done']);
  });

  it('are told of once each where there is no terminal', async () => {
    process.stdout.isTTY = false;

    await runTwo();

    expect(screenOf(written)).toEqual(['short 1 s done', 'long 2 s done']);
    expect(written).not.toContain('\x1b');
  });

  it('fit a terminal that is too narrow for them', async () => {
    process.stdout.isTTY = true;
    process.stdout.columns = 40;

    await runTwo();

    expect(
      Math.max(
        ...written
          .replace(/\x1b\[\d*[AJ]/g, '')
          .split(/[\n\r]/)
          .map((line) => line.length),
      ),
    ).toBeLessThan(40);
  });

  it('are all waited for when one fails, and the failure that came first is thrown', async () => {
    const ended: string[] = [];
    const after = (ms: number, name: string, isGood: boolean) => () =>
      new Promise<void>((resolve, reject) => {
        setTimeout(() => {
          ended.push(name);
          if (isGood) resolve();
          else reject(new Error(name));
        }, ms);
      });

    const works = [after(3, 'good', true), after(2, 'second', false), after(1, 'first', false)];
    const outcome = together(works).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(3);

    expect(await outcome).toEqual(new Error('first'));
    expect(ended).toEqual(['first', 'second', 'good']);
  });

  it('may stop what they run when another fails', async () => {
    vi.useRealTimers();
    const folder = mkdtempSync(join(tmpdir(), 'diptych-progress-test-'));
    const begin = performance.now();

    const outcome = await together([
      (signal) => run('sleep', ['20'], { log: join(folder, 'log'), advice: 'wait', signal }),
      () => Promise.reject(new Error('no apt')),
    ]).catch((error: unknown) => error);

    expect(outcome).toEqual(new Error('no apt'));
    expect(performance.now() - begin).toBeLessThan(10_000);
    rmSync(folder, { recursive: true });
  });
});
