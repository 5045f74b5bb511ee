import { readFile } from 'node:fs/promises';
import { FileMemo } from '../../../shared/files/file-memo.adapter.js';

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
  const [{ decodeOnnx }, { depthwiseShare, MANY_DEPTHWISE }, bytes] = await Promise.all([
    import('../../onnx/onnx-file.js'),
    import('../../onnx/depthwise-share.js'),
    readFile(path),
  ]);
  return depthwiseShare(decodeOnnx(bytes, path).graph) < MANY_DEPTHWISE;
}
