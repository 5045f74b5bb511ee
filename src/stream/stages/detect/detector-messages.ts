import type { Box, Size } from '../../../shared/domain/box.js';
import type { SubjectKind } from '../../../shared/domain/detection.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { DecoderSpec } from './decoders.js';
import type { FrameDetectorOptions } from './frame-detector.js';
import type { TensorFinderOptions } from './tensor-finder.js';

/** What the detector thread is started with. */
export interface DetectorSetup extends FrameDetectorOptions, Omit<TensorFinderOptions, 'decode'> {
  /** Absolute path of the .onnx file. */
  readonly path: string;
  readonly threads: number;
  readonly decoder: DecoderSpec;
  readonly kind: SubjectKind;
  readonly inputName?: string | undefined;
  readonly outputNames?: readonly string[] | undefined;
  readonly pixels: {
    readonly channels: 'BGR' | 'RGB';
    readonly order: 'nchw' | 'nhwc';
    readonly mean: number;
    readonly scale: number;
    readonly pad: number;
  };
  /** Size of the picture that the network is warmed up for. */
  readonly expectedPicture: Size;
}

/** One frame to detect on. */
export interface DetectRequest {
  readonly handle: FrameHandle;
  readonly picture: Size;
  readonly hints: readonly Box[];
}
