import { afterEach, describe, expect, it } from 'vitest';
import { firstValueFrom, take } from 'rxjs';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import type { LetterboxOptions, NativeFrame } from '#src/stream/native/types.js';
import { addon, composed, firstDifference, plainPicture, unpacked, whole, withFrame } from './pictures.js';
import { referenceLetterbox } from './reference-tensors.js';
import { BT601, BT709, referenceCompose, type ReferenceColours } from './reference.js';

const size = { width: 160, height: 90 };

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

/** A frame as a camera of that colorimetry gives it. */
async function withCamera(caps: string, use: (frame: NativeFrame) => Promise<void>): Promise<void> {
  const graph = await Graph.fromLaunch(
    `# {graph} string: id
     videotestsrc num-buffers=1 pattern=smpte75
     ! video/x-raw,width=${size.width},height=${size.height},${caps}
     ! diptychsink graph={graph} name=video`,
  );
  try {
    const frame = firstValueFrom(graph.frames('video').pipe(take(1)));
    graph.play();
    const received = await frame;
    try {
      await use(received);
    } finally {
      addon.release(received.handle);
    }
  } finally {
    await graph.close();
  }
}

// GStreamer's notation: range : matrix : transfer : primaries.
const cameras: readonly { name: string; caps: string; colours: ReferenceColours }[] = [
  { name: 'BT.601 (I420)', caps: 'format=I420,colorimetry=bt601', colours: BT601 },
  {
    name: 'BT.601, full range (NV12)',
    caps: 'format=NV12,colorimetry=(string)1:4:0:0',
    colours: { ...BT601, fullRange: true },
  },
  {
    name: 'BT.709, full range (I420)',
    caps: 'format=I420,colorimetry=(string)1:3:5:1',
    colours: { ...BT709, fullRange: true },
  },
  { name: 'BT.709 (NV12)', caps: 'format=NV12,colorimetry=bt709', colours: BT709 },
];

describe.each(cameras)('a source of $name', ({ caps, colours }) => {
  it.each([1, 0.4])('is composed as BT.709, limited range (alpha %d)', async (alpha) => {
    await withCamera(caps, async (frame) => {
      const picture = unpacked(size, frame.format, addon.readFrame(frame.handle));
      const output = { width: 120, height: 70 };
      const region = {
        crop: { x: 3.3, y: 5.1, width: 100.2, height: 60.7 },
        dest: { x: -6, y: 4, width: 110, height: 80 },
        alpha,
      };
      const isBt709 = colours === BT709;
      const expected = referenceCompose(output, [{ ...region, picture, ...(isBt709 ? {} : { colours }) }]);

      const actual = await composed(output, [{ ...region, frame: frame.handle }]);

      expect(firstDifference(actual, expected)).toBeUndefined();
    });
  });

  it('becomes a tensor of the same colours before and after', async () => {
    await withCamera(caps, async (frame) => {
      const options: LetterboxOptions = { ...size, channels: 'RGB', mean: 0, scale: 1, pad: 0, order: 'nchw' };
      const before = new Float32Array(3 * size.width * size.height);
      const after = new Float32Array(3 * size.width * size.height);
      const picture = unpacked(size, frame.format, addon.readFrame(frame.handle));

      addon.letterbox(frame.handle, options, before);
      const copy = await addon.compose(size, [{ frame: frame.handle, crop: whole(size), dest: whole(size), alpha: 1 }]);
      addon.letterbox(copy, options, after);
      addon.release(copy);

      expect(firstDifference(before, referenceLetterbox(picture, options, colours).tensor)).toBeUndefined();
      // In the middle of the bars; at their borders chroma is shared by luma of two colours.
      for (let bar = 0; bar < 7; bar += 1) {
        for (const plane of [0, 1, 2]) {
          const at = plane * size.width * size.height + 20 * size.width + Math.round(((bar + 0.5) * size.width) / 7);
          expect(Math.abs((after[at] ?? NaN) - (before[at] ?? NaN))).toBeLessThanOrEqual(3);
        }
      }
    });
  });
});

it('frames from packed planes are BT.709, limited range, at any size', async () => {
  const picture = plainPicture(size, [63, 102, 240]);
  const tensor = new Float32Array(3);
  await withFrame(picture, 'I420', (frame) =>
    addon.letterbox(frame, { width: 1, height: 1, channels: 'RGB', mean: 0, scale: 1, pad: 0, order: 'nchw' }, tensor),
  );
  expect(Math.abs((tensor[0] ?? NaN) - 255)).toBeLessThanOrEqual(2);
  expect(Math.max(tensor[1] ?? NaN, tensor[2] ?? NaN)).toBeLessThanOrEqual(2);
});
