import type { Point } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';
import { at, outputOfLength, toSourceBox, toSourcePoint, type Decoder } from './decoder.js';

const STRIDES = [8, 16, 32] as const;
const ANCHORS_PER_CELL = 2;
const LANDMARKS = 5;

/**
 * SCRFD with landmarks: two anchors in each cell of strides 8, 16 and 32.
 *
 * Nine outputs: scores, boxes and landmarks, each at the three strides. A box is given by the
 * distances from the cell's corner point to its four sides, a landmark by its offset from that
 * point, both in units of the stride.
 *
 * Source: J. Guo et al., “Sample and Computation Redistribution for Efficient Face Detection”, 2021.
 */
export const decodeScrfd: Decoder = (outputs, { input, mapping, scoreThreshold }) => {
  const detections: Detection[] = [];
  for (const [level, stride] of STRIDES.entries()) {
    const columns = Math.floor(input.width / stride);
    const anchors = columns * Math.floor(input.height / stride) * ANCHORS_PER_CELL;
    const scores = outputOfLength(outputs, level, anchors, 'SCRFD');
    const boxes = outputOfLength(outputs, level + 3, anchors * 4, 'SCRFD');
    const points = outputOfLength(outputs, level + 6, anchors * LANDMARKS * 2, 'SCRFD');
    for (let anchor = 0; anchor < anchors; anchor++) {
      const score = at(scores, anchor);
      if (score < scoreThreshold) continue;
      const cell = Math.floor(anchor / ANCHORS_PER_CELL);
      const x = (cell % columns) * stride;
      const y = Math.floor(cell / columns) * stride;
      const landmarks: Point[] = [];
      for (let k = 0; k < LANDMARKS; k++) {
        const i = (anchor * LANDMARKS + k) * 2;
        landmarks.push(toSourcePoint(x + at(points, i) * stride, y + at(points, i + 1) * stride, mapping));
      }
      detections.push({
        box: toSourceBox(
          x - at(boxes, anchor * 4) * stride,
          y - at(boxes, anchor * 4 + 1) * stride,
          x + at(boxes, anchor * 4 + 2) * stride,
          y + at(boxes, anchor * 4 + 3) * stride,
          mapping,
        ),
        score: Math.min(1, score),
        kind: 'face',
        landmarks,
      });
    }
  }
  return detections;
};
