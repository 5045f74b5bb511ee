import { rounded } from './measure.js';

/** The stages of a frame, in order. */
export const STAGES = ['decode', 'detect', 'track', 'reid', 'compose', 'encode'] as const;
/** One of {@link STAGES}. */
export type Stage = (typeof STAGES)[number];

/** What each stage takes of a frame on average, ms; absent where it does not run or could not be measured. */
export type FrameCosts = Readonly<Partial<Record<Stage, number>>>;

/** The stage that takes most of the time of a frame. */
export interface Bottleneck {
  /** The slowest one. */
  readonly stage: Stage;
  /** Of the time that all stages take together, 0 … 1. */
  readonly share: number;
  /** Frames a second that this stage alone allows. */
  readonly fps: number;
}

/** What does the work: the sentence of {@link explainBottleneck} depends on it. */
export interface Workers {
  /** What detects, embeds and composes. */
  readonly processor: 'gpu' | 'cpu';
  /** GStreamer element, e.g. avdec_h264. */
  readonly decoder: string;
  /** GStreamer element, e.g. x264enc; absent if nothing could be encoded. */
  readonly encoder?: string;
}

/** The stage that takes most of a frame's time; `undefined` where nothing was measured. */
export function findBottleneck(costs: FrameCosts): Bottleneck | undefined {
  const known = STAGES.flatMap((stage) => {
    const ms = costs[stage];
    return ms === undefined || !Number.isFinite(ms) ? [] : [{ stage, ms }];
  });
  const [most] = [...known].sort((a, b) => b.ms - a.ms);
  if (!most || most.ms <= 0) return undefined;
  const all = known.reduce((sum, { ms }) => sum + ms, 0);
  return { stage: most.stage, share: most.ms / all, fps: 1000 / most.ms };
}

/** One sentence: which stage, how much, why, and what would help. */
export function explainBottleneck({ stage, share, fps }: Bottleneck, workers: Workers): string {
  const part = `takes ${rounded(100 * share, 0)} % of a frame's time and allows ${rounded(fps, 0)} frames a second`;
  return `${NAMES[stage]} ${part}: ${reasonOf(stage, workers)}.`;
}

const NAMES: Readonly<Record<Stage, string>> = {
  decode: 'Decoding',
  detect: 'Detecting',
  track: 'Tracking',
  reid: 'Telling people apart',
  compose: 'Composing',
  encode: 'Encoding',
};

function reasonOf(stage: Stage, { processor, decoder, encoder = 'the encoder' }: Workers): string {
  const isOnGpu = processor === 'gpu';
  switch (stage) {
    case 'decode':
      return decoder.startsWith('nv')
        ? `${decoder} is at the speed of the GPU's decoder engine, which works on one picture of a stream after the other; more streams share more engines`
        : `${decoder} undoes every pixel on the CPU, so the time grows with the picture; an NVIDIA GPU with NVDEC takes it over`;
    case 'detect':
      return isOnGpu
        ? 'the network is small and each picture waits for its answer; runs are shared when several streams ask at once'
        : 'the network runs on the CPU with detect.threads threads; a GPU, or a lower detect.maxFps or detect.inputWidth, takes less';
    case 'track':
      return 'following people is arithmetic in JavaScript that grows with the number of people in the picture';
    case 'reid':
      return isOnGpu
        ? 'faces are compared by a network, one small batch after the other, whenever people may be mixed up'
        : 'faces are compared by a network on the CPU whenever people may be mixed up; a higher reid.riskThreshold looks less often';
    case 'compose':
      return isOnGpu
        ? 'the kernels are waited for one picture at a time, and a picture for an encoder on the CPU is brought down the bus'
        : 'every pixel of the output is scaled on the CPU, so the time grows with the output; a GPU does that in well under a millisecond';
    case 'encode':
      return encoder.startsWith('nv')
        ? `${encoder} is at the speed of the GPU's encoder engine`
        : `${encoder} works on the CPU and grows with the output; a GPU with NVENC takes it over, a faster output.preset takes less`;
  }
}
