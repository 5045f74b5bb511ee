import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findProgram, requireProgram, requirePrograms } from '#src/shared/programs/find-program.adapter.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-programs-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function makeProgram(name: string, mode = 0o755): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, mode);
  return path;
}

describe('findProgram', () => {
  it('takes the first executable file on PATH', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const path = await makeProgram('gst-launch-1.0');

    expect(findProgram('gst-launch-1.0', { PATH: `${empty}::${folder}` })).toBe(path);
  });

  it('passes over what cannot be started', async () => {
    await makeProgram('ffmpeg', 0o644);
    await mkdir(join(folder, 'gst-launch-1.0'));
    await symlink('/nowhere', join(folder, 'npm'));

    expect(findProgram('ffmpeg', { PATH: folder })).toBeUndefined();
    expect(findProgram('gst-launch-1.0', { PATH: folder })).toBeUndefined();
    expect(findProgram('npm', { PATH: folder })).toBeUndefined();
    expect(findProgram('ffmpeg', {})).toBeUndefined();
  });

  it('finds system tools that are not on PATH', () => {
    expect(findProgram('ldconfig', { PATH: folder })).toMatch(/\/sbin\/ldconfig$/);
  });

  it('takes the executable that a variable names, and no other', async () => {
    const named = await makeProgram('my-browser');
    const onPath = await makeProgram('chromium-browser');

    expect(findProgram('Chromium', { PATH: folder, CHROMIUM: named })).toBe(named);
    expect(findProgram('Chromium', { PATH: folder, CHROMIUM: '/nowhere/browser' })).toBeUndefined();
    expect(findProgram('Chromium', { PATH: folder, CHROMIUM: '' })).toBe(onPath);
  });
});

it('tells all programs that are missing at once', async () => {
  await makeProgram('npm');
  vi.stubEnv('PATH', folder);

  expect(requireProgram('npm')).toBe(join(folder, 'npm'));
  expect(() => requireProgram('ffmpeg')).toThrow(
    expect.objectContaining({
      code: 'DIPTYCH_E_PROGRAM_MISSING',
      message: expect.stringContaining('ffmpeg') as string,
    }),
  );
  expect(() => requirePrograms(['npm', 'ffmpeg', 'gst-launch-1.0'])).toThrow(
    'ffmpeg and gst-launch-1.0 are not installed; apt-get install ffmpeg gstreamer1.0-tools',
  );
  expect(() => requirePrograms(['npm'])).not.toThrow();
});
