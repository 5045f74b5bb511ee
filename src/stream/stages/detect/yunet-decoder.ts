import type { Point } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';
import { at, outputOfLength, toSourceBox, toSourcePoint, type Decoder } from './decoder.js';

const STRIDES = [8, 16, 32] as const;
const LANDMARKS = 5;

/**
 * YuNet: faces with five landmarks, anchor-free at strides 8, 16 and 32.
 *
 * Twelve outputs: class score, object score, box and landmarks, each at the three strides.
 * score = √(class · object), centre = (cell + b) · stride, size = exp(b) · stride,
 * landmark = (cell + k) · stride. The landmarks come in the order of `domain/detection.ts`.
 *
 * Source: W. Wu, H. Peng, S. Yu, “YuNet: A Tiny Millisecond-level Face Detector”, 2023.
 */
export const decodeYunet: Decoder = (outputs, { input, mapping, scoreThreshold }) => {
  const detections: Detection[] = [];
  // √(c·o) ≥ t exactly when c·o ≥ t²: no root for the thousands of empty cells.
  const productThreshold = scoreThreshold ** 2;
  for (const [level, stride] of STRIDES.entries()) {
    const columns = Math.floor(input.width / stride);
    const cells = columns * Math.floor(input.height / stride);
    const classes = outputOfLength(outputs, level, cells, 'YuNet');
    const objects = outputOfLength(outputs, level + 3, cells, 'YuNet');
    const boxes = outputOfLength(outputs, level + 6, cells * 4, 'YuNet');
    const points = outputOfLength(outputs, level + 9, cells * LANDMARKS * 2, 'YuNet');
    for (let cell = 0; cell < cells; cell++) {
      const product = clampToUnit(at(classes, cell)) * clampToUnit(at(objects, cell));
      if (product < productThreshold) continue;
      const column = cell % columns;
      const row = Math.floor(cell / columns);
      const centerX = (column + at(boxes, cell * 4)) * stride;
      const centerY = (row + at(boxes, cell * 4 + 1)) * stride;
      const halfWidth = (Math.exp(at(boxes, cell * 4 + 2)) * stride) / 2;
      const halfHeight = (Math.exp(at(boxes, cell * 4 + 3)) * stride) / 2;
      const landmarks: Point[] = [];
      for (let k = 0; k < LANDMARKS; k++) {
        const i = (cell * LANDMARKS + k) * 2;
        const x = (column + at(points, i)) * stride;
        const y = (row + at(points, i + 1)) * stride;
        landmarks.push(toSourcePoint(x, y, mapping));
      }
      detections.push({
        box: toSourceBox(centerX - halfWidth, centerY - halfHeight, centerX + halfWidth, centerY + halfHeight, mapping),
        score: Math.sqrt(product),
        kind: 'face',
        landmarks,
      });
    }
  }
  return detections;
};

/** The network's own sigmoid can leave [0, 1] by a rounding error. */
const clampToUnit = (value: number): number => Math.min(1, Math.max(0, value));
