import type { OutputConfig } from '#config/schema.js';
import { DiptychError } from '#domain/errors.js';

export type EncoderName = 'nvh264' | 'x264';

/** What is known about an encoder on this machine. */
export type EncoderState = 'works' | 'missing' | 'fails';

export interface EncoderChoice {
  readonly encoder: EncoderName;
  /** GStreamer element that encodes. */
  readonly element: string;
  /** Why this one, for the log and `diptych doctor`. */
  readonly reason: string;
  /** Better ones that were not taken, best first. */
  readonly rejected: readonly { readonly element: string; readonly reason: string }[];
}

interface Candidate {
  readonly encoder: EncoderName;
  readonly element: string;
  readonly why: string;
  readonly missing: string;
  readonly fails: string;
}

/** Best first. */
const CANDIDATES: readonly Candidate[] = [
  {
    encoder: 'nvh264',
    element: 'nvh264enc',
    why: 'encodes on the NVIDIA GPU',
    missing: 'no NVIDIA GPU with NVENC and a driver (data centre GPUs such as A100 and H100 have none)',
    fails: 'NVENC is there but encodes nothing; see nvidia-smi for sessions in use and the driver version',
  },
  {
    encoder: 'x264',
    element: 'x264enc',
    why: 'encodes on the CPU',
    missing: 'apt-get install gstreamer1.0-plugins-ugly',
    fails: 'x264enc is installed but encodes nothing',
  },
];

export const ENCODER_ELEMENTS: readonly string[] = CANDIDATES.map((candidate) => candidate.element);

/**
 * The encoder to use: the best that works, or the one asked for.
 * @throws {@link DiptychError} `DIPTYCH_E_ELEMENT_MISSING` where that one does not work here.
 */
export function chooseEncoder(
  wanted: OutputConfig['encoder'],
  stateOf: (element: string) => EncoderState,
): EncoderChoice {
  const rejected: { element: string; reason: string }[] = [];
  for (const { encoder, element, why, missing, fails } of CANDIDATES) {
    if (wanted !== 'auto' && wanted !== encoder) continue;
    const state = stateOf(element);
    if (state === 'works') {
      return { encoder, element, reason: wanted === 'auto' ? why : `${why}; asked for by output.encoder`, rejected };
    }
    rejected.push({ element, reason: state === 'missing' ? missing : fails });
  }
  const reasons = rejected.map(({ element, reason }) => `${element}: ${reason}`).join('; ');
  throw new DiptychError(
    'DIPTYCH_E_ELEMENT_MISSING',
    `there is no H.264 encoder for output.encoder "${wanted}" (${reasons})`,
  );
}
