import { readFile } from 'node:fs/promises';
import { FileMemo } from '../../../shared/files/file-memo.adapter.js';

/**
 * Share of depthwise convolutions from which on a network keeps its channels as they are. With channels innermost cuDNN
 * makes a kernel for each depthwise convolution and each size of batch: BlazeFace (46 % of its convolutions) opens in
 * 7.7 s on an H200 as shipped and in 16 s with any number of pictures, without in 2.9 and 2.5 s; a run of eight pictures
 * takes 1.25 ms instead of 0.97. A network without them, such as YOLOv8, opens quickly either way, and runs a fifth
 * faster with channels innermost. YuNet has 39 %, MoveNet and SCRFD a third, YOLOv8-lite-t-face 24 %, and YOLO11 a few in
 * its head. Measured by `bash run.sh forms` of test/bench/gpu/.
 */
const MOST_DEPTHWISE = 0.25;

/** Decides for networks whether the CUDA provider is to keep their channels innermost; reads each file once. */
export class ChannelOrder {
  readonly #decisions = new FileMemo<boolean>();

  /** Whether channels are better innermost. True for a file that cannot be read: whoever opens it says what is wrong. */
  isLast(path: string): Promise<boolean> {
    return this.#decisions.of(path, () => decide(path).catch(() => true));
  }
}

/** Weights are not looked at: 22 MB take 1 to 7 ms, 80 convolutions of MoveNet up to 20. */
async function decide(path: string): Promise<boolean> {
  // Only then: what reads networks would take 2 MB of each stream process without a GPU.
  const [{ decodeOnnx }, { depthwiseShare }, bytes] = await Promise.all([
    import('../../onnx/onnx-file.js'),
    import('../../onnx/depthwise-share.js'),
    readFile(path),
  ]);
  return depthwiseShare(decodeOnnx(bytes, path).graph) < MOST_DEPTHWISE;
}
