/** Memory of the C library's allocator, bytes, V8's own heap not included. */
export interface HeapUsage {
  /** Allocated. */
  readonly usedBytes: number;
  /** Held for later: resident in part, and larger where allocations are scattered. */
  readonly freeBytes: number;
}
