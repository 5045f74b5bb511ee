/** How a sink feeds a source of another graph. */
export interface LinkOptions {
  /**
   * How much may wait in the source, ms. Higher bridges longer pauses of who takes it, and what leaves may be that
   * late; lower drops sooner.
   */
  readonly maxQueueMs: number;
  /** Encoded video begins with its next keyframe, which is asked for. */
  readonly startOnKeyframe: boolean;
  /**
   * The queue is full where what waits covers more than `maxQueueMs` (`span`), or where the oldest has waited for
   * longer (`wait`: a burst may wait as a whole while it is worked off). @defaultValue span
   */
  readonly limit?: 'span' | 'wait';
  /**
   * `oldest`: a full queue of encoded video drops what waits before its newest keyframe, in place of what comes, so
   * that nothing leaves it later than `maxQueueMs`; with `limit: 'span'` only. @defaultValue newest
   */
  readonly drop?: 'newest' | 'oldest';
  /**
   * When a keyframe of encoded video comes and the oldest has waited for longer than this, ms, all that waits is dropped:
   * nothing is missed that a viewer would wait for. Lower keeps the delay smaller, higher keeps more pictures.
   * @defaultValue it waits
   */
  readonly skipAfterMs?: number;
  /** Taken from all time stamps, ms, of what was held too; negative puts them off. @defaultValue 0 */
  readonly advanceMs?: number;
}

/** What an element says of one of its properties. */
export interface ElementProperty {
  /** As `gst-inspect-1.0` shows it. */
  readonly name: string;
  /** GType name, e.g. `guint`, `gboolean`, `GstNvPreset`. */
  readonly type: string;
  /** Whether it can be set. */
  readonly isWritable: boolean;
  /** Nicks of an enumeration. */
  readonly choices?: readonly string[];
  /** Of a number. */
  readonly minimum?: number;
  /** Of a number; inclusive, as `minimum`. */
  readonly maximum?: number;
}
