import type { DecoderMachine } from './decoder-machine.js';

/** Behind a decoder that leaves its pictures on the card: no conversion, and what the kernels take. */
export const CUDA_OUTPUT = 'video/x-raw(memory:CUDAMemory),format={NV12,P010_10LE}';

/**
 * Settings of nvcodec's decoders, each used where the element has it (max-display-delay since 1.20,
 * num-output-surfaces since 1.24).
 */
const SETTINGS: readonly { readonly property: string; readonly value: number }[] = [
  // A picture is out as soon as it is decoded.
  { property: 'max-display-delay', value: 0 },
  // Surfaces that stages may hold at once before the decoder waits for one; more than they do.
  { property: 'num-output-surfaces', value: 12 },
];

/**
 * NVIDIA's decoders of a codec that leave pictures in CUDA memory, best first. Up to 1.22 there may
 * be two: `nvh264dec` and the stateless `nvh264sldec`, whose place in the ranks is the user's choice
 * (GST_USE_NV_STATELESS_CODEC); from 1.24 on the stateless one is called `nvh264dec`.
 */
export function cudaDecodersOf(codec: 'h264' | 'h265', machine: DecoderMachine): readonly string[] {
  return [`nv${codec}dec`, `nv${codec}sldec`]
    .filter((element) => machine.has(element))
    .sort((a, b) => machine.rankOf(b) - machine.rankOf(a));
}

/** The element with those settings that it has. */
export function cudaDecoderLaunch(element: string, machine: DecoderMachine): string {
  const properties = machine.propertiesOf(element) ?? [];
  const settings = SETTINGS.filter(({ property, value }) =>
    properties.some(
      ({ name, isWritable, minimum = value, maximum = value }) =>
        name === property && isWritable && minimum <= value && value <= maximum,
    ),
  );
  return [element, ...settings.map(({ property, value }) => `${property}=${value}`)].join(' ');
}
