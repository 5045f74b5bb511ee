import type { Box, Size } from '../../shared/domain/box.js';
import type { FrameFormat, FrameHandle, FrameMemory } from '../../shared/domain/frame.js';
import type {
  GpuOptions,
  GpuInfo,
  GpuTraffic,
  GpuMemory,
  GpuModelOptions,
  GpuModel,
  GpuCandidates,
  GpuEmbeddings,
} from './gpu-types.js';
import type { BusMessage } from './bus-types.js';
import type { VideoDevice } from './device-types.js';
import type { ElementProperty, LinkOptions } from './graph-types.js';
import type { OutputFence } from './fence-types.js';
import type { HostPins } from './host-types.js';
import type { MemoryCalls } from './memory-types.js';
import type { ComposeRegion, FillRegion, LetterboxMapping, LetterboxOptions } from './pixel-types.js';
import type { RtpCalls } from './rtp-types.js';

export type * from './bus-types.js';
export type * from './device-types.js';
export type * from './gpu-types.js';
export type * from './graph-types.js';
export type * from './memory-types.js';
export type * from './pixel-types.js';

/** A frame handed out by a sink element. Times in milliseconds of the shared running time. */
export interface NativeFrame extends Size {
  /** Owned by whoever gets the frame; `release` gives it back. */
  readonly handle: FrameHandle;
  /** Presentation time. */
  readonly ptsMs: number;
  /** Layout of the pixels. */
  readonly format: FrameFormat;
  /** Where the pixels lie. */
  readonly memory: FrameMemory;
  /** Clock running time when the sink got the buffer (so `arrivedMs − ptsMs` is the delay so far). */
  readonly arrivedMs: number;
}

/** Counts of a sink element since its graph was built. */
export interface SinkStats {
  /** Buffers that reached the sink. */
  readonly received: number;
  /** Not taken in time and replaced by a newer one. */
  readonly dropped: number;
  /** Of all buffers received. */
  readonly bytes: number;
  /** Buffers that depend on no other: of encoded video the keyframes. */
  readonly keyframes: number;
  /** PTS and time of arrival of the newest buffer, as in a frame; absent before the first. */
  readonly lastPtsMs?: number;
  /** When the newest buffer reached the sink. */
  readonly lastArrivedMs?: number;
}

/** Counts of a source element since its graph was built. */
export interface SourceStats {
  /** Buffers given to the graph, by frames and links. */
  readonly pushed: number;
  /** Of all buffers pushed. */
  readonly bytes: number;
  /** Buffers refused because the graph did not take them fast enough. */
  readonly dropped: number;
  /** Time between the oldest and the newest buffer now waiting, milliseconds. */
  readonly queuedMs: number;
  /** How long the oldest buffer has waited, milliseconds. */
  readonly waitedMs: number;
}

/**
 * The native addon, as TypeScript sees it. All calls are cheap and never wait for a graph;
 * what takes time returns a promise and runs on a thread of the addon. Wrong arguments
 * throw `TypeError` with one sentence: name, what was expected, what came.
 * Context-aware: frame handles may be used from any worker thread of the process.
 */
export interface NativeAddon extends HostPins, MemoryCalls, OutputFence, RtpCalls {
  /** Milliseconds of the running time that all graphs of the process share. */
  nowMs(): number;

