import type { SubjectKind } from '../../../shared/domain/detection.js';
import { decodeBlazeface, decodeFullRangeFace } from './blazeface-decoder.js';
import type { Decoder } from './decoder.js';
import { decodeScrfd } from './scrfd-decoder.js';
import { createYolov8Decoder } from './yolov8-decoder.js';
import { decodeYunet } from './yunet-decoder.js';

/** Which decoder reads a model's outputs, as in the manifest. */
export type DecoderSpec =
  | { readonly type: 'yunet' | 'blazeface' | 'full-range-face' | 'scrfd' }
  | { readonly type: 'yolov8'; readonly classes: number; readonly keypoints: number };

/** The decoder for `spec`; `kind` is what the model's boxes enclose. */
export function createDecoder(spec: DecoderSpec, kind: SubjectKind): Decoder {
  switch (spec.type) {
    case 'yunet':
      return decodeYunet;
    case 'blazeface':
      return decodeBlazeface;
    case 'full-range-face':
      return decodeFullRangeFace;
    case 'scrfd':
      return decodeScrfd;
    case 'yolov8':
      return createYolov8Decoder({ kind, classes: spec.classes, keypoints: spec.keypoints });
  }
}
