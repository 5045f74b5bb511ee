import type { types } from 'mediasoup';
import { parse } from 'sdp-transform';
import { DiptychError } from '../../../shared/domain/errors.js';
import { sdpText } from './sdp-text.js';
import { checkIce, type IceCredentials } from './security.js';

/** What an `application/trickle-ice-sdpfrag` says (RFC 8840, 9). */
export interface IceFragment {
  /** Of the sender's ICE session; another than before asks for an ICE restart. Absent where it names none. */
  readonly ice?: IceCredentials;
  /** Addresses that it names; a server that is ICE-lite needs none of them, it answers who asks. */
  readonly candidates: number;
  /** Whether there are no more to come. */
  readonly isEnd: boolean;
}

/** What an answer to an ICE restart is made of. */
export interface RestartedIce {
  /** New ones. */
  readonly iceParameters: types.IceParameters;
  /** Where the server listens. */
  readonly iceCandidates: readonly types.IceCandidate[];
  /** The section that carries the candidates, and those bundled with it. */
  readonly mids: readonly string[];
  /** As in its `m=`: type, protocol, formats. */
  readonly tagged: { readonly type: string; readonly protocol: string; readonly formats: string };
}

/** Of mediasoup, which is ICE-lite and takes what comes later. */
export const ICE_OPTIONS = 'trickle ice2';

const ATTRIBUTE = /^(?:a=[\x21-\x7e][\x20-\x7e]*|m=\S+ \S+ \S+( \S+)*|c=\S.*)$/;
const CANDIDATE = /^a=candidate:[A-Za-z0-9+/-]{1,64} \d{1,5} \S{1,20} \d{1,10} \S{1,255} \d{1,5} typ \S{1,20}( .*)?$/;
const MAX_CANDIDATES = 256;

/**
 * Reads the body of a PATCH request: candidates that come later, or an ICE restart.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` where it is no such fragment
 */
export function parseIceFragment(text: string): IceFragment {
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line !== '');
  if (lines.length === 0) throw bad('it is empty');
  const wrong = lines.find((line) => !ATTRIBUTE.test(line));
  if (wrong !== undefined) throw bad(`the line "${wrong.slice(0, 60)}" is none of a fragment; use a= and m= lines`);
  const candidates = lines.filter((line) => line.startsWith('a=candidate:'));
  const wrongCandidate = candidates.find((line) => !CANDIDATE.test(line));
  if (wrongCandidate !== undefined) throw bad(`"${wrongCandidate.slice(0, 60)}" is no candidate`);
  if (candidates.length > MAX_CANDIDATES) throw bad(`it has more than ${MAX_CANDIDATES} candidates`);
  const credentials = readCredentials(text);
  const isEnd = lines.includes('a=end-of-candidates');
  if (!credentials && candidates.length === 0 && !isEnd) throw bad('it has neither credentials nor candidates');
  return { ...(credentials && { ice: credentials }), candidates: candidates.length, isEnd };
}

function readCredentials(text: string): IceCredentials | undefined {
  const { media, ...session } = parse(text);
  const owner = [session, ...media].find(({ iceUfrag, icePwd }) => iceUfrag !== undefined || icePwd !== undefined);
  return owner && checkIce({ usernameFragment: sdpText(owner.iceUfrag), password: sdpText(owner.icePwd) });
}

/** The body of the answer to an ICE restart (RFC 8840): new credentials, and every candidate. */
export function formatIceFragment({ iceParameters, iceCandidates, mids, tagged }: RestartedIce): string {
  const lines = [
    ...(iceParameters.iceLite === true ? ['a=ice-lite'] : []),
    `a=ice-options:${ICE_OPTIONS}`,
    `a=group:BUNDLE ${mids.join(' ')}`,
    `m=${tagged.type} 9 ${tagged.protocol} ${tagged.formats}`,
    `a=mid:${mids[0] ?? '0'}`,
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    ...iceCandidates.map((candidate) => `a=candidate:${formatCandidate(candidate)}`),
    'a=end-of-candidates',
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

function formatCandidate(candidate: types.IceCandidate): string {
  const { foundation, protocol, priority, address, port, type, tcpType } = candidate;
  const tcp = tcpType === undefined ? '' : ` tcptype ${tcpType}`;
  return `${foundation} 1 ${protocol} ${priority} ${address} ${port} typ ${type}${tcp}`;
}

const bad = (what: string): DiptychError =>
  new DiptychError('DIPTYCH_E_BAD_INPUT', `this is no SDP fragment for ICE that can be used: ${what}`);