  /**
   * Takes charge of the graph whose elements carry `graph=graphId`, before it is played:
   * sets the shared clock and base time, watches the bus. @throws if no such graph is alive.
   */
  attachGraph(graphId: string, onMessage: (message: BusMessage) => void): void;
  /** Sends EOS into the graph; the `eos` message follows when the sinks have it. */
  sendEos(graphId: string): void;
  /**
   * Sets the graph to NULL on another thread, drops its last reference, and resolves. Also
   * frees what a launch string that could not be built to its end left behind.
   */
  closeGraph(graphId: string): Promise<void>;
  /** Seeks to the beginning with a flush, on another thread (looping a file). */
  rewindGraph(graphId: string): Promise<void>;
  /**
   * Links the pads that the element `source` adds while it runs to branches of the graph: `branches`
   * has the caps that each takes, by the name of its first element; one pad to each, the first
   * that fits: the pad's caps say all that those of the branch say. `onPad` is called for each pad,
   * with the branch that it was linked to where there is one, and with `undefined` when all pads
   * are there (a pad may still be told just after).
   */
  linkBranches(
    graphId: string,
    source: string,
    branches: Readonly<Record<string, string>>,
    onPad: (pad: { readonly element?: string; readonly caps: string } | undefined) => void,
  ): void;
  /**
   * Gives a `udpsrc` of a graph that does not play yet a socket that takes what comes from this IP address and UDP port,
   * and nothing else. @returns the port of this machine that it takes it on; @throws where the system has none
   */
  connectSocket(graphId: string, element: string, host: string, port: number): number;
  /** Length of the file that reaches an element of the graph, ms; absent where it is not known, as of anything live. */
  mediaDurationMs(graphId: string, element: string): number | undefined;
  /**
   * Pictures that a decoder of the graph reported errors for, since the first call: what it made of them is shown with
   * mistakes, or not at all.
   */
  damagedPictures(graphId: string, element: string): number;
  /**
   * How often a keyframe was asked of what comes before an element with a pad `src`, since the first call for it, which
   * gives 0: depayloaders ask when packets were lost.
   */
  keyframeRequests(graphId: string, element: string): number;
  /**
   * Tells what follows an element with a pad `src`, which gives whole pictures of this codec with start codes, how they
   * are meant to be shown, by what they say themselves (SEI "display orientation"). From the first call on.
   *
   * @returns GStreamer's tag `image-orientation` that holds now, such as `rotate-0` or `flip-rotate-90`
   */
  tagOrientation(graphId: string, element: string, codec: 'h264' | 'h265'): string;
  /**
   * Names the files of a `splitmuxsink` by the wall clock of their first picture, in UTC:
   * `FOLDER/2026-11-29T08-15-30.125Z.mp4`; one that is taken gets `-2` and so on. Nothing is overwritten.
   * Each file gets a comment of `roomBytes` spaces (0 … 2²⁰): room in its index for what is known at its end.
   */
  nameSegments(graphId: string, element: string, folder: string, roomBytes: number): void;
  /**
   * What the source `follower` gives waits until `leader` has given its first buffer, and what lies before
   * that is dropped: both begin at the same time. Before the graph plays.
   */
  startTogether(graphId: string, leader: string, follower: string): void;
  /** The elements of a graph with their factory names, also those plugged by bins. */
  graphElements(graphId: string): readonly { readonly name: string; readonly factory: string }[];
  /**
   * Sets a property of an element; strings also for enumerations (by nick), caps and fractions.
   * @throws TypeError where there is none, or the value does not fit its type or range.
   */
  setProperty(graphId: string, element: string, property: string, value: string | number | boolean): void;
  /** Enumerations, caps and the like in their text form; null is a string that is not set. */
  getProperty(graphId: string, element: string, property: string): string | number | boolean | null;
  /** Whether the element factory exists here, and its rank. */
  elementInfo(factory: string): { readonly exists: boolean; readonly rank: number };

  /**
   * Frames (I420, NV12 or P010_10LE) of the element `diptychsink graph=… name=…`, to one listener, which
   * owns a reference to each. At most `max-frames` (2) wait, and the oldest is dropped for the
   * newest, unless the element has `drop=false`: then the graph waits until the frame before it
   * was taken and fewer than `max-held` (8; 0 is any number) of its frames are alive, and its
   * `eos` message comes after the last frame was taken.
   */
  onFrames(graphId: string, element: string, onFrame: (frame: NativeFrame) => void): void;
  /** Ends `onFrames`; frames that were waiting are released. */
  offFrames(graphId: string, element: string): void;
  /** Counts of a sink. @throws where there is no such graph or element. */
  sinkStats(graphId: string, element: string): SinkStats;
  /**
   * Pushes a frame into `diptychsrc`, pixels shared; takes its own reference. At most `max-queue-ms` (500) wait, and
   * the oldest is dropped for the newest. Caps and duration are those of the element's `caps` property (give it a
   * framerate: without one x264enc holds back a frame), else made from the frame.
   */
  pushFrame(graphId: string, element: string, handle: FrameHandle, ptsMs: number): void;
  /** Ends what `pushFrame` and links feed: EOS downstream. */
  endSource(graphId: string, element: string): void;
  /** Asks the encoder downstream of this source for an IDR picture with headers. */
  forceKeyUnit(graphId: string, element: string): void;
  /** Counts of a source. @throws where there is no such graph or element. */
  sourceStats(graphId: string, element: string): SourceStats;
  /**
   * Feeds every buffer of a sink into a source of another graph, without JavaScript: caps, PTS and flags kept. A full
   * queue drops up to the next keyframe (encoded video), or the oldest (raw). A link ends with either graph.
   */
  link(
    from: { readonly graphId: string; readonly element: string },
    to: { readonly graphId: string; readonly element: string },
    options: LinkOptions,
  ): void;
  /** Keeps what reaches a sink until it is linked for the first time; that link begins with it. At most 4096 buffers. */
  hold(from: { readonly graphId: string; readonly element: string }): void;
  /**
   * Pushes bytes into `diptychsrc`, copied; its `caps` property says what they are.
   * @param times - shared running time, ms. @defaultValue none: what follows makes the time stamps
   */
  pushBytes(
    graphId: string,
    element: string,
    bytes: Uint8Array,
    times?: { readonly ptsMs: number; readonly dtsMs?: number },
  ): void;

  /**
   * What `from` has fed is fed by the sink `to` from now on, whatever it was linked with: encoded
   * video goes on with the next keyframe of `to`. For a graph that takes the place of another.
   */
  moveLinks(
    from: { readonly graphId: string; readonly element: string },
    to: { readonly graphId: string; readonly element: string },
  ): void;

