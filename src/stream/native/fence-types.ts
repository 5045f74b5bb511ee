/** Of the native addon: until when this process may publish and record. */
export interface OutputFence {
  /**
   * From now on the deadline in this file counts, for the whole process. The same path again does nothing.
   *
   * @throws where the file cannot be mapped
   */
  openFence(path: string): void;
  /** Whether the deadline has passed; false without a fence. */
  isFencePast(): boolean;
  /**
   * Past the deadline nothing passes the pad of the element, which posts an error then: GStreamer's threads see to that,
   * whatever this one does. Does nothing without a fence.
   *
   * @param output - `connection`: it is cut, and what waits in the kernel is not sent · `file`: it gets nothing more
   */
  fenceOutput(graphId: string, element: string, pad: string, output: 'connection' | 'file'): void;
}
