import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCapacity, readHardware, writeCapacity } from '#src/shared/capacity/capacity-file.adapter.js';
import type { KeptCapacity } from '#src/shared/capacity/kept-capacity.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'diptych-capacity-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const measured = async (units: number): Promise<KeptCapacity> => ({
  ...{ format: 1, measuredAt: '2026-03-01T12:00:00.000Z', version: '1.2.0', hardware: await readHardware() },
  ...{ stream: { width: 1920, height: 1080, fps: 30 }, streams: 2, units, limit: 'all cores are busy' },
  use: { cpu: 0.7, memory: 0.1 },
});

const spoilt = (problem: string): object => ({
  problem: `${join(folder, 'capacity.json')} ${problem}`,
  isSpoilt: true,
});

describe('what bench capacity keeps', () => {
  it('is found again, the last one alone, in a folder that need not have been there', async () => {
    const state = join(folder, 'new', 'state');
    await writeCapacity(state, await measured(2));
    const path = await writeCapacity(state, await measured(2.4));

    expect(path).toBe(join(state, 'capacity.json'));
    expect(await readdir(state)).toEqual(['capacity.json']);
    expect(await readCapacity(state)).toEqual({ kept: await measured(2.4) });
  });

  it.each([
    ['it is cut off', '{ "format": 1,'],
    ['it is of a later version', '{ "format": 2 }'],
  ])('says so where %s', async (_what, text) => {
    await writeFile(join(folder, 'capacity.json'), text);

    expect(await readCapacity(folder)).toEqual(spoilt('is not what diptych bench capacity writes'));
  });

  it.each<readonly [string, Partial<KeptCapacity>]>([
    ['endless', { units: 1e300 }],
    ['next to nothing', { units: 1e-300 }],
    ['less than nothing', { units: -5 }],
    ['of countless streams', { streams: 1e300 }],
    ['of streams without a picture', { stream: { width: 0, height: -1, fps: 30 } }],
  ])('is not taken where it is %s', async (_what, change) => {
    await writeCapacity(folder, { ...(await measured(2)), ...change });

    expect(await readCapacity(folder)).toEqual(spoilt('is not what diptych bench capacity writes'));
  });

  it('says so where it cannot be read', async () => {
    await mkdir(join(folder, 'capacity.json'));

    expect(await readCapacity(folder)).toEqual(spoilt('cannot be read'));
  });

  it('says so where there is no file', async () => {
    const problem = `it was not measured (there is no ${join(folder, 'capacity.json')})`;

    expect(await readCapacity(folder)).toEqual({ problem });
  });

  it('says so where nothing is kept', async () => {
    expect(await readCapacity(undefined)).toEqual({ problem: expect.stringContaining('state.folder') as string });
  });
});

it('knows what this machine has', async () => {
  const { cores, memoryMb, cpu } = await readHardware();

  expect(cores).toBeGreaterThanOrEqual(1);
  expect(memoryMb).toBeGreaterThan(100);
  expect(cpu).not.toBe('');
});
