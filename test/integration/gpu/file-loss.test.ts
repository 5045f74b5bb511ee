import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSources } from '../stream/stages/detect/built-sources.js';
import { testBindingPath } from '../native/test-addon.js';
import { renderSmallScene, softEnvironment } from './soft-environment.js';

let folder: string;
let scene: string;

beforeAll(async () => {
  await buildSources();
  folder = await mkdtemp(join(tmpdir(), 'diptych-file-loss-'));
  scene = await renderSmallScene();
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs `body` in a process of its own, as the GPU stays lost, and gives the error that it ended with. */
async function failureOf(body: string): Promise<{ readonly code: string; readonly message: string }> {
  const program = `
    import { createRequire } from 'node:module';
    import { loadAddon } from './dist/stream/native/addon.adapter.js';
    import { openVideo } from './dist/offline/video-detections.js';
    import { renderFile } from './dist/offline/render.js';
    const addon = { ...loadAddon(), ...createRequire(import.meta.url)(${JSON.stringify(testBindingPath)}) };
    const signal = new AbortController().signal;
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const gpu = { use: 'require' };
    const [input, output] = ${JSON.stringify([scene, join(folder, 'out.mp4')])};
    const work = async () => { ${body} };
    const outcome = await work().then(() => ({}), ({ code, message }) => ({ code, message }));
    process.stdout.write('\\n' + JSON.stringify(outcome), () => process.exit(0));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, ...softEnvironment() },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as { code: string; message: string };
}

const LOST = {
  code: 'DIPTYCH_E_GPU_LOST',
  message: expect.stringMatching(/CUDA_ERROR.*; the result is not complete: run again with --gpu off$/) as string,
};

describe('a file whose GPU is lost on the way', () => {
  it('ends rendering with one error that says what to do', async () => {
    expect(
      await failureOf(
        `await renderFile({
           input, output, gpu, logger,
           onProgress: (frames) => { if (frames === 20) addon.injectFault(); },
         }, signal);`,
      ),
    ).toEqual(LOST);
  }, 120_000);

  it('ends tracking with the same', async () => {
    expect(
      await failureOf(
        `const { sets } = await openVideo(input, { reid: 'off', gpu }, signal);
         let frames = 0;
         for await (const set of sets) if (++frames === 20) addon.injectFault();`,
      ),
    ).toEqual(LOST);
  }, 120_000);
});
