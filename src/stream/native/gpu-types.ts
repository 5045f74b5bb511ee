import type { LetterboxMapping, LetterboxOptions } from './pixel-types.js';

/** Which GPU is opened, and where its kernels come from. */
export interface GpuOptions {
  /** As nvidia-smi counts, from 0. */
  readonly device: number;
  /** Folder of the kernels' sources: native/kernels. */
  readonly kernels: string;
  /** Folder where compiled kernels are kept. */
  readonly cache: string;
  /** Libraries to open instead of the usual ones. */
  readonly libcuda?: string;
  /** Compiles the kernels (NVRTC). */
  readonly libnvrtc?: string;
}

/** The GPU that was opened. */
export interface GpuInfo {
  /** As the driver calls it, e.g. `NVIDIA H200`. */
  readonly name: string;
  /** Compute capability, e.g. `9.0`. */
  readonly capability: string;
  /** Highest CUDA version of the driver, e.g. `13.0`. */
  readonly driver: string;
  /** Memory of the device, all processes. */
  readonly totalBytes: number;
  /** `NVRTC 13.0`, or `cache` where they were compiled before. */
  readonly kernelsFrom: string;
  /** Whether GStreamer's elements are given our context; `own`: libgstcuda (1.22 and up) is missing. */
  readonly gstreamer: 'shared' | 'own';
}

/** Bytes over the bus since `openGpu`, by what they are for. */
export interface GpuTraffic {
  /** From the host's memory to the device's. */
  readonly toDevice: GpuBytes;
  /** From the device's memory to the host's. */
  readonly toHost: GpuBytes;
}

/** Bytes of one direction, since the GPU was opened. */
export interface GpuBytes {
  /** Pixels of frames. */
  readonly frame: number;
  /** Candidates, embeddings, and what they are asked for with. */
  readonly result: number;
  /** Once: slates, labels, weights. */
  readonly setup: number;
}

/** Memory of the device now, bytes. */
export interface GpuMemory {
  /** Of the GPU, all processes. */
  readonly freeBytes: number;
  /** Of the device. */
  readonly totalBytes: number;
  /** Allocated by our own buffers. */
  readonly ownBytes: number;
}

/** How the outputs of a detector become candidates on the GPU; as the decoders of src/stages/detect. */
export type GpuDecode =
  | { readonly type: 'yolov8'; readonly classes: number; readonly keypoints: number }
  | { readonly type: 'scrfd'; readonly strides: readonly number[]; readonly anchorsPerCell: number }
  | { readonly type: 'yunet'; readonly strides: readonly number[] }
  /** `anchors`: centre x, centre y of each, fractions of the input; `keypoints` of 2 numbers each. */
  | { readonly type: 'blazeface'; readonly anchors: Float32Array; readonly keypoints: number };

/** A network, what it runs on, and how its input and outputs are read. */
export interface GpuModelOptions {
  /** Absolute path of the .onnx file. */
  readonly path: string;
  /** libonnxruntime.so.1 of onnxruntime-node. */
  readonly library: string;
  /** `cpu` runs where the device is a stand-in whose memory is the host's (tests). */
  readonly provider: 'cuda' | 'tensorrt' | 'cpu';
  /**
   * Calculates with all 24 bits of a 32-bit float: not in TF32, and not in FP16 where TensorRT likes
   * to. TensorRT's own use of TF32 is up to it. @defaultValue false
   */
  readonly isExact?: boolean;
  /**
   * Has the CUDA provider keep channels innermost, which tensor cores want, where the network can run so and is not
   * exact. @defaultValue true
   */
  readonly channelsLast?: boolean;
  /** Where TensorRT keeps its engines. */
  readonly cache?: string;
  /** Name of the graph's image input. */
  readonly inputName: string;
  /** Names of the graph's outputs, in the order that `decode` expects. */
  readonly outputNames: readonly string[];
  /** Size of the network's input and how pixels become its numbers; `crop` comes with each question. */
  readonly input: Omit<LetterboxOptions, 'crop'>;
  /** Frames in one run, 1 … 32, of an embedder at most 8; 1 where the graph has no dynamic batch. */
  readonly maxBatch: number;
  /**
   * A run waits this long to be filled, ms; only while more than one stream asks, or 0.2 ms of it for
   * the other parts of a frame.
   */
  readonly maxWaitMs: number;
  /** Of a detector; without it `embed` is what the model is for. */
  readonly decode?: GpuDecode;
  /** Numbers of one embedding. */
  readonly embeddingLength?: number;
}

/** A network that is loaded and has run once. */
export interface GpuModel {
  /** Names it in later calls. */
  readonly id: number;
  /** What runs it; not always what was asked for: TensorRT may be missing. */
  readonly provider: 'cuda' | 'tensorrt' | 'cpu';
  /** Whether runs are replayed as a CUDA graph, and why not. */
  readonly graph: { readonly isUsed: boolean; readonly reason: string };
  /** Frames in one run, at most. */
  readonly maxBatch: number;
}

/**
 * What a detector found: `stride` numbers a candidate, rising by anchor: score, left, top, right,
 * bottom in pixels of the network's input, index of the anchor, then x and y of each keypoint.
 * BlazeFace's square and points are as the network gives them: neither cut to the face nor with
 * corners of the mouth.
 */
export interface GpuCandidates {
  /** From the network's input to pixels of the source. */
  readonly mapping: LetterboxMapping;
  /** Numbers of one candidate: 6, and 2 for each keypoint. */
  readonly stride: number;
  /** `stride` numbers a candidate, at most 256 candidates. */
  readonly values: Float32Array;
  /** More than 256 had the score; the weakest were left out. */
  readonly isCut: boolean;
  /** As `lumaSketch` gives it, where it was asked for. */
  readonly sketch?: Uint8Array;
}

/** What an embedder gave for the crops of one frame, in their order. */
export interface GpuEmbeddings {
  /** One behind the other. */
  readonly embeddings: Float32Array;
  /** As `alignedSharpness` of src/stages/reid, of each crop's green plane. */
  readonly sharpness: Float64Array;
}
