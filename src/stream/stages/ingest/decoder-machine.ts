import type { ElementProperty } from '../../native/types.js';

/** What GStreamer has on this machine. */
export interface DecoderMachine {
  /** Whether an element is there. */
  has(element: string): boolean;
  /** Its rank: which of several GStreamer itself would take. */
  rankOf(element: string): number;
  /** Its properties; `undefined` where it is not there. */
  propertiesOf(element: string): readonly ElementProperty[] | undefined;
}
