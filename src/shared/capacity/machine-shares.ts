/** Parts of a machine that can be full. */
export const MACHINE_PARTS = ['cpu', 'memory', 'gpu', 'decoder'] as const;

/** Shares of what a machine has, 0 … 1. */
export interface MachineShares {
  /** Of all processor cores. */
  readonly cpu: number;
  /** Of its memory, or of its GPUs' where that is the larger share. */
  readonly memory: number;
  /** Of its GPUs, kernels; absent where that is not known. */
  readonly gpu?: number | undefined;
  /** Of their video decoders; absent where that is not known. */
  readonly decoder?: number | undefined;
}

/** From here on a part of a machine is full: what runs on it waits. */
export const FULL = 0.85;
