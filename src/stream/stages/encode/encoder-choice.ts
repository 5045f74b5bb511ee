import type { OutputConfig } from '../../../shared/config/schema.js';
import { DiptychError } from '../../../shared/domain/errors.js';

/** Kinds of encoders: NVENC, x264. */
export type EncoderName = 'nvh264' | 'x264';

/** What is known about an encoder on this machine. */
export interface EncoderState {
  /** `missing`: GStreamer does not have it · `fails`: a test picture was not encoded. */
  readonly state: 'works' | 'missing' | 'fails';
  /** Its error message. */
  readonly said?: string;
}

/** The encoder to use. */
export interface EncoderChoice {
  /** Its kind. */
  readonly encoder: EncoderName;
  /** GStreamer element that encodes. */
  readonly element: string;
  /** Why this one, for the log and `diptych doctor`. */
  readonly reason: string;
  /** Better ones that are not used, best first. */
  readonly rejected: readonly { readonly element: string; readonly reason: string }[];
}

interface Candidate {
  readonly encoder: EncoderName;
  /** Its elements on a GPU, best first; the last one is the best known. */
  readonly elementsOn: (device: number) => readonly string[];
  readonly why: string;
  readonly missing: string;
  readonly fails: string;
}

/** Best first. */
const CANDIDATES: readonly Candidate[] = [
  {
    encoder: 'nvh264',
    // The first one came with 1.22; before that there is only the other.
    // Those of the first GPU have the plain names.
    elementsOn: (device) =>
      device === 0 ? ['nvcudah264enc', 'nvh264enc'] : [`nvcudah264device${device}enc`, `nvh264device${device}enc`],
    why: 'encodes on the NVIDIA GPU; not yet tried on hardware that has NVENC',
    missing: 'no NVIDIA GPU with NVENC and a driver (data centre GPUs such as A100 and H100 have none)',
    fails: 'NVENC is there but encodes nothing; see nvidia-smi for sessions in use and the driver version',
  },
  {
    encoder: 'x264',
    elementsOn: () => ['x264enc'],
    why: 'encodes on the CPU',
    missing: 'apt-get install gstreamer1.0-plugins-ugly',
    fails: 'x264enc is installed but encodes nothing',
  },
];

/** All elements that may exist; those of NVENC are of the GPU `device`, from 0. */
export const encoderElements = (device = 0): readonly string[] =>
  CANDIDATES.flatMap(({ elementsOn }) => elementsOn(device));

/** Takes over when another encoder fails while a stream runs. */
export const CPU_ENCODER: EncoderChoice = {
  encoder: 'x264',
  element: 'x264enc',
  reason: 'encodes on the CPU',
  rejected: [],
};

/**
 * The encoder to use: the best that works, or the one asked for.
 *
 * @param device - the GPU on which NVENC encodes, from 0
 * @throws {@link DiptychError} `DIPTYCH_E_ELEMENT_MISSING` where that one does not work here.
 */
export function chooseEncoder(
  wanted: OutputConfig['encoder'],
  stateOf: (element: string) => EncoderState,
  device = 0,
): EncoderChoice {
  const rejected: { element: string; reason: string }[] = [];
  for (const { encoder, elementsOn, why, missing, fails } of CANDIDATES) {
    if (wanted !== 'auto' && wanted !== encoder) continue;
    const elements = elementsOn(device);
    const element = elements.find((each) => stateOf(each).state === 'works');
    if (element !== undefined) {
      return { encoder, element, reason: wanted === 'auto' ? why : `${why}; asked for by output.encoder`, rejected };
    }
    const failed = elements.find((each) => stateOf(each).state === 'fails');
    if (failed === undefined) rejected.push({ element: elements.at(-1) ?? '', reason: missing });
    else {
      const { said } = stateOf(failed);
      rejected.push({ element: failed, reason: said === undefined ? fails : `${fails} (${said})` });
    }
  }
  const reasons = rejected.map(({ element, reason }) => `${element}: ${reason}`).join('; ');
  throw new DiptychError(
    'DIPTYCH_E_ELEMENT_MISSING',
    `there is no H.264 encoder for output.encoder "${wanted}" (${reasons})`,
  );
}
