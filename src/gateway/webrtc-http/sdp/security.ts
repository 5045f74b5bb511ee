import type { types } from 'mediasoup';
import type { SharedAttributes } from 'sdp-transform';
import { DiptychError } from '../../../shared/domain/errors.js';
import { sdpText } from './sdp-text.js';

/** What each side of ICE proves itself with (RFC 8839, 5.4). */
export interface IceCredentials {
  /** `a=ice-ufrag`, 4 to 256 characters. */
  readonly usernameFragment: string;
  /** `a=ice-pwd`, 22 to 256 characters. */
  readonly password: string;
}

/** The part of an offer that concerns DTLS. */
export interface OfferedDtls {
  /** `a=setup`: `active` begins, `passive` waits, `actpass` leaves it to the answer. */
  readonly setup: 'active' | 'passive' | 'actpass';
  /** Of the certificate that the other side will show. */
  readonly fingerprint: types.DtlsFingerprint;
}

const UFRAG = /^[A-Za-z0-9+/_=-]{4,256}$/;
const PASSWORD = /^[A-Za-z0-9+/_=-]{22,256}$/;
/** Bytes of a fingerprint, by its algorithm. */
const FINGERPRINT_BYTES: Readonly<Record<types.FingerprintAlgorithm, number>> = {
  'sha-1': 20,
  'sha-224': 28,
  'sha-256': 32,
  'sha-384': 48,
  'sha-512': 64,
};

/** The credentials of a section, or else those of its session. @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` */
export function readIce(section: SharedAttributes, session: SharedAttributes): IceCredentials {
  const usernameFragment = sdpText(section.iceUfrag ?? session.iceUfrag);
  const password = sdpText(section.icePwd ?? session.icePwd);
  return checkIce({ usernameFragment, password });
}

/** The same credentials. @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` where they are none */
export function checkIce(credentials: IceCredentials): IceCredentials {
  if (!UFRAG.test(credentials.usernameFragment)) throw bad('a=ice-ufrag is missing, or not 4 to 256 ICE characters');
  if (!PASSWORD.test(credentials.password)) throw bad('a=ice-pwd is missing, or not 22 to 256 ICE characters');
  return credentials;
}

/** The certificate of a section, or else that of its session. @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` */
export function readDtls(section: SharedAttributes, session: SharedAttributes): OfferedDtls {
  const { type, hash } = section.fingerprint ?? session.fingerprint ?? { type: '', hash: '' };
  const algorithm = type.toLowerCase();
  const bytes = isAlgorithm(algorithm) ? FINGERPRINT_BYTES[algorithm] : undefined;
  const value = sdpText(hash).toUpperCase();
  if (!isAlgorithm(algorithm) || value.length !== (bytes ?? 0) * 3 - 1 || !/^[0-9A-F]{2}(:[0-9A-F]{2})*$/.test(value)) {
    throw bad('a=fingerprint is missing, or not one of sha-1 to sha-512 with as many bytes');
  }
  const setup = section.setup ?? session.setup ?? 'actpass';
  if (setup !== 'active' && setup !== 'passive' && setup !== 'actpass') {
    throw bad(`a=setup:${setup.slice(0, 20)} is not actpass, active or passive`);
  }
  return { setup, fingerprint: { algorithm, value } };
}

/**
 * What the other side does, for mediasoup: where it leaves the choice, it begins with DTLS, as it knows
 * first that ICE has found a way.
 */
export const remoteDtls = ({ setup, fingerprint }: OfferedDtls): types.DtlsParameters => ({
  role: setup === 'passive' ? 'server' : 'client',
  fingerprints: [fingerprint],
});

/** `a=setup` of the answer to it. */
export const answeredSetup = ({ setup }: Pick<OfferedDtls, 'setup'>): 'active' | 'passive' =>
  setup === 'passive' ? 'active' : 'passive';

const isAlgorithm = (name: string): name is types.FingerprintAlgorithm => Object.hasOwn(FINGERPRINT_BYTES, name);

const bad = (what: string): DiptychError =>
  new DiptychError('DIPTYCH_E_BAD_INPUT', `this is no SDP that can be used: ${what}`);
