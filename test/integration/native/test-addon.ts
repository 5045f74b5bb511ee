import { createRequire } from 'node:module';
import type { Box } from '#src/shared/domain/box.js';
import type { FrameHandle } from '#src/shared/domain/frame.js';
import { packagePath } from '#src/shared/package-root.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import type { LetterboxMapping, LetterboxOptions, NativeAddon } from '#src/stream/native/types.js';

/** For threads and processes that load it themselves: what tests and benchmarks call beside the addon. */
export const testBindingPath = packagePath('native/test/binding/build/Release/diptych_test.node');

/** What one run of a network took: medians and p95 of the last 512 runs. */
export interface GpuModelStats {
  readonly runs: number;
  readonly frames: number;
  /** Waiting to fill the batch, letterbox + network + decoding on the GPU (by events), whole call; ms. */
  readonly waitMs: Spread;
  readonly deviceMs: Spread;
  readonly totalMs: Spread;
}

interface Spread {
  readonly p50: number;
  readonly p95: number;
}

interface LinkEnd {
  readonly graphId: string;
  readonly element: string;
}

/** Calls of native/test/binding, over the same frames, graphs, GPU and networks as the addon's own. */
export interface TestCalls {
  /** How many handles are alive: 0 in a process at rest. */
  liveFrames(): number;
  /** Ends a link; one that is none is ignored. */
  unlink(from: LinkEnd, to: LinkEnd): void;
  /** Variance of the Laplacian of the luma in the box: low means blurred. */
  sharpness(handle: FrameHandle, box: Box): number;
  /** Breaks the GPU's context by an illegal access, as a failing GPU would. */
  injectFault(): void;
  /** As `letterbox` on a frame in the GPU's memory, brought down. */
  letterboxOnGpu(handle: FrameHandle, options: LetterboxOptions, tensor: Float32Array): Promise<LetterboxMapping>;
  /** As `warpAffine` on a frame in the GPU's memory, brought down. */
  warpAffineOnGpu(
    handle: FrameHandle,
    matrix: readonly number[],
    options: Omit<LetterboxOptions, 'crop'>,
    tensor: Float32Array,
  ): Promise<void>;
  gpuModelStats(id: number): GpuModelStats;
  /** Takes the listener of a sink while its graph waits for it; what the wait threw. */
  loseListenerWhileWaiting(): string | undefined;
}

let addon: (NativeAddon & TestCalls) | undefined;

/** The addon that the product loads, and the calls that only tests and benchmarks make. */
export function loadTestAddon(): NativeAddon & TestCalls {
  addon ??= { ...loadAddon(), ...(createRequire(import.meta.url)(testBindingPath) as TestCalls) };
  return addon;
}
