import type { DecoderMachine } from './decoder-machine.js';

/** A decoder that leaves its pictures in NVIDIA GPU memory, in a format that the kernels take. */
export interface CudaDecoder {
  /** GStreamer element. */
  readonly element: string;
  /** The element with those settings that it has. */
  readonly launch: string;
  /** The text that follows it. */
  readonly output: string;
  /** Why it is a good choice. */
  readonly why: string;
}

/** What NVIDIA's decoders take, of all that sources send. */
type NvidiaCodec = 'h264' | 'h265' | 'vp8' | 'vp9';

interface Setting {
  readonly property: string;
  readonly value: number | boolean;
}

/**
 * Surfaces that stages may hold at once before the decoder waits for one: more than they hold.
 */
const HELD_SURFACES = 12;

/** Of nvcodec's decoders: max-display-delay since 1.20, num-output-surfaces since 1.24. */
const NVDEC_SETTINGS: readonly Setting[] = [
  // A picture is out as soon as it is decoded.
  { property: 'max-display-delay', value: 0 },
  { property: 'num-output-surfaces', value: HELD_SURFACES },
];

/** Of nvv4l2decoder: the first on a Jetson only. */
const NVV4L2_SETTINGS: readonly Setting[] = [
  { property: 'enable-max-performance', value: true },
  { property: 'num-extra-surfaces', value: HELD_SURFACES },
];

/**
 * The NVIDIA decoders of a codec, best first. Up to GStreamer 1.22 nvcodec may have two: `nvh264dec` and
 * the stateless `nvh264sldec`, whose place in the ranks is the user's choice
 * (GST_USE_NV_STATELESS_CODEC); from 1.24 on the stateless one is called `nvh264dec`. Behind them
 * the decoder of JetPack and DeepStream, whose surfaces the sink takes as they are.
 *
 * @param device - the GPU, from 0
 */
export function cudaDecodersOf(codec: NvidiaCodec, machine: DecoderMachine, device: number): readonly CudaDecoder[] {
  const nvcodec = nvcodecNames(codec, device)
    .filter((element) => machine.has(element))
    .sort((a, b) => machine.rankOf(b) - machine.rankOf(a))
    .map((element) => ({
      element,
      launch: withSettings(element, NVDEC_SETTINGS, machine),
      output: 'video/x-raw(memory:CUDAMemory),format={NV12,P010_10LE}',
      why: 'decodes on the NVIDIA GPU, into its memory',
    }));
  if (!machine.has('nvv4l2decoder')) return nvcodec;
  // A Jetson has one GPU; DeepStream's is told which.
  const gpu: readonly Setting[] = device === 0 ? [] : [{ property: 'gpu-id', value: device }];
  if (!gpu.every((setting) => hasSetting('nvv4l2decoder', setting, machine))) return nvcodec;
  const converter = 'nvvidconv';
  // A Jetson's decoder gives tiles, which its converter puts in rows; DeepStream's gives rows.
  const toRows = hasSetting(converter, { property: 'bl-output', value: false }, machine)
    ? `${converter} bl-output=false ! `
    : '';
  const nvv4l2 = {
    element: 'nvv4l2decoder',
    launch: withSettings('nvv4l2decoder', [...NVV4L2_SETTINGS, ...gpu], machine),
    output: `${toRows}video/x-raw(memory:NVMM),format=NV12`,
    why: 'decodes on the NVIDIA GPU by JetPack or DeepStream; not yet tried on such hardware',
  };
  return [...nvcodec, nvv4l2];
}

/** nvcodec registers its elements once for each GPU; those of the first have the plain names. */
const nvcodecNames = (codec: NvidiaCodec, device: number): readonly string[] =>
  device === 0
    ? [`nv${codec}dec`, `nv${codec}sldec`]
    : [`nv${codec}device${device}dec`, `nv${codec}sldevice${device}dec`];

function withSettings(element: string, settings: readonly Setting[], machine: DecoderMachine): string {
  const taken = settings.filter((setting) => hasSetting(element, setting, machine));
  return [element, ...taken.map(({ property, value }) => `${property}=${value}`)].join(' ');
}

/** Whether an element exists and has this setting. */
function hasSetting(element: string, { property, value }: Setting, machine: DecoderMachine): boolean {
  const described = machine.propertiesOf(element)?.find(({ name, isWritable }) => name === property && isWritable);
  if (described === undefined) return false;
  if (typeof value === 'boolean') return described.type === 'gboolean';
  const { minimum = value, maximum = value } = described;
  return minimum <= value && value <= maximum;
}
