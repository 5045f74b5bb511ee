import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Box } from '#src/shared/domain/box.js';
import { buildSources } from '../stream/stages/detect/built-sources.js';
import { renderSmallScene, softEnvironment } from './soft-environment.js';

const run = promisify(execFile);

/** How far boxes may be apart, pixels of the source. */
const TOLERANCE_PX = 0.5;

interface FrameLine {
  readonly event: string;
  readonly layout: string;
  readonly slots: readonly (number | null)[];
  readonly people: readonly { readonly trackId: number; readonly state: string; readonly box: Box }[];
}

let folder: string;
let scene: string;
const inFolder = (name: string): string => join(folder, name);

beforeAll(async () => {
  await buildSources();
  folder = await mkdtemp(join(tmpdir(), 'diptych-gpu-'));
  scene = await renderSmallScene();
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Runs the product with its last line of output as JSON. */
async function diptych<Summary>(...parameters: string[]): Promise<Summary> {
  const { stdout } = await run(process.execPath, ['dist/main.js', ...parameters], {
    env: { ...process.env, ...softEnvironment() },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Summary;
}

const linesOf = async (path: string): Promise<readonly string[]> => (await readFile(path, 'utf8')).trim().split('\n');

function expectSameBoxes(onGpu: readonly number[], onCpu: readonly number[]): void {
  expect(onGpu).toHaveLength(onCpu.length);
  onGpu.forEach((value, i) => expect(Math.abs(value - onCpu[i]!)).toBeLessThanOrEqual(TOLERANCE_PX));
}

describe('the same clip on the CPU and on the GPU', () => {
  it('gives the same tracks and the same events', async () => {
    for (const use of ['off', 'require']) {
      await diptych(
        'track',
        scene,
        '--out',
        inFolder(`${use}.txt`),
        '--events',
        inFolder(`${use}.jsonl`),
        '--gpu',
        use,
      );
    }

    const [onCpu, onGpu] = await Promise.all(
      ['off', 'require'].map(async (use) =>
        (await linesOf(inFolder(`${use}.txt`))).map((line) => line.split(',').map(Number)),
      ),
    );
    expect(onCpu!.length).toBeGreaterThan(200);
    expect(onGpu!.map(([frame, id]) => [frame, id])).toEqual(onCpu!.map(([frame, id]) => [frame, id]));
    onGpu!.forEach((row, i) => expectSameBoxes(row.slice(2, 6), onCpu![i]!.slice(2, 6)));
    const events = async (use: string): Promise<unknown> =>
      (await linesOf(inFolder(`${use}.jsonl`)))
        .filter((line) => line !== '')
        .map((line) => {
          const { name, frame, trackId } = JSON.parse(line) as Record<string, unknown>;
          return { name, frame, trackId };
        });
    expect(await events('require')).toEqual(await events('off'));
  }, 300_000);

  it('gives the same tiles, slots and layout', async () => {
    const frames: FrameLine[][] = [];
    for (const use of ['off', 'require']) {
      const events = inFolder(`render-${use}.jsonl`);
      const { gpu } = await diptych<{ readonly gpu: { readonly state: string } }>(
        ...['render', scene, inFolder(`${use}.mp4`), '--events', events, '--gpu', use],
      );
      expect(gpu.state).toBe(use === 'off' ? 'off' : 'used');
      frames.push(
        (await linesOf(events)).map((line) => JSON.parse(line) as FrameLine).filter(({ event }) => event === 'frame'),
      );
    }

    const [onCpu = [], onGpu = []] = frames;
    expect(onCpu).toHaveLength(120);
    const decisions = (lines: readonly FrameLine[]): unknown =>
      lines.map(({ layout, slots, people }) => [layout, slots, people.map(({ trackId, state }) => [trackId, state])]);
    expect(decisions(onGpu)).toEqual(decisions(onCpu));
    const boxes = (lines: readonly FrameLine[]): readonly number[] =>
      lines.flatMap(({ people }) => people.flatMap(({ box }) => [box.x, box.y, box.width, box.height]));
    expectSameBoxes(boxes(onGpu), boxes(onCpu));
  }, 300_000);
});
