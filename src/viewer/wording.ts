import type { StatusError } from '../shared/domain/status-error.js';
import type { RecordingState } from '../shared/domain/recording.js';
import {
  isShowing,
  type GpuStatus,
  type NextSourceStatus,
  type ProcessMemory,
  type StageName,
  type StreamStatus,
  type StreamState,
  type TargetState,
} from '../shared/domain/stream-status.js';

/** What the page itself knows about getting the picture, besides the state of the stream. */
export interface Reception {
  /** Whether the gateway is reached. */
  readonly connection: 'connecting' | 'open' | 'lost';
  /** Seconds until the next attempt, when `lost`. */
  readonly retryInS?: number;
  /** Why no attempt is made any more, or why the last one failed. */
  readonly problem?: string;
  /** There is no such stream, or not any more. */
  readonly isGone?: boolean;
  /** Whether pictures arrive. */
  readonly isPlaying: boolean;
}

/** The state of a stream as the page shows it. */
export interface DisplayState {
  /** Decides the colour. */
  readonly state: StreamState;
  /** One or two words. */
  readonly label: string;
  /** Shown over the picture; absent when there is nothing to say. */
  readonly message?: string;
}

const LABELS: Readonly<Record<StreamState, string>> = {
  connecting: 'Connecting',
  waiting_for_keyframe: 'Waiting for a keyframe',
  live: 'Live',
  overloaded: 'Overloaded',
  frozen: 'Frozen',
  stalled: 'Stalled',
  offline: 'Offline',
  unauthorized: 'Refused by the camera',
  failed: 'Failed',
};

const TARGET_LABELS: Readonly<Record<TargetState, string>> = {
  waiting: 'Waiting for the stream',
  connecting: 'Connecting',
  live: 'Live',
  stalled: 'Stalled',
  retrying: 'Trying again',
  closed: 'Closed',
};

const RECORDING_LABELS: Readonly<Record<RecordingState, string>> = {
  off: 'Off',
  waiting: 'Waiting for the stream',
  starting: 'Starting',
  recording: 'Recording',
  retrying: 'Trying again',
};

/** A stream's state in one word. */
export const stateLabel = (state: StreamState): string => LABELS[state];
/** A target's state in one word. */
export const targetLabel = (state: TargetState): string => TARGET_LABELS[state];

/** A recording's state in one word. */
export const recordingLabel = (state: RecordingState): string => RECORDING_LABELS[state];

/** One state in plain words out of what the stream says and what arrives here. */
export function displayState(
  stream: { readonly state: StreamState; readonly since?: string; readonly error?: StatusError } | undefined,
  reception: Reception,
  nowMs: number = Date.now(),
): DisplayState {
  const { connection, retryInS, problem, isPlaying } = reception;
  if (connection === 'lost') {
    const when = retryInS === undefined ? '' : ` ${retryText(retryInS)}`;
    return { state: 'connecting', label: 'Reconnecting', message: `The connection to the gateway was lost.${when}` };
  }
  if (problem !== undefined) return { state: 'failed', label: LABELS.failed, message: problem };
  if (connection === 'connecting' || stream === undefined) {
    return { state: 'connecting', label: LABELS.connecting, message: 'Connecting to the gateway…' };
  }
  const { state, since, error } = stream;
  const told = (otherwise: string): { readonly message?: string } =>
    isPlaying ? {} : { message: error === undefined ? otherwise : problemText(error, nowMs) };
  const forS = since === undefined ? '' : ` for ${formatDuration((nowMs - Date.parse(since)) / 1000)}`;
  switch (state) {
    case 'live':
      return isPlaying
        ? { state, label: LABELS.live }
        : { state: 'connecting', label: LABELS.connecting, message: 'Waiting for the first picture…' };
    case 'connecting':
      return { state, label: LABELS.connecting, ...told('Waiting for the camera…') };
    case 'waiting_for_keyframe':
      return {
        state,
        label: `Waiting for a keyframe${forS}`,
        ...(!isPlaying && {
          message: 'The camera sends, and its next complete picture (a keyframe) is yet to come.',
        }),
      };
    case 'overloaded':
      return { state, label: `${LABELS.overloaded}${forS}: pictures are left out` };
    case 'frozen':
      return { state, label: `${LABELS.frozen}${forS}: the camera repeats one picture` };
    case 'stalled':
      return { state, label: LABELS.stalled, ...told('The camera sends no pictures at the moment.') };
    case 'offline':
      return { state, label: LABELS.offline, ...told('This stream is not on the air.') };
    case 'unauthorized':
      return { state, label: LABELS.unauthorized, ...told('The camera refuses the user name or password.') };
    case 'failed':
      return {
        state,
        label: LABELS.failed,
        message: error === undefined ? 'The stream failed.' : problemText(error, nowMs),
      };
  }
}

