/** Memory of the C library's allocator, bytes, V8's own heap not included. */
export interface HeapUsage {
  /** Allocated. */
  readonly usedBytes: number;
  /** Held for later: resident in part, and larger where allocations are scattered. */
  readonly freeBytes: number;
}

/** Calls about the memory of this process. */
export interface MemoryCalls {
  /** What the allocator of the C library holds for native code of this process; zeros where it does not tell. */
  heapUsage(): HeapUsage;
  /** Gives pages that the allocator holds free back to the system; threads that allocate may wait for some ms. */
  returnFreeMemory(): Promise<void>;
  /**
   * Takes code and constants of programs and libraries out of the memory of this process; what is used again comes
   * back from the system's file cache when it is. Libraries cannot be loaded for some ms. Resolves with the bytes that
   * were mapped; 0 where the system does not offer it.
   */
  unmapLoadedCode(): Promise<number>;
}
