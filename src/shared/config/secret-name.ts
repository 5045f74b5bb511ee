/**
 * Words that mark a secret wherever they stand in a name. Parts of words, so that `_password`,
 * `apikey`, `access-token`, `X-Amz-Signature` and `authSig` count; hiding a parameter such as
 * `design` as well is the lesser harm.
 */
const SECRET_WORDS = [
  'pass',
  'pwd',
  'secret',
  'key',
  'token',
  'auth',
  'bearer',
  'sig',
  'cred',
  'session',
  'ticket',
  'hmac',
] as const;

/** Short words, which mark a secret only where they stand alone: `pin`, `user_pw`, not `mapping`. */
const SHORT_SECRET_WORDS: ReadonlySet<string> = new Set(['pw', 'psw', 'psk', 'pin', 'otp', 'jwt', 'sid']);

/** Options that name a file with a secret, and the option that the secret is for. */
export const SECRET_FILES: Readonly<Record<string, string>> = {
  passwordFile: 'password',
  keyFile: 'key',
  secretFile: 'secret',
  credentialFile: 'credential',
  tokenFile: 'token',
};

/** As often as a name may have been escaped. */
const MAX_DECODINGS = 3;

/** Whether a parameter or field of this name holds a secret: in any case, with any separators, escaped or not. */
export function isSecretName(name: string): boolean {
  const decoded = decode(name);
  const letters = decoded.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (SECRET_WORDS.some((word) => letters.includes(word))) return true;
  const words = decoded.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/);
  return words.some((word) => SHORT_SECRET_WORDS.has(word.toLowerCase()));
}

/** `%70ass` → `pass`; what is no escape stays as it is. */
function decode(text: string): string {
  let decoded = text;
  for (let i = 0; i < MAX_DECODINGS; i += 1) {
    decoded = decoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
  return decoded;
}