/** What is wrong with a stream, for the head of its page. */
export interface Outage {
  /** `bad`: there is no picture of the camera; `warn`: there is one, and something is the matter with it. */
  readonly tone: 'bad' | 'warn';
  /** A few words. */
  readonly title: string;
  /** What it is, and what to do; may be empty. */
  readonly text: string;
  /** When it is tried again; may be empty. */
  readonly retry: string;
}

/** Why there is no picture, or no good one; `undefined` where all is well, or where it only begins. */
export function outageOf(
  stream:
    | {
        readonly state: StreamState;
        readonly since?: string;
        readonly error?: StatusError;
        readonly source?: { readonly next?: NextSourceStatus };
      }
    | undefined,
  reception: Reception,
  nowMs: number = Date.now(),
): Outage | undefined {
  const { connection, retryInS, problem } = reception;
  if (connection === 'lost') {
    const retry = retryInS === undefined ? '' : retryText(retryInS);
    return { tone: 'bad', title: 'The connection to the gateway was lost.', text: '', retry };
  }
  if (problem !== undefined) return { tone: 'bad', title: 'There is no picture.', text: problem, retry: '' };
  // That it is only starting is no problem.
  if (stream?.error === undefined || stream.error.code === 'DIPTYCH_E_NOT_READY') {
    const text = nextSourceText(stream?.source?.next, nowMs);
    return text === '' ? undefined : { tone: 'warn', title: 'Another source is being opened.', text, retry: '' };
  }
  const { label } = displayState(stream, { ...reception, isPlaying: true }, nowMs);
  return {
    tone: isShowing(stream.state) ? 'warn' : 'bad',
    title: sentence(label),
    text: sentence(stream.error.message),
    retry: retryAtText(stream.error, nowMs),
  };
}

/** What is wrong, what to do, and when it is tried again, counted down. */
export function problemText(error: StatusError, nowMs: number = Date.now()): string {
  return `${sentence(error.message)} ${retryAtText(error, nowMs)}`.trim();
}

/** When it is tried again, counted down; empty where it is not. */
export const retryAtText = ({ nextTryAt }: StatusError, nowMs: number = Date.now()): string =>
  nextTryAt === undefined ? '' : retryText((Date.parse(nextTryAt) - nowMs) / 1000);

/** Of a source that is to take the place of the one that is shown; empty where there is none. */
export function nextSourceText(next: NextSourceStatus | undefined, nowMs: number = Date.now()): string {
  if (next === undefined) return '';
  const what = `${next.url} is shown as soon as it sends a picture.`;
  return next.error === undefined ? what : `${what} ${problemText(next.error, nowMs)}`;
}

const retryText = (inS: number): string =>
  inS < 1 ? 'Trying again…' : `Trying again in ${inS < 60 ? `${Math.ceil(inS)} s` : formatDuration(inS)}.`;

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//;

