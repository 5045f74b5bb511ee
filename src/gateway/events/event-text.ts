import type { ChangedOptions } from '../../shared/config/changed-options.js';
import type { ShotAction, ShotKind } from '../../shared/domain/shot.js';
import type { SlotAction } from '../../shared/domain/slot-action.js';
import { ERROR_CODES, type ErrorCode } from '../../shared/domain/errors.js';
import { withoutTarget } from '../../shared/domain/status-error.js';
import type { StreamState, TargetState } from '../../shared/domain/stream-status.js';
import type { StreamEvent } from '../../shared/ipc/messages.js';

/** Of an error, before its words; for programs. */
const CODE = /^(?:Error: |DiptychError: )?DIPTYCH_E_[A-Z_]+: /;
/** A suspicion that is answered later than this, ms, is another one. */
const ANSWERED_WITHIN_MS = 10_000;

type Details = StreamEvent['details'];

/** Says who has a number, such as `Anna` or `person 3`. */
export type NamePerson = (trackId: unknown) => string;

type Words = (details: Details, name: NamePerson) => string;

/** The name that the stream process gave with the event, or else as the gateway knows it. */
const named = (details: Details, name: NamePerson): string =>
  typeof details['name'] === 'string' ? details['name'] : name(details['trackId']);

/** The same for whom the event was about before. */
const formerOf = (details: Details, name: NamePerson): string =>
  typeof details['formerName'] === 'string' ? details['formerName'] : name(details['formerTrackId']);

const WORDS: Readonly<Record<string, Words>> = {
  swap_suspected: (details, name) => `${named(details, name)} may have been mixed up with somebody else`,
  suspicion_ended: () => 'nobody is in doubt any more',
  identities_merged: (details, name) =>
    `${formerOf(details, name)} turned out to be ${named(details, name)}, and is followed as one person`,
  reentry: (details, name) => `${named(details, name)} came back`,
  new_identity: (details, name) => `${named(details, name)} is new`,
  named: (details) => {
    const who = `person ${String(details['trackId'])}`;
    return typeof details['name'] === 'string' ? `${who} is ${details['name']}` : `${who} has no name any more`;
  },
  source_changing: (details) => `another source is opened${text(details['url'])}`,
  source_change_failed: (details) => `no picture comes from the new source${reason(details)}`,
  source_changed: (details) => `another source is shown${text(details['url'])}`,
  // Why is told by the state.
  pictures_reduced: (details) => `only ${String(details['picturesPerS'])} pictures a second are shown`,
  pictures_restored: () => 'all pictures are shown again',
  gpu_lost: (details) => `the GPU was lost, and the stream continues on the CPU${reason(details)}`,
  process_recycled: () => 'the process of the stream was replaced, because it took too much memory',
  slots_refused: (details) => `a change of the tiles was refused${reason(details)}`,
  recording: (details) => recordingText(details),
};

/** What an event of a stream says to people: one sentence. @param suspectedPtsMs - of the last suspicion of a swap */
export function eventText({ name, details, ptsMs }: StreamEvent, person: NamePerson, suspectedPtsMs?: number): string {
  if (name === 'swap_corrected') {
    const sinceMs = suspectedPtsMs === undefined ? Infinity : ptsMs - suspectedPtsMs;
    const tookMs = typeof details['tookMs'] === 'number' ? details['tookMs'] : sinceMs;
    const after = tookMs <= ANSWERED_WITHIN_MS ? ` after ${(tookMs / 1000).toFixed(1)} s` : '';
    const one = formerOf(details, person);
    const other = named(details, person);
    return sentence(`${one} and ${other} crossed; swap put right${after}`);
  }
  const words = WORDS[name] ?? (() => `${name.replaceAll(/[_-]/g, ' ')}${reason(details)}`);
  return sentence(words(details, person));
}

const STATES: Readonly<Record<StreamState, string>> = {
  connecting: 'the stream connects to its source',
  waiting_for_keyframe: 'the stream waits for a keyframe of its source',
  live: 'the stream is live',
  overloaded: 'the stream is live, and this machine leaves out pictures',
  frozen: 'the stream is live, and its picture is frozen',
  stalled: 'the stream is stalled',
  offline: 'the stream is offline',
  unauthorized: 'the source refuses the user name or the password',
  failed: 'the stream failed',
  pending: 'no host runs the stream',
};

