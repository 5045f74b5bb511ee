import type { Box, Size } from '#domain/box.js';
import type { Detection, SubjectKind } from '#domain/detection.js';
import type { ErrorCode } from '#domain/errors.js';
import type { FrameHandle } from '#domain/frame.js';
import type { DecoderSpec } from './decoders.js';
import type { FrameDetectorOptions } from './frame-detector.js';

/** What the detector thread is started with. */
export interface DetectorSetup extends Omit<FrameDetectorOptions, 'decode'> {
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
  /** Memory of the gate that every call into ONNX Runtime passes (`inference/thread-gate.ts`). */
  readonly gate: SharedArrayBuffer;
  /** Size of the picture that the network is warmed up for. */
  readonly expectedPicture: Size;
}

export type DetectorRequest =
  | {
      readonly type: 'detect';
      readonly id: number;
      readonly handle: FrameHandle;
      readonly picture: Size;
      readonly hints: readonly Box[];
    }
  | { readonly type: 'close' };

/** `ready` comes once and first; then one `found` or `failed` for each `detect`, in order. */
export type DetectorReply =
  | { readonly type: 'ready' }
  | { readonly type: 'found'; readonly id: number; readonly detections: readonly Detection[] }
  /** Without `id`: the thread could not start. */
  | { readonly type: 'failed'; readonly id?: number; readonly code: ErrorCode; readonly message: string };