/** `DIPTYCH_E_…: the host did not answer` → `The host did not answer.` */
export function sentence(text: string): string {
  const plain = text.replace(/^DIPTYCH_E_\w+:/, '').trim();
  const ended = /[.!?…]$/.test(plain) ? plain : `${plain}.`;
  // An address is written as it is.
  return ADDRESS.test(ended) ? ended : ended.charAt(0).toUpperCase() + ended.slice(1);
}

/** Where a person is shown; `slots` holds every slot that is filled now. */
export function slotLabel(slot: number | undefined, slots: readonly number[]): string {
  if (slot === undefined) return 'No tile';
  if (slots.some((filled) => filled > 1)) return `Tile ${slot + 1}`;
  return slot === 0 ? 'Left tile' : 'Right tile';
}

/** Milliseconds with at most one decimal, without a unit. */
export const formatMs = (ms: number): string => (ms < 10 ? ms.toFixed(1) : Math.round(ms).toString());

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in powers of 1000: `12.3 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit] ?? 'B'}`;
}

/** `812 MB`, or with others `812 MB for 3 streams`; a GPU `812 MB + 1.2 GB on the GPU`. */
export function formatMemory(memory: ProcessMemory | undefined): string {
  if (memory === undefined) return '–';
  const { processBytes, streamsInProcess, gpuBytes } = memory;
  const gpu = gpuBytes === undefined ? '' : ` + ${formatBytes(gpuBytes)} on the GPU`;
  const sharers = streamsInProcess > 1 ? ` for ${streamsInProcess} streams` : '';
  return `${formatBytes(processBytes)}${gpu}${sharers}`;
}

/** Stages as the page calls them. */
export const STAGE_LABELS: Readonly<Record<StageName, string>> = {
  decode: 'Decode',
  detect: 'Detect',
  reid: 'Compare faces',
  compose: 'Compose',
  encode: 'Encode',
};

/** Why each part runs where it runs, each reason once: the GPU, the decoder, the encoder, other stages. */
export function reasons({
  gpu,
  source,
  output,
}: Pick<StreamStatus, 'gpu' | 'source' | 'output'>): readonly (readonly [string, string])[] {
  // The page shows it in red already.
  const isShown = gpu?.state === 'lost';
  const rows: [string, string | undefined][] = [
    ['GPU', isShown ? undefined : gpu?.reason],
    [`Decoder ${source.decoder ?? ''}`, source.decoderReason],
    [`Encoder ${output.encoder}`, output.encoderReason],
  ];
  for (const { stage, memory, reason } of gpu?.stages ?? []) {
    if (memory === 'cuda') rows.push([STAGE_LABELS[stage], reason]);
  }
  return rows.flatMap(([label, text]) => (text ? [[label.trim(), text] as const] : []));
}

/** Where the stream is processed, in a word or two; says so where the GPU was lost. */
export function workplace(gpu: GpuStatus | undefined): string {
  if (gpu === undefined) return '–';
  if (gpu.state === 'used') return gpu.name ?? 'GPU';
  return gpu.state === 'lost' ? 'CPU · GPU lost' : 'CPU';
}

/** A sentence where the GPU was lost; empty otherwise. */
export const gpuProblem = (gpu: GpuStatus | undefined): string =>
  gpu?.state === 'lost' ? `The GPU was lost; the stream continues on the CPU. ${sentence(gpu.reason)}` : '';

/** `42 s`, `12 min`, `3 h 05 min` */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `0:42`, `9:58`, `1:00:07` */
export function formatLength(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (count: number): string => String(count % 60).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole)}` : `${minutes}:${two(whole)}`;
}

/**
 * `29 Nov 2026, 08:15:30`
 *
 * @param iso - ISO 8601
 * @param timeZone - such as `UTC`; by default that of the device
 */
export function formatMoment(iso: string, timeZone?: string): string {
  const options = { dateStyle: 'medium', timeStyle: 'medium', ...(timeZone !== undefined && { timeZone }) } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(new Date(iso));
}
