import type { Box, Size } from '../../../shared/domain/box.js';
import type { DetectionSet, SubjectKind } from '../../../shared/domain/detection.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { DecoderSpec } from './decoders.js';
import type { FrameDetectorOptions } from './frame-detector.js';
import type { TensorFinderOptions } from './tensor-finder.js';

/** A network, and how its input is made and its outputs are read. */
export interface NetworkSetup extends Omit<TensorFinderOptions, 'decode'>, Pick<FrameDetectorOptions, 'inputSize'> {
  /** Absolute path of the .onnx file. */
  readonly path: string;
  /** Threads of one inference, ≥ 1. */
  readonly threads: number;
  /** How its outputs are read. */
  readonly decoder: DecoderSpec;
  /** What its boxes enclose. */
  readonly kind: SubjectKind;
  /** Name of the network's input. @defaultValue the first input */
  readonly inputName?: string | undefined;
  /** Names of its outputs. @defaultValue all of them, in their order */
  readonly outputNames?: readonly string[] | undefined;
  /** How pixels become numbers of the tensor, as in the manifest. */
  readonly pixels: {
    readonly channels: 'BGR' | 'RGB';
    readonly order: 'nchw' | 'nhwc';
    readonly mean: number;
    readonly scale: number;
    readonly pad: number;
  };
}

/** A network that finds the keypoints of one person at a time. */
export interface PoseSetup extends Pick<NetworkSetup, 'path' | 'threads' | 'inputName' | 'outputNames'> {
  /** How pixels become numbers of the tensor, as in the manifest. */
  readonly pixels: NetworkSetup['pixels'] & { readonly order: 'nchw' };
  /** Size of its input, pixels. */
  readonly inputSize: Size;
  /** People in one run, at most. */
  readonly maxBatch: number;
}

/** What the detector thread is started with. */
export interface DetectorSetup extends FrameDetectorOptions, NetworkSetup {
  /** See `Detector.isThrifty`. @defaultValue false */
  readonly isThrifty?: boolean | undefined;
  /** Finds the faces of people whose bodies are found. @defaultValue faces are not looked for */
  readonly faces?: NetworkSetup | undefined;
  /** Finds head and gaze of those people. @defaultValue they are as the detector gives them */
  readonly pose?: PoseSetup | undefined;
  /** Size of the picture that the network is warmed up for, pixels. */
  readonly expectedPicture: Size;
}

/** One frame to detect on. */
export interface DetectRequest {
  /** Retained until the answer is there. */
  readonly handle: FrameHandle;
  /** Size of the frame, pixels. */
  readonly picture: Size;
  /** Of the frame, milliseconds. */
  readonly ptsMs: number;
  /** Expected boxes of people, pixels of the frame. */
  readonly hints: readonly Box[];
  /** Those of the set-up, as they are now. */
  readonly thresholds: Pick<DetectorSetup, 'scoreThreshold' | 'nmsIou'>;
}

/** What was found in it. */
export type DetectAnswer = Pick<DetectionSet, 'detections' | 'poses'>;
