/** What is the matter with the pictures of a source that is received. */
export interface PictureTrouble {
  /**
   * `waiting_for_keyframe`: packets come, and decoding can begin with the next keyframe only · `overloaded`: the
   * decoder could not follow, and what it was late for was dropped up to a keyframe.
   */
  readonly kind: 'waiting_for_keyframe' | 'overloaded';
  /** Running time, ms. */
  readonly sinceMs: number;
}