  /** One more reference to a frame. @throws where the handle is not alive. */
  retain(handle: FrameHandle): void;
  /** One reference less; the last one gives the memory back. @throws where the handle is not alive. */
  release(handle: FrameHandle): void;
  /** What is known of a frame that is alive. @throws where it is not. */
  frameInfo(handle: FrameHandle): NativeFrame;
  /** A frame from packed planes (no row padding), BT.709 limited range; for slates and tests. */
  createFrame(size: Size, format: FrameFormat, data: Uint8Array): FrameHandle;
  /** Packed planes of a frame (no row padding); for tests and tools only. */
  readFrame(handle: FrameHandle): Uint8Array;
  /** Brightness of every `step`-th pixel of every `step`-th row, row by row, 0 … 255. */
  lumaSketch(handle: FrameHandle, step: number): Uint8Array;
  /** Mean brightness of each square of `step` pixels (of every other row of it; cut at the edges), row by row, 0 … 255. */
  lumaMeans(handle: FrameHandle, step: number): Uint8Array;

  /**
   * Paints regions in order over black into a new I420 frame (BT.709, limited range; other sources are converted), on
   * the addon's compose threads, and gives its handle. Jobs begin in order. The sources may be released as soon as this
   * returns; rejects while 512 composed frames of the size are alive. Its PTS is that of the newest source.
   */
  compose(output: Size, regions: readonly (ComposeRegion | FillRegion)[]): Promise<FrameHandle>;
  /** Scales the picture, aspect kept and centred, into `tensor` (3·width·height floats). */
  letterbox(handle: FrameHandle, options: LetterboxOptions, tensor: Float32Array): LetterboxMapping;
  /**
   * Warps the picture by the 2×3 affine `matrix` (tensor → source, row-major, both in
   * coordinates where pixel k covers [k, k + 1)) into `tensor`, bilinear, edge replicated unless `outside` is `pad`.
   */
  warpAffine(
    handle: FrameHandle,
    matrix: readonly number[],
    options: Omit<LetterboxOptions, 'crop'>,
    tensor: Float32Array,
  ): void;
  /** The frame as JPEG, quality 1 … 100. */
  encodeJpeg(handle: FrameHandle, quality: number): Promise<Uint8Array>;

  /**
   * Opens an NVIDIA GPU: one a process; again gives the same. Rejects with an `Error` whose `code`
   * is `DIPTYCH_E_GPU` and whose message is one sentence that says what is missing. What fails
   * later because the GPU is lost or out of memory rejects with `code` `DIPTYCH_E_GPU_LOST`.
   */
  openGpu(options: GpuOptions): Promise<GpuInfo>;
  /** Why the GPU can't be used any more; `undefined` while it can. */
  gpuLostReason(): string | undefined;
  /** Bytes over the bus so far. @throws where no GPU is open. */
  gpuTraffic(): GpuTraffic;
  /** Memory of the GPU now. @throws where no GPU is open, or it is lost. */
  gpuMemory(): GpuMemory;
  /** The same picture in the GPU's memory; counted by `purpose`. @defaultValue setup */
  uploadFrame(handle: FrameHandle, purpose?: 'frame' | 'setup'): Promise<FrameHandle>;
  /**
   * As `compose`, painted by the GPU: NV12 left there (`cuda`), or brought down as I420 (`system`:
   * one copy). Sources in system memory are uploaded once and kept while their handle lives.
   */
  composeOnGpu(
    output: Size,
    regions: readonly (ComposeRegion | FillRegion)[],
    memory: FrameMemory,
  ): Promise<FrameHandle>;

  /**
   * Loads a network onto the GPU; it has run once with every batch size when this resolves. Opened
   * again with the same options it is the same network under another `id`, freed with the last:
   * each stream opens its own, because runs wait to be filled while several ids ask.
   */
  openGpuModel(options: GpuModelOptions): Promise<GpuModel>;
  /** Answers what was asked before, then frees the network. */
  closeGpuModel(id: number): Promise<void>;
  /** The frame need not outlive the call. `sketchStep` ≥ 1: the answer has its `lumaSketch` as well. */
  detectOnGpu(
    id: number,
    handle: FrameHandle,
    question: { readonly crop?: Box; readonly scoreThreshold: number; readonly sketchStep?: number },
  ): Promise<GpuCandidates>;
  /** `matrices`: six numbers a crop (tensor → source), at most 8 crops. */
  embedOnGpu(id: number, handle: FrameHandle, matrices: Float64Array): Promise<GpuEmbeddings>;

  /** Asks a V4L2 device what it has; a file that is no such device is not opened. */
  examineDevice(path: string): Promise<VideoDevice>;
  /** The properties of an element factory; `undefined` where there is no such factory. */
  elementProperties(factory: string): readonly ElementProperty[] | undefined;
  /** Has each of these elements made once, on a thread of its own: the first of a plugin waits until that is loaded. */
  loadElements(factories: readonly string[]): Promise<void>;
}
