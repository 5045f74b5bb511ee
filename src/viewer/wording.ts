import { withoutTarget, type StatusError } from '../shared/domain/status-error.js';
import type { RecordingState } from '../shared/domain/recording.js';
import type { NextSourceStatus, StreamState, StreamView, TargetState } from '../shared/domain/stream-status.js';
import { isSrtListener } from '../shared/srt/location.js';
import { formatDuration } from './format.js';
import { OPTION_LABELS, optionLabel } from './stream/option-labels.js';

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

/** A state as a pill shows it. */
export interface StatePill {
  /** Decides the colour; `idle`: nobody sends to it, which is no trouble of its own. */
  readonly state: StreamState | 'idle';
  /** One or two words. */
  readonly label: string;
}

/** The state of a stream as the page shows it. */
export interface DisplayState extends StatePill {
  /** Shown over the picture; absent when there is nothing to say. */
  readonly message?: string;
}

const LABELS: Readonly<Record<StreamState, string>> = {
  connecting: 'Connecting',
  waiting_for_keyframe: 'No keyframe yet',
  live: 'Live',
  overloaded: 'Overloaded',
  frozen: 'Frozen',
  stalled: 'Stalled',
  offline: 'Offline',
  unauthorized: 'Login refused',
  failed: 'Failed',
  pending: 'No host',
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

/** The camera wants a user name and a password, and none were given: nothing was refused. */
export const asksForLogin = ({ code, message }: StatusError): boolean =>
  code === 'DIPTYCH_E_SOURCE_AUTH' && message.includes('asks for a user name and password');

/** What the gateway says of a stream, in a word or two; the same on the list and on the page of the stream. */
export const statePill = ({ state, error }: Told): StatePill =>
  error && asksForLogin(error)
    ? { state, label: 'Login needed' }
    : error?.code === 'DIPTYCH_E_SOURCE_UNPUBLISHED'
      ? { state: 'idle', label: 'Nobody sends' }
      : { state, label: LABELS[state] };

/** What the gateway says of a stream. */
interface Told {
  readonly state: StreamState;
  readonly error?: StatusError;
}

/** A target's state in a few words. @param url - its address, masked */
export function targetLabel(state: TargetState, url = ''): string {
  const isCalled = state === 'connecting' && isSrtListener(url);
  return isCalled ? 'Waiting for a receiver' : TARGET_LABELS[state];
}

/** A recording's state in one word. */
export const recordingLabel = (state: RecordingState): string => RECORDING_LABELS[state];

/** One state in plain words out of what the stream says and what arrives here. */
export function displayState(stream: Told | undefined, reception: Reception, nowMs: number = Date.now()): DisplayState {
  const { connection, retryInS, problem, isPlaying } = reception;
  if (connection === 'lost') {
    const when = retryInS === undefined ? '' : ` ${retryText(retryInS)}`;
    return { state: 'connecting', label: 'Reconnecting', message: `The connection to the gateway was lost.${when}` };
  }
  if (problem !== undefined) return { state: 'failed', label: 'No picture', message: problem };
  if (connection === 'connecting' || stream === undefined) {
    return { state: 'connecting', label: LABELS.connecting, message: 'Connecting to the gateway…' };
  }
  const { state, error } = stream;
  const told = (otherwise: string): { readonly message?: string } =>
    isPlaying ? {} : { message: error === undefined ? otherwise : problemText(error, nowMs) };
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
        label: LABELS[state],
        ...(!isPlaying && {
          message: 'The camera sends, and its next complete picture (a keyframe) is yet to come.',
        }),
      };
    case 'overloaded':
    case 'frozen':
      return { state, label: LABELS[state] };
    case 'stalled':
      return { state, label: LABELS.stalled, ...told('The camera sends no pictures at the moment.') };
    case 'offline':
      return { ...statePill(stream), ...told('This stream is not on the air.') };
    case 'unauthorized':
      return { ...statePill(stream), ...told('The camera refuses the user name or password.') };
    case 'pending':
      return { state, label: LABELS.pending, ...told('No host runs this stream.') };
    case 'failed':
      return {
        state,
        label: LABELS.failed,
        message: error === undefined ? 'The stream failed.' : problemText(error, nowMs),
      };
  }
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
  const what = `${shownUrl(next.url) ?? 'Another source'} is shown as soon as it sends a picture.`;
  return next.error === undefined ? what : `${what} ${problemText(next.error, nowMs)}`;
}

/** An address as it can be shown; absent where the gateway keeps it to itself, as it does for those who only watch. */
export const shownUrl = (url: string): string | undefined =>
  /^(?:[a-z0-9]+:(?:\/\/)?)?\*{3}$/.test(url) ? undefined : url;

/** `Trying again in 4 s.` */
export const retryText = (inS: number): string =>
  inS < 1 ? 'Trying again…' : `Trying again in ${inS < 60 ? `${Math.ceil(inS)} s` : formatDuration(inS)}.`;

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//;

/** Options as errors name them, which the page calls otherwise. */
const OPTION = /\b(?:source|output)(?:\.\w+)+/g;

const withLabels = (text: string): string =>
  text.replace(OPTION, (path) => (Object.hasOwn(OPTION_LABELS, path) ? `“${optionLabel(path)}”` : path));

/** `DIPTYCH_E_…: the host did not answer; check source.user` → `The host did not answer; check “User”.` */
export function sentence(text: string): string {
  const plain = withLabels(text.replace(/^DIPTYCH_E_\w+:/, '').trim());
  const ended = /[.!?…]$/.test(plain) ? plain : `${plain}.`;
  // An address is written as it is.
  return ADDRESS.test(ended) ? ended : ended.charAt(0).toUpperCase() + ended.slice(1);
}

/** What is wrong with a target, without its address, which stands beside it. */
export const targetError = (error: StatusError): StatusError => ({ ...error, message: withoutTarget(error.message) });

/** Who it is: the name, or `Person 3`. */
export const personLabel = ({
  name,
  trackId,
}: {
  readonly name?: string | undefined;
  readonly trackId: number;
}): string => name ?? `Person ${trackId}`;

/** What was fixed of a person's tile, to be put behind their name; empty where nothing was. */
export const heldText = (isPinned: boolean, isLocked: boolean): string =>
  isPinned ? ', pinned' : isLocked ? ', locked' : '';

/** Where a person is shown; `slots` holds every slot that is filled now. */
export function slotLabel(slot: number | undefined, slots: readonly number[]): string {
  if (slot === undefined) return 'No tile';
  if (slots.some((filled) => filled > 1)) return `Tile ${slot + 1}`;
  return slot === 0 ? 'Left tile' : 'Right tile';
}

/** How many viewers other hosts send a stream to, one text a host. */
export const edgeTexts = ({ edges = [] }: StreamView): readonly string[] =>
  edges.map(({ host, viewers }) => `${viewers} from ${host}`);
