import type { FrameMemory } from '../../../shared/domain/frame.js';
import { cudaDecodersOf } from './cuda-decoder.js';
import type { DecoderMachine } from './decoder-machine.js';

/** Codecs that live sources may send: the first three over RTSP, H.264 and the last two by WHIP. */
export type VideoCodec = 'h264' | 'h265' | 'jpeg' | 'vp8' | 'vp9';

/** A better decoder that is not used. */
export interface RejectedDecoder {
  /** GStreamer element. */
  readonly element: string;
  /** Why it is not used. */
  readonly reason: string;
}

/** The decoder of a codec. */
export interface DecoderChoice {
  /** What it decodes. */
  readonly codec: VideoCodec;
  /** GStreamer element that decodes. */
  readonly element: string;
  /** Its text in the graph: the element, with the name `decoder-<codec>`, and its settings. */
  readonly launch: string;
  /** The text that follows it, so that pictures have a format and memory that the stages take. */
  readonly output: string;
  /** Where its pictures are. */
  readonly memory: FrameMemory;
  /** It uses hardware, which may refuse what a decoder on the CPU takes. */
  readonly isHardware: boolean;
  /** Why this one, for the log and `diptych doctor`. */
  readonly reason: string;
  /** Better ones, best first. */
  readonly rejected: readonly RejectedDecoder[];
  /** Whether the element exists; false: this codec cannot be played here. */
  readonly isAvailable: boolean;
}

/** The decoder for each codec. */
export type DecoderChoices = Readonly<Record<VideoCodec, DecoderChoice>>;

interface Candidate {
  readonly element: string;
  readonly launch: string;
  readonly why: string;
  /** What a machine without it lacks. */
  readonly lacks: string;
  /** Elements it also needs. */
  readonly needs?: readonly string[];
  readonly isSoftware?: true;
}

/** What a stream needs of its decoder. */
export interface DecoderPreferences {
  /** Where the pictures of the stream are. @defaultValue `system` */
  readonly memory?: FrameMemory;
  /** The GPU of that memory, from 0. @defaultValue 0 */
  readonly device?: number;
  /** Elements that are not used, with the reason: they failed before. */
  readonly avoid?: ReadonlyMap<string, string>;
}

/** Converts any picture to system memory, in a format that the stages take. */
const SYSTEM_OUTPUT = 'videoconvert n-threads=2 ! video/x-raw,format={I420,NV12}';

const LACKS_NVIDIA = 'no NVIDIA GPU with a driver, or no gstreamer1.0-plugins-bad with nvcodec';
const LACKS_JETSON = 'not a Jetson, or its GStreamer plugins are missing';
const LACKS_VA = 'no VA-API driver for this GPU (vainfo shows what there is)';
const LACKS_VAAPI = 'gstreamer1.0-vaapi is not installed, or there is no VA-API driver';
const LACKS_V4L2 = 'the kernel offers no such decoder';
const LACKS_LIBAV = 'apt-get install gstreamer1.0-libav';

/**
 * libav without delay: threads that work on one picture together (slices). Threads that work on
 * several pictures at once delay each of them by one picture a thread.
 */
const libav = (element: string): string => `${element} thread-type=slice output-corrupt=false`;

const software = (element: string): Candidate => ({
  element,
  launch: libav(element),
  why: 'decodes on the CPU',
  lacks: LACKS_LIBAV,
  isSoftware: true,
});

/** VP8 and VP9: what NVIDIA, VA-API and V4L2 may have, then the CPU. */
const vpx = (codec: 'vp8' | 'vp9'): readonly Candidate[] => [
  { element: `nv${codec}dec`, launch: `nv${codec}dec`, why: 'decodes on the NVIDIA GPU', lacks: LACKS_NVIDIA },
  { element: `va${codec}dec`, launch: `va${codec}dec`, why: 'decodes on the GPU by VA-API', lacks: LACKS_VA },
  { element: `v4l2${codec}dec`, launch: `v4l2${codec}dec`, why: 'decodes in hardware by V4L2', lacks: LACKS_V4L2 },
  software(`avdec_${codec}`),
];

const hardware = (codec: 'h264' | 'h265'): readonly Candidate[] => [
  { element: `nv${codec}dec`, launch: `nv${codec}dec`, why: 'decodes on the NVIDIA GPU', lacks: LACKS_NVIDIA },
  {
    element: 'nvv4l2decoder',
    launch: 'nvv4l2decoder enable-max-performance=true ! nvvidconv',
    why: 'decodes on the Jetson',
    lacks: LACKS_JETSON,
    needs: ['nvvidconv'],
  },
  { element: `va${codec}dec`, launch: `va${codec}dec`, why: 'decodes on the GPU by VA-API', lacks: LACKS_VA },
  {
    element: `vaapi${codec}dec`,
    launch: `vaapi${codec}dec low-latency=true ! vaapipostproc`,
    why: 'decodes on the GPU by VA-API',
    lacks: LACKS_VAAPI,
    needs: ['vaapipostproc'],
  },
  { element: `v4l2${codec}dec`, launch: `v4l2${codec}dec`, why: 'decodes in hardware by V4L2', lacks: LACKS_V4L2 },
];

