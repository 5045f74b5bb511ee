/** What one process held at one time. */
export interface ProcessSample {
  /** Of the process. */
  readonly pid: number;
  /** `gateway`, `worker` (mediasoup's) or `stream`. */
  readonly role: ProcessRole;
  /** Memory that is resident, bytes. */
  readonly rssBytes: number;
  /** The same, with what is shared divided among those who share it, bytes. */
  readonly pssBytes: number;
  /** What belongs to this process alone and was written to, bytes. */
  readonly privateBytes: number;
  /** Open descriptors. */
  readonly handles: number;
  /** Threads. */
  readonly threads: number;
}

/** What a process of the gateway is. */
export type ProcessRole = 'gateway' | 'worker' | 'stream';

/** What the stream reported at one time. */
export interface StreamSample {
  /** `live`, `offline` and so on. */
  readonly state: string;
  /** Output frames since the stream began. */
  readonly framesOut: number;
  /** States of its targets, in their order. */
  readonly targets: readonly string[];
  /** 95th percentile of the whole chain, ms. */
  readonly totalP95Ms: number;
  /** Output frames that repeat the one before, since the stream began. */
  readonly repeated: number;
  /** Memory that the process counts itself, bytes by kind; absent where it does not tell. */
  readonly memory?: Readonly<Record<string, number>>;
}

/** Everything that was looked at at one time. */
export interface SoakSample {
  /** Since the start of the measurement, s. */
  readonly atS: number;
  /** The gateway and all that it started. */
  readonly processes: readonly ProcessSample[];
  /** Absent where the API did not answer. */
  readonly stream?: StreamSample;
}

/** Something that was done to the system under test. */
export interface SoakEvent {
  /** Since the start of the measurement, s. */
  readonly atS: number;
  /** `camera down`, `camera up`, `target down`, `viewer opens` and so on. */
  readonly what: string;
}

/** What the recording of the target that was never harmed shows. */
export interface RecordingFacts {
  /** Connections it took; more than one means that the stream came back. */
  readonly files: number;
  /** Pictures. */
  readonly frames: number;
  /** From the first picture to the last, s. */
  readonly seconds: number;
  /** Pictures that are missing between others. */
  readonly missing: number;
  /** The longest step from one picture to the next, ms. */
  readonly longestStepMs: number;
  /** Steps that go back or stand still, of pictures and of sound. */
  readonly backSteps: number;
  /** Where something is wrong, the first {@link MOST_FLAWS}. */
  readonly flaws: readonly RecordingFlaw[];
}

/** Flaws of a recording that are told one by one. */
export const MOST_FLAWS = 100;

/** A step from one tag to the next of its kind that is too long, goes back, or stands still. */
export interface RecordingFlaw {
  /** Connection, from 1. */
  readonly file: number;
  /** Of pictures or of sound. */
  readonly kind: 'video' | 'audio' | 'other';
  /** Where it begins: time stamp of the connection, s. */
  readonly atS: number;
  /** How long it is, ms; 0 and less where time does not rise. */
  readonly stepMs: number;
}

/** How far sound and picture are apart at the end. */
export interface LipSync {
  /** Flashes of the camera that were found with their bell. */
  readonly pairs: number;
  /** Median of bell − flash, ms: above 0 the sound is late. */
  readonly medianMs: number;
  /** The pair that is furthest apart, ms. */
  readonly worstMs: number;
}
