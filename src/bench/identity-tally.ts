import { median } from '../shared/percentile.js';
import { rounded } from './measure.js';

/** What a row of the table counts, over all runs of a scenario or over everything. */
export interface IdentityRow {
  /** Name of the scenario; `total` for the sum. */
  readonly scenario: string;
  /** How many sequences were scored. */
  readonly runs: number;
  /** IDF1, mean over the runs, percent, with identities kept. */
  readonly idf1: number;
  /** The same of ByteTrack as published, percent. */
  readonly idf1ByteTrack: number;
  /** Identities on the wrong person for more than 0.5 s. */
  readonly lastingSwaps: number;
  /** The same of ByteTrack as published. */
  readonly lastingSwapsByteTrack: number;
  /** Ids that nobody had, given to a person already known. */
  readonly freshIds: number;
  /** The same of ByteTrack as published. */
  readonly freshIdsByteTrack: number;
  /** Embeddings computed / detections associated. */
  readonly activationRatio: number;
  /** Share of ByteTrack's swaps whose moment and person an episode of suspicion covers (`suspicions.ts`). */
  readonly swapsFoundRatio: number;
  /** Share of the time that such episodes take: the less, the more they say. */
  readonly suspectedRatio: number;
  /** Episodes a minute. */
  readonly suspicionsPerMin: number;
  /** Share of frames with at least two people in sight and apart in which each has their own slot. */
  readonly slotRightRatio: number;
  /** Median time of tracking and identities for one frame, ms. */
  readonly msPerFrameP50: number;
}

/** Sums of one run; rows are made of sums of runs. */
export interface Tally {
  /** Sequences. */
  runs: number;
  /** Sum of IDF1, in [0, 1] each. */
  idf1: number;
  /** The same of ByteTrack as published. */
  idf1ByteTrack: number;
  /** Swaps of more than 0.5 s. */
  lasting: number;
  /** The same of ByteTrack as published. */
  lastingByteTrack: number;
  /** New ids of people already known. */
  fresh: number;
  /** The same of ByteTrack as published. */
  freshByteTrack: number;
  /** Embeddings. */
  computed: number;
  /** Detections matched to tracks. */
  associated: number;
  /** Swaps of ByteTrack as published. */
  swapsByteTrack: number;
  /** Of those, the suspected ones. */
  swapsFound: number;
  /** Episodes of suspicion. */
  suspicions: number;
  /** Their length, s. */
  suspectedS: number;
  /** Length of the sequences, s. */
  seconds: number;
  /** Frames with people apart. */
  slotFrames: number;
  /** Of those, with everybody in their slot. */
  slotRight: number;
  /** Time of each frame, ms. */
  readonly ms: number[];
}

/** Of no run. */
export function emptyTally(): Tally {
  return {
    runs: 0,
    idf1: 0,
    idf1ByteTrack: 0,
    lasting: 0,
    lastingByteTrack: 0,
    fresh: 0,
    freshByteTrack: 0,
    computed: 0,
    associated: 0,
    swapsByteTrack: 0,
    swapsFound: 0,
    suspicions: 0,
    suspectedS: 0,
    seconds: 0,
    slotFrames: 0,
    slotRight: 0,
    ms: [],
  };
}

/** Of the runs of both. */
export function addTallies(a: Tally, b: Tally): Tally {
  return {
    runs: a.runs + b.runs,
    idf1: a.idf1 + b.idf1,
    idf1ByteTrack: a.idf1ByteTrack + b.idf1ByteTrack,
    lasting: a.lasting + b.lasting,
    lastingByteTrack: a.lastingByteTrack + b.lastingByteTrack,
    fresh: a.fresh + b.fresh,
    freshByteTrack: a.freshByteTrack + b.freshByteTrack,
    computed: a.computed + b.computed,
    associated: a.associated + b.associated,
    swapsByteTrack: a.swapsByteTrack + b.swapsByteTrack,
    swapsFound: a.swapsFound + b.swapsFound,
    suspicions: a.suspicions + b.suspicions,
    suspectedS: a.suspectedS + b.suspectedS,
    seconds: a.seconds + b.seconds,
    slotFrames: a.slotFrames + b.slotFrames,
    slotRight: a.slotRight + b.slotRight,
    ms: [...a.ms, ...b.ms],
  };
}

/** The row of these runs. */
export function toRow(scenario: string, tally: Tally): IdentityRow {
  return {
    scenario,
    runs: tally.runs,
    idf1: rounded((100 * tally.idf1) / tally.runs, 2),
    idf1ByteTrack: rounded((100 * tally.idf1ByteTrack) / tally.runs, 2),
    lastingSwaps: tally.lasting,
    lastingSwapsByteTrack: tally.lastingByteTrack,
    freshIds: tally.fresh,
    freshIdsByteTrack: tally.freshByteTrack,
    activationRatio: rounded(share(tally.computed, tally.associated), 4),
    swapsFoundRatio: rounded(share(tally.swapsFound, tally.swapsByteTrack), 4),
    suspectedRatio: rounded(share(tally.suspectedS, tally.seconds), 4),
    suspicionsPerMin: rounded((60 * tally.suspicions) / tally.seconds, 2),
    slotRightRatio: rounded(share(tally.slotRight, tally.slotFrames), 4),
    msPerFrameP50: rounded(median(tally.ms), 4),
  };
}

/** A share of nothing is whole. */
const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 1);