/** Best first. */
const CANDIDATES: Readonly<Record<VideoCodec, readonly Candidate[]>> = {
  h264: [...hardware('h264'), software('avdec_h264')],
  h265: [...hardware('h265'), software('avdec_h265')],
  jpeg: [
    {
      element: 'jpegdec',
      launch: 'jpegdec',
      why: 'decodes on the CPU (libjpeg-turbo)',
      lacks: 'apt-get install gstreamer1.0-plugins-good',
      isSoftware: true,
    },
    software('avdec_mjpeg'),
  ],
  vp8: vpx('vp8'),
  vp9: vpx('vp9'),
};

/** The name that the decoder of a codec has in the graph. */
export const decoderName = (codec: VideoCodec): string => `decoder-${codec}`;

/**
 * The text between parser and sink of a graph.
 *
 * @param shape - what pictures in system memory pass, from `shapeLaunch`
 */
export const decodeLaunch = ({ launch, output, memory }: DecoderChoice, shape: string): string =>
  memory === 'system' ? `${launch} ! ${output} ! ${shape}` : `${launch} ! ${output}`;

/**
 * The best decoder that this machine has for a codec. The plugins of NVIDIA, VA and V4L2 have theirs only where
 * the hardware can decode it.
 */
export function chooseDecoder(
  codec: VideoCodec,
  machine: DecoderMachine,
  { memory = 'system', device = 0, avoid = new Map() }: DecoderPreferences = {},
): DecoderChoice {
  const rejected: RejectedDecoder[] = [];
  const cuda = memory === 'cuda' ? chooseCuda(codec, machine, { device, avoid }, rejected) : undefined;
  if (cuda) return cuda;
  for (const candidate of CANDIDATES[codec]) {
    const { element } = candidate;
    const isOtherGpu = memory === 'cuda' && device > 0 && element === `nv${codec}dec` && machine.has(element);
    const failure = isOtherGpu
      ? `decodes on GPU 0, and gpu.device is ${device}`
      : (lackOf(candidate, machine) ?? avoid.get(element));
    if (failure === undefined) {
      return {
        codec,
        element,
        launch: named(candidate.launch, codec),
        output: SYSTEM_OUTPUT,
        memory: 'system',
        isHardware: candidate.isSoftware !== true,
        reason: candidate.why,
        rejected,
        isAvailable: true,
      };
    }
    if (!rejected.some((known) => known.element === element)) rejected.push({ element, reason: failure });
  }
  // The graph is built all the same; only a source with this codec fails.
  return {
    codec,
    element: 'identity',
    launch: 'identity',
    output: SYSTEM_OUTPUT,
    memory: 'system',
    isHardware: false,
    reason: 'nothing here decodes it',
    rejected,
    isAvailable: false,
  };
}

/** A decoder that leaves its pictures in GPU memory, or else the reasons in `rejected`. */
function chooseCuda(
  codec: VideoCodec,
  machine: DecoderMachine,
  { device, avoid }: Required<Omit<DecoderPreferences, 'memory'>>,
  rejected: RejectedDecoder[],
): DecoderChoice | undefined {
  if (codec === 'jpeg') {
    rejected.push({ element: 'nvjpegdec', reason: 'Motion JPEG is decoded on the CPU' });
    return undefined;
  }
  for (const { element, launch, output, why } of cudaDecodersOf(codec, machine, device)) {
    const failure = avoid.get(element);
    if (failure === undefined) {
      return {
        codec,
        element,
        launch: named(launch, codec),
        output,
        memory: 'cuda',
        isHardware: true,
        reason: why,
        rejected,
        isAvailable: true,
      };
    }
    rejected.push({ element, reason: failure });
  }
  if (device > 0 && rejected.length === 0) {
    rejected.push({ element: `nv${codec}device${device}dec`, reason: `GStreamer has no decoder on GPU ${device}` });
  }
  return undefined;
}

/** What this machine lacks for a decoder; `undefined` where it has all of it. */
function lackOf({ element, needs = [], lacks }: Candidate, machine: DecoderMachine): string | undefined {
  const missing = [element, ...needs].find((name) => !machine.has(name));
  if (missing === undefined) return undefined;
  return missing === element ? lacks : `${missing} is missing`;
}

/** The choice for every codec. */
export function chooseDecoders(machine: DecoderMachine, preferences: DecoderPreferences = {}): DecoderChoices {
  return {
    h264: chooseDecoder('h264', machine, preferences),
    h265: chooseDecoder('h265', machine, preferences),
    jpeg: chooseDecoder('jpeg', machine, preferences),
    vp8: chooseDecoder('vp8', machine, preferences),
    vp9: chooseDecoder('vp9', machine, preferences),
  };
}

/** The first element of a launch string is given its name. */
function named(launch: string, codec: VideoCodec): string {
  const [element = '', ...settings] = launch.split(' ');
  return [element, `name=${decoderName(codec)}`, ...settings].join(' ');
}
