/** What a graph's bus said, as plain data. */
export type BusMessage =
  | {
      readonly type: 'error' | 'warning';
      /** GStreamer's error domain, e.g. `gst-resource-error-quark`. */
      readonly domain: string;
      readonly code: number;
      /** Name of the element that posted it. */
      readonly element: string;
      readonly text: string;
      readonly debug: string;
    }
  | { readonly type: 'eos' }
  | { readonly type: 'latency' }
  | { readonly type: 'state'; readonly from: string; readonly to: string }
  /** A file that a `splitmuxsink` has begun or completed; the running time of its first picture, or of its end. */
  | {
      readonly type: 'segment';
      readonly location: string;
      readonly isComplete: boolean;
      readonly runningTimeMs: number;
    }
  /** Tags an element found, e.g. `video-codec`, `audio-codec`, as strings. */
  | { readonly type: 'tags'; readonly element: string; readonly tags: Readonly<Record<string, string>> };
