import type { ElementProperty } from '../../native/types.js';

/** What GStreamer has on this machine. */
export interface DecoderMachine {
  /** Whether an element exists. */
  has(element: string): boolean;
  /** Its rank: GStreamer takes the element of the highest rank; 0 for one that does not exist. */
  rankOf(element: string): number;
  /** Its properties; `undefined` where it does not exist. */
  propertiesOf(element: string): readonly ElementProperty[] | undefined;
}
