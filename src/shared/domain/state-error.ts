import type { ErrorCode } from './errors.js';
import { statusError, type Problem, type StatusError } from './status-error.js';
import type { StreamState } from './stream-status.js';

/** What a state says by itself. */
const OF_STATE: Readonly<Record<Exclude<StreamState, 'live'>, Problem>> = {
  connecting: {
    code: 'DIPTYCH_E_NOT_READY',
    message: 'the stream is starting; its picture comes as soon as its source sends one',
  },
  waiting_for_keyframe: {
    code: 'DIPTYCH_E_SOURCE_KEYFRAME',
    message:
      'the source sends, and its picture begins with its next keyframe; where that takes long, set a shorter keyframe interval in the camera',
  },
  overloaded: {
    code: 'DIPTYCH_E_OVERLOADED',
    message:
      'this machine is too slow for all pictures, and leaves some out or shows them late; choose a smaller picture or a lower frame rate in the camera, a smaller output, or give the machine less to do',
  },
  frozen: {
    code: 'DIPTYCH_E_SOURCE_FROZEN',
    message: 'the camera sends the same picture again and again; restart the camera',
  },
  stalled: {
    code: 'DIPTYCH_E_SOURCE_STALLED',
    message: 'no picture comes at the moment; the source is opened again where that goes on, check camera and network',
  },
  offline: {
    code: 'DIPTYCH_E_SOURCE_ENDED',
    message: 'the source came to its end; change source.url, or start the stream again, for more',
  },
  unauthorized: {
    code: 'DIPTYCH_E_SOURCE_AUTH',
    message: 'the source refused the user name or password; check source.user and source.password',
  },
  failed: { code: 'DIPTYCH_E_INTERNAL', message: 'the stream failed; the log of the gateway says why' },
  pending: { code: 'DIPTYCH_E_PENDING', message: 'no host of the cluster runs the stream' },
};

/** States whose cause is the state itself, whatever failed before. */
const SPEAKS_FOR_ITSELF: ReadonlySet<StreamState> = new Set([
  'waiting_for_keyframe',
  'overloaded',
  'frozen',
  'stalled',
]);

/** What no further attempt mends unless a person does something. */
const CANNOT_WORK: ReadonlySet<ErrorCode> = new Set([
  'DIPTYCH_E_CONFIG',
  'DIPTYCH_E_ELEMENT_MISSING',
  'DIPTYCH_E_SOURCE_FILE',
  'DIPTYCH_E_ADDRESS_NOT_ALLOWED',
]);

/**
 * The error of a stream in this state: there is one in every state but `live`.
 *
 * @param last - why the source was lost, or the stream failed, since it last was live
 */
export function errorOfState(state: StreamState, last: StatusError | undefined): StatusError | undefined {
  if (state === 'live') return undefined;
  return last === undefined || SPEAKS_FOR_ITSELF.has(state) ? statusError(OF_STATE[state]) : last;
}

/** The state of a stream whose source was lost: what cannot work is not told as `connecting` or `offline`. */
export function stateWithoutSource(code: ErrorCode | undefined, hadFrames: boolean): StreamState {
  if (code === 'DIPTYCH_E_SOURCE_AUTH') return 'unauthorized';
  if (code !== undefined && CANNOT_WORK.has(code)) return 'failed';
  return hadFrames || code === 'DIPTYCH_E_SOURCE_UNPUBLISHED' ? 'offline' : 'connecting';
}
