import type { StatusError } from '../shared/domain/status-error.js';
import { isShowing, type NextSourceStatus, type StreamState } from '../shared/domain/stream-status.js';
import { formatDuration } from './format.js';
import { asksForLogin, nextSourceText, retryAtText, retryText, sentence, type Reception } from './wording.js';

/** What is wrong with a stream, for the head of its page. */
export interface Outage {
  /** `bad`: there is no picture of the camera; `warn`: there is one, and something is the matter with it, or nobody sends yet. */
  readonly tone: 'bad' | 'warn';
  /** One short sentence. */
  readonly title: string;
  /** What it is, and what to do; may be empty. */
  readonly text: string;
  /** When it is tried again; may be empty. */
  readonly retry: string;
  /** Whether any device can send its camera to mend it. */
  readonly canSend?: boolean;
}

/** What of a stream is looked at. */
export interface OutageInput {
  /** Whether its source delivers. */
  readonly state: StreamState;
  /** ISO 8601. */
  readonly since?: string;
  /** Why it does not. */
  readonly error?: StatusError;
  /** Where pictures come from. */
  readonly source?: { readonly next?: NextSourceStatus };
}

/** What is wrong, and the same where it is known for how long: ` for 3 s` comes behind the second. */
type Title = readonly [now: string, lasting: string];

const TITLES: Readonly<Record<Exclude<StreamState, 'live'>, Title>> = {
  connecting: ['No picture from the camera yet', 'The camera has sent no picture'],
  waiting_for_keyframe: ['The camera sends, but no keyframe has come', 'The camera has sent no keyframe'],
  overloaded: [
    'This machine is overloaded and leaves out pictures',
    'This machine has been overloaded and has left out pictures',
  ],
  frozen: ['The camera repeats one picture', 'The camera has repeated one picture'],
  stalled: ['The camera sends no pictures', 'The camera has sent no pictures'],
  offline: ['The camera was lost', 'The camera has been lost'],
  unauthorized: ['The camera refuses the user name or password', 'The camera has refused the user name or password'],
  failed: ['This stream cannot work as it is', 'This stream has not worked'],
  pending: ['No host runs this stream', 'No host has run this stream'],
};

const ASKS_FOR_LOGIN: Title = [
  'The camera asks for a user name and a password',
  'The camera has asked for a user name and a password',
];

/** What a title says already, at the beginning of an error's words. */
const TOLD_BY_TITLE =
  /^(?:\S+: |the source )?(?:nobody publishes yet|refused the user name or password|asks for a user name and password); /;

/** Titles of what an error says better than the state. */
const TITLES_BY_CODE: Partial<Record<StatusError['code'], Title>> = {
  DIPTYCH_E_SOURCE_UNPUBLISHED: ['Nobody sends a picture', 'Nobody has sent a picture'],
  DIPTYCH_E_SOURCE_ENDED: ['The source came to its end', 'The source has been at its end'],
};

/** Why there is no picture, or no good one; `undefined` where all is well, or where it only begins. */
export function outageOf(
  stream: OutageInput | undefined,
  reception: Reception,
  nowMs: number = Date.now(),
): Outage | undefined {
  const { connection, retryInS, problem } = reception;
  if (connection === 'lost') {
    const retry = retryInS === undefined ? '' : retryText(retryInS);
    return { tone: 'bad', title: 'The connection to the gateway was lost.', text: '', retry };
  }
  if (problem !== undefined) return { tone: 'bad', title: 'There is no picture.', text: problem, retry: '' };
  const { state, since, error } = stream ?? {};
  // That it is only starting is no problem.
  if (state === undefined || state === 'live' || error === undefined || error.code === 'DIPTYCH_E_NOT_READY') {
    const text = nextSourceText(stream?.source?.next, nowMs);
    return text === '' ? undefined : { tone: 'warn', title: 'Another source is being opened.', text, retry: '' };
  }
  const [now, lasting] = asksForLogin(error) ? ASKS_FOR_LOGIN : (TITLES_BY_CODE[error.code] ?? TITLES[state]);
  const title = since === undefined ? now : `${lasting} for ${formatDuration((nowMs - Date.parse(since)) / 1000)}`;
  const canSend = error.code === 'DIPTYCH_E_SOURCE_UNPUBLISHED';
  return {
    tone: isShowing(state) || canSend ? 'warn' : 'bad',
    title: `${title}.`,
    // The title says it already.
    text: sentence(error.message.replace(TOLD_BY_TITLE, '')),
    retry: retryAtText(error, nowMs),
    ...(canSend && { canSend }),
  };
}
