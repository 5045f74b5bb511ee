/** What is known of a server's certificate. */
export interface SeenCertificate {
  /** SHA-256, with or without colons. */
  readonly fingerprint: string;
  /** Why it would be refused, by OpenSSL's code; `undefined` where it is valid. */
  readonly code: string | undefined;
}

/** Why a certificate is not taken. */
export type CertificateProblem =
  /** It is not the one that was pinned. */
  | { readonly kind: 'other'; readonly fingerprint: string }
  /** It is not valid. */
  | { readonly kind: 'invalid'; readonly code: string; readonly fingerprint: string };

const SHA256_DIGITS = 64;

/** `sha256 AB:CD…`, with or without the name, colons and capitals, as 64 digits; `undefined` where it is none. */
export function normaliseFingerprint(text: string): string | undefined {
  const digits = text
    .replace(/^\s*sha-?256[\s:=/]*/i, '')
    .replace(/[:\s]/g, '')
    .toUpperCase();
  return digits.length === SHA256_DIGITS && /^[0-9A-F]+$/.test(digits) ? digits : undefined;
}

/** What is wrong with a certificate; a pinned one may be self-signed, expired and for another name. */
export function certificateProblem(
  policy: { readonly verify: boolean; readonly fingerprint?: string },
  { fingerprint, code }: SeenCertificate,
): CertificateProblem | undefined {
  if (policy.fingerprint !== undefined) {
    return normaliseFingerprint(fingerprint) === policy.fingerprint ? undefined : { kind: 'other', fingerprint };
  }
  return policy.verify && code !== undefined ? { kind: 'invalid', code, fingerprint } : undefined;
}
