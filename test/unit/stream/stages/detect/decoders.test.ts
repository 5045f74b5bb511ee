import { expect, it } from 'vitest';
import { decodeBlazeface, decodeFullRangeFace } from '#src/stream/stages/detect/blazeface-decoder.js';
import { createDecoder } from '#src/stream/stages/detect/decoders.js';
import { decodeScrfd } from '#src/stream/stages/detect/scrfd-decoder.js';
import { decodeYunet } from '#src/stream/stages/detect/yunet-decoder.js';
import { context, tensor } from './decoding-helpers.js';

it.each([
  ['yunet', decodeYunet],
  ['blazeface', decodeBlazeface],
  ['full-range-face', decodeFullRangeFace],
  ['scrfd', decodeScrfd],
] as const)('reads %s with its decoder', (type, decoder) => {
  expect(createDecoder({ type }, 'face')).toBe(decoder);
});

it('hands the kind and the channels to the YOLOv8 decoder', () => {
  const output = tensor(1, 6, 100);
  output.data[4 * 100] = 0.9;

  const [found] = createDecoder({ type: 'yolov8', classes: 2, keypoints: 0 }, 'person')([output], context(64, 64));

  expect(found).toMatchObject({ kind: 'person', score: expect.closeTo(0.9, 6) as unknown });
});
