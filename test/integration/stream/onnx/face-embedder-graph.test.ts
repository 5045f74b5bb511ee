import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OnnxSession } from '#src/stream/inference/onnx-session.adapter.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { extractAllFromNpmPackage } from '#src/stream/models/npm-package.adapter.js';
import { seededRandom } from '#src/shared/random.js';
import { readTfjsWeights, type WeightMap } from '#src/stream/onnx/tfjs-weights.js';
import { describeFace } from './reference-descriptor.js';

const SIDE = 150;

async function publishedWeights(): Promise<WeightMap> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-weights-'));
  const [manifest, data] = ['manifest.json', 'weights.bin'].map((name) => join(folder, name)) as [string, string];
  const model = 'model/face_recognition_model';
  try {
    await extractAllFromNpmPackage(
      new Map([
        [`${model}-weights_manifest.json`, manifest],
        [`${model}.bin`, data],
      ]),
      { spec: '@vladmandic/face-api@1.7.15', npm: 'npm', timeoutMs: 90_000 },
    );
    return readTfjsWeights(await readFile(manifest, 'utf8'), await readFile(data));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Soft blobs of colour and some noise, RGB planes, 0 … 255; the same for the same seed. */
function picture(seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE) % SIDE];
    const plane = Math.floor(i / SIDE / SIDE);
    return (
      120 + 60 * Math.sin((x * (seed + plane)) / 30) + 50 * Math.cos((y * (seed + 2 * plane)) / 40) + 20 * random()
    );
  });
}

it('computes what the published weights say, one picture or several at a time', async () => {
  const weights = await publishedWeights();
  const { path } = await new ModelStore({ modelDir: undefined }).fetch('dlib-face-descriptor');
  const session = await OnnxSession.open({ path, threads: 1 });
  const pictures = [picture(1), picture(2)];
  const batch = new Float32Array(pictures.flatMap((each) => [...each]));

  const [together] = await session.run(batch, [2, 3, SIDE, SIDE]);
  const [alone] = await session.run(pictures[0]!, [1, 3, SIDE, SIDE]);
  await session.close();

  expect(together!.dims).toEqual([2, 128]);
  for (const [i, each] of pictures.entries()) {
    const expected = describeFace(each, weights);
    const found = together!.data.slice(i * 128, (i + 1) * 128);
    // Numbers of about 0.1; another network or other weights would be as far off as that.
    expect(Math.max(...expected.map((value, k) => Math.abs(value - found[k]!)))).toBeLessThan(1e-4);
    expect(Math.hypot(...expected)).toBeGreaterThan(0.5);
  }
  alone!.data.forEach((value, k) => expect(value).toBeCloseTo(together!.data[k]!, 5));
}, 120_000);
