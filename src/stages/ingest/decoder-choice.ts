export type VideoCodec = 'h264' | 'h265' | 'jpeg';

/** A decoder that was not taken although it would be better. */
export interface RejectedDecoder {
  readonly element: string;
  readonly reason: string;
}

export interface DecoderChoice {
  readonly codec: VideoCodec;
  /** GStreamer element that decodes. */
  readonly element: string;
  /** What stands in the graph: the element with its settings, and what brings pictures to system memory. */
  readonly launch: string;
  /** Why this one, for the log and `diptych doctor`. */
  readonly reason: string;
  /** Better ones, best first. */
  readonly rejected: readonly RejectedDecoder[];
  /** Whether the element is there at all; false: this codec cannot be played here. */
  readonly isAvailable: boolean;
}

interface Candidate {
  readonly element: string;
  readonly launch: string;
  readonly why: string;
  /** What a machine without it lacks. */
  readonly lacks: string;
  /** Elements it also needs. */
  readonly needs?: readonly string[];
}

const LACKS_NVIDIA = 'no NVIDIA GPU with a driver, or no gstreamer1.0-plugins-bad with nvcodec';
const LACKS_JETSON = 'not a Jetson, or its GStreamer plugins are missing';
const LACKS_VA = 'no VA-API driver for this GPU (vainfo shows what there is)';
const LACKS_VAAPI = 'gstreamer1.0-vaapi is not installed, or there is no VA-API driver';
const LACKS_V4L2 = 'the kernel offers no such decoder';
const LACKS_LIBAV = 'apt-get install gstreamer1.0-libav';

/**
 * libav without delay: threads that work on one picture together (slices). Threads that work on
 * several pictures at once hold each of them back by one picture a thread.
 */
const libav = (element: string): string => `${element} thread-type=slice output-corrupt=false`;

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
  h264: [
    ...hardware('h264'),
    { element: 'avdec_h264', launch: libav('avdec_h264'), why: 'decodes on the CPU', lacks: LACKS_LIBAV },
  ],
  h265: [
    ...hardware('h265'),
    { element: 'avdec_h265', launch: libav('avdec_h265'), why: 'decodes on the CPU', lacks: LACKS_LIBAV },
  ],
  jpeg: [
    {
      element: 'jpegdec',
      launch: 'jpegdec',
      why: 'decodes on the CPU (libjpeg-turbo)',
      lacks: 'apt-get install gstreamer1.0-plugins-good',
    },
    { element: 'avdec_mjpeg', launch: libav('avdec_mjpeg'), why: 'decodes on the CPU', lacks: LACKS_LIBAV },
  ],
};

/**
 * The best decoder this machine has for a codec. `has` says whether a GStreamer element is there;
 * the plugins of NVIDIA, VA and V4L2 offer theirs only where the hardware can do it.
 */
export function chooseDecoder(codec: VideoCodec, has: (element: string) => boolean): DecoderChoice {
  const rejected: RejectedDecoder[] = [];
  for (const { element, launch, why, lacks, needs = [] } of CANDIDATES[codec]) {
    const missing = [element, ...needs].find((name) => !has(name));
    if (missing === undefined) return { codec, element, launch, reason: why, rejected, isAvailable: true };
    rejected.push({ element, reason: missing === element ? lacks : `${missing} is missing` });
  }
  // The graph is built all the same; only a source with this codec fails.
  return {
    codec,
    element: 'identity',
    launch: 'identity',
    reason: 'nothing here decodes it',
    rejected,
    isAvailable: false,
  };
}

/** The choice for every codec. */
export function chooseDecoders(has: (element: string) => boolean): Readonly<Record<VideoCodec, DecoderChoice>> {
  return { h264: chooseDecoder('h264', has), h265: chooseDecoder('h265', has), jpeg: chooseDecoder('jpeg', has) };
}
