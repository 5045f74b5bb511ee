import type { NativeAddon } from '../../native/types.js';
import type { DecoderMachine } from './decoder-machine.js';

/** What GStreamer has here. */
export function thisMachine(addon: NativeAddon): DecoderMachine {
  return {
    has: (element) => addon.elementInfo(element).exists,
    rankOf: (element) => addon.elementInfo(element).rank,
    propertiesOf: (element) => addon.elementProperties(element),
  };
}
