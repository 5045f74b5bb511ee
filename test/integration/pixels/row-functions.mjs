// Prints a digest of what the pixel functions make of random pictures. Run twice, with
// DIPTYCH_SIMD=off and without, by threads.test.ts: the switch is read once a process.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
const addon = { ...load(process.argv[2]), ...load(process.argv[3]) };

const { seededRandom } = await import(process.argv[4]);
const next = seededRandom(99);
const between = (least, most) => least + next() * (most - least);
const even = (least, most) => 2 * Math.round(between(least, most) / 2);

const digest = createHash('sha256');
for (let round = 0; round < 80; round += 1) {
  const size = { width: Math.round(between(1, 700)), height: Math.round(between(1, 400)) };
  const chroma = Math.ceil(size.width / 2) * Math.ceil(size.height / 2);
  const data = Uint8Array.from({ length: size.width * size.height + 2 * chroma }, () => next() * 256);
  const frame = addon.createFrame(size, round % 2 ? 'NV12' : 'I420', data);
  const output = { width: even(2, 500), height: even(2, 300) };
  const regions = [1, next()].map((alpha) => ({
    frame,
    crop: { x: between(-30, 200), y: between(-30, 200), width: between(1, 900), height: between(1, 600) },
    dest: { x: even(-40, 100), y: even(-40, 100), width: even(2, 600), height: even(2, 400) },
    alpha,
  }));
  const composed = await addon.compose(output, regions);
  digest.update(addon.readFrame(composed));
  addon.release(composed);

  const options = {
    width: Math.round(between(1, 200)),
    height: Math.round(between(1, 200)),
    channels: 'BGR',
    order: round % 3 ? 'nchw' : 'nhwc',
    mean: 127.5,
    scale: 1 / 128,
    pad: 114,
  };
  const tensor = new Float32Array(3 * options.width * options.height);
  addon.letterbox(frame, options, tensor);
  digest.update(tensor);
  addon.letterbox(frame, { ...options, crop: regions[0].crop }, tensor);
  digest.update(tensor);
  addon.warpAffine(frame, [between(-2, 2), next(), 50, next(), between(-2, 2), 50], options, tensor);
  digest.update(tensor);
  digest.update(String(addon.sharpness(frame, regions[0].crop)));
  addon.release(frame);
}
process.stdout.write(digest.digest('hex'));
