import type { GpuConfig } from '../../../shared/config/schema.js';
import type { NativeAddon } from '../../native/types.js';
import type { DecoderMachine } from './decoder-machine.js';

type ElementProperties = ReturnType<NativeAddon['elementProperties']>;

/**
 * By name of the element. GStreamer makes an element to read them, which takes a decoder of a GPU some 50 ms, in which
 * no other stream of the process goes on; they do not change while the process lives.
 */
const propertiesRead = new Map<string, ElementProperties>();

/** Of plugins that have elements only where the hardware is there. */
const OF_HARDWARE = /^(nv|va|v4l2)/;

/** What GStreamer has here. */
export function thisMachine(addon: Pick<NativeAddon, 'elementInfo' | 'elementProperties'>): DecoderMachine {
  const propertiesOf = (element: string): ElementProperties => {
    if (!propertiesRead.has(element)) propertiesRead.set(element, addon.elementProperties(element));
    return propertiesRead.get(element);
  };
  return {
    // GStreamer keeps a list of its elements: one whose GPU has gone since is in it, and cannot be made.
    has: (element) =>
      addon.elementInfo(element).exists && (!OF_HARDWARE.test(element) || propertiesOf(element) !== undefined),
    rankOf: (element) => addon.elementInfo(element).rank,
    propertiesOf,
  };
}

/** Of the plugin whose elements are slow to come; where there is no NVIDIA GPU, GStreamer does not have them. */
const GPU_DECODERS = ['nvh264dec', 'nvh265dec'];

/** Has the decoders of a GPU loaded before a source asks for them, which stops this thread until they are there. */
export const loadGpuDecoders = (
  { use }: Pick<GpuConfig, 'use'>,
  addon: Pick<NativeAddon, 'loadElements'>,
): Promise<void> => (use === 'off' ? Promise.resolve() : addon.loadElements(GPU_DECODERS));
