import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { builtPath } from '#src/shared/package-root.js';
import type { LetterboxOptions } from '#src/stream/native/types.js';
import { testBindingPath } from '../native/test-addon.js';
import { addon, addonPath, randomPicture, withFrame } from './pictures.js';

const options: LetterboxOptions = { width: 96, height: 64, channels: 'RGB', mean: 0, scale: 1, pad: 0, order: 'nchw' };

it('vector and plain code give the same bits', async () => {
  const script = fileURLToPath(new URL('row-functions.mjs', import.meta.url));
  const digest = async (simd: string): Promise<string> => {
    const env = { ...process.env, DIPTYCH_SIMD: simd };
    const paths = [script, addonPath, testBindingPath, builtPath('shared/random.js')];
    return (await promisify(execFile)(process.execPath, paths, { env })).stdout;
  };

  const [fast, plain] = await Promise.all([digest('on'), digest('off')]);

  expect(fast).toMatch(/^[0-9a-f]{64}$/);
  expect(fast).toBe(plain);
});

it('worker threads use the handles of the main thread, several at a time', async () => {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    const addon = require(workerData.addonPath);
    (async () => {
      const tensor = new Float32Array(3 * workerData.options.width * workerData.options.height);
      for (let i = 0; i < 20; i += 1) {
        addon.letterbox(workerData.frame, workerData.options, tensor);
        const size = { width: 64, height: 64 };
        const box = { x: 0, y: 0, ...size };
        addon.release(await addon.compose(size, [{ frame: workerData.frame, crop: box, dest: box, alpha: 1 }]));
      }
      parentPort.postMessage(tensor);
    })();`;
  const expected = new Float32Array(3 * 96 * 64);

  await withFrame(randomPicture({ width: 333, height: 207 }, 21), 'NV12', async (frame) => {
    addon.letterbox(frame, options, expected);
    const workers = [1, 2, 3].map(() => new Worker(program, { eval: true, workerData: { addonPath, frame, options } }));
    const results = await Promise.all(
      workers.map(async (worker) => {
        const [tensor] = (await once(worker, 'message')) as [Float32Array];
        await worker.terminate();
        return tensor;
      }),
    );
    for (const tensor of results) expect(tensor).toEqual(expected);
  });
  expect(addon.liveFrames()).toBe(0);
});

it.each([
  { name: 'compositions', job: 'compose(size, [{ frame, crop: { ...box, x: 0.5 }, dest: box, alpha: 0.5 }])' },
  { name: 'JPEGs', job: 'encodeJpeg(frame, 80)' },
])('a worker that ends with $name under way takes nothing with it', async ({ job }) => {
  const program = `
    const { workerData } = require('node:worker_threads');
    const { addonPath, frame } = workerData;
    const addon = require(addonPath);
    const size = { width: 1920, height: 1080 };
    const box = { x: 0, y: 0, ...size };
    for (let i = 0; i < 10; i += 1) {
      addon.${job};
    }
    process.exit();`;

  await withFrame(randomPicture({ width: 333, height: 207 }, 21), 'I420', async (frame) => {
    for (let i = 0; i < 5; i += 1) {
      const worker = new Worker(program, { eval: true, workerData: { addonPath, frame } });
      await once(worker, 'exit');
    }
    // Comes last in the queue, so the jobs of the workers are done afterwards.
    addon.release(await addon.compose({ width: 2, height: 2 }, []));
  });

  expect(addon.liveFrames()).toBe(0);
});

it('a process ends while a job is under way, and waits for one that is awaited', async () => {
  const program = (end: string): string => `
    const addon = require(${JSON.stringify(addonPath)});
    addon.compose({ width: 1920, height: 1080 }, []).then((frame) => { addon.release(frame); console.log('composed'); });
    ${end}`;
  const run = (end: string): Promise<{ stdout: string }> => promisify(execFile)(process.execPath, ['-e', program(end)]);

  expect((await run('process.exit(0)')).stdout).toBe('');
  expect((await run('')).stdout).toBe('composed\n');
});