/** What is told of their error says it all. */
const TOLD_BY_ERROR: ReadonlySet<StreamState> = new Set([
  ...(['waiting_for_keyframe', 'overloaded', 'frozen', 'unauthorized'] as const),
]);

/** That a stream is in another state. */
export function stateText(state: StreamState, message?: string): string {
  if (message === undefined) return sentence(STATES[state]);
  return sentence(TOLD_BY_ERROR.has(state) ? message : `${STATES[state]}: ${message}`);
}

const TARGETS: Readonly<Record<TargetState, string>> = {
  waiting: 'waits for the stream',
  connecting: 'is being connected',
  live: 'receives the stream',
  stalled: 'takes less than it is given',
  retrying: 'failed and is tried again',
  closed: 'was ended',
};

/** That a target is in another state, or is not there any more; while it is connected, the error is that of the time before. */
export function targetText(id: string, state: TargetState | undefined, message?: string): string {
  const why = message === undefined || state === 'connecting' ? '' : `: ${withoutTarget(message)}`;
  return sentence(`target ${id} ${state === undefined ? 'was removed' : TARGETS[state]}${why}`);
}

/** That options were changed. */
export function changeText({ live, restart }: ChangedOptions): string {
  const changed = [...live, ...restart].join(', ');
  return sentence(`changed: ${changed}${restart.length === 0 ? '' : '; the stream restarts'}`);
}

const SHOTS: Readonly<Record<ShotKind, string>> = {
  split: 'everybody in a tile of their own',
  together: 'everybody in one frame',
  single: 'one person alone',
  wide: 'the whole scene',
};

/** What was asked of the shot. */
export function shotText(action: ShotAction, person: NamePerson): string {
  if (action.action === 'release') return 'Shots follow the rules again.';
  const { kind, trackId } = action;
  const what = kind === undefined ? 'the shot' : SHOTS[kind];
  const who = trackId === undefined ? '' : `, ${person(trackId)}`;
  return sentence(
    action.action === 'hold' ? `${what}${who}: held until it is released` : `${what}${who}: taken by hand`,
  );
}

/** What was asked of the tiles. */
export function slotText(action: SlotAction, person: NamePerson): string {
  switch (action.action) {
    case 'swap':
      return 'The tiles were swapped.';
    case 'lock':
      return 'The tiles were locked: everybody keeps theirs.';
    case 'unlock':
      return 'The tiles follow left and right again.';
    case 'pin':
      return sentence(`${person(action.trackId)} was put in tile ${action.slot + 1}`);
    case 'name':
      return sentence(
        action.name === ''
          ? `the name of person ${action.trackId} was taken away`
          : `person ${action.trackId} was named ${action.name}`,
      );
  }
}

function recordingText(details: Details): string {
  const { state, file, error } = details;
  const why = typeof error === 'object' && error !== null && 'message' in error ? `: ${String(error.message)}` : '';
  if (state === 'recording') return `recording${text(file)}`;
  if (state === 'off') return 'the recording ended';
  return `the recording is ${String(state)}${why}`;
}

const text = (value: unknown): string => (typeof value === 'string' ? `: ${value}` : '');

const reason = (details: Details): string => {
  const why = reasonOf(details);
  return why === '' ? '' : `: ${why}`;
};

/** The code of why something happened; absent where it has none. */
export const codeOf = ({ message, reason: why }: StreamEvent['details']): ErrorCode | undefined => {
  const code = /DIPTYCH_E_[A-Z_]+/.exec(String(message ?? why))?.[0];
  return code !== undefined && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : undefined;
};

/** Why something happened, without a code; empty where that is not told. */
export const reasonOf = ({ message, reason: why }: StreamEvent['details']): string => {
  const said = message ?? why;
  return typeof said === 'string' ? said.replace(CODE, '') : '';
};

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//;

function sentence(words: string): string {
  const ended = /[.!?…]$/.test(words) ? words : `${words}.`;
  // An address is written as it is.
  return ADDRESS.test(ended) ? ended : ended.charAt(0).toUpperCase() + ended.slice(1);
}
