import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Random bytes of a token: nobody finds one by trying. */
const TOKEN_BYTES = 32;
/** Tells tokens of this gateway from other secrets, for people and for programs that look for secrets in texts. */
const PREFIX = 'dpt_';
/** Characters of a hash that name its token. */
const ID_LENGTH = 12;

/** A token that nobody can guess. */
export const makeToken = (): string => PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');

/**
 * What is kept of a token. SHA-256 without salt or stretching: a token that was made here has 256 random bits, which no
 * table and no number of attempts finds; a slow hash such as scrypt would protect nothing more, and would cost the
 * gateway its time with every request of whoever sends wrong tokens.
 */
export const hashToken = (token: string): string => `sha256:${createHash('sha256').update(token).digest('hex')}`;

/** Names the token of a hash, without giving it away. */
export const tokenIdOf = (hash: string): string =>
  hash
    .replace(/^sha256:/i, '')
    .slice(0, ID_LENGTH)
    .toLowerCase();

/** Whether two hashes are the same, in a time that does not tell how much of them is. */
export function isSameHash(first: string, second: string): boolean {
  const [a, b] = [first, second].map((text) => createHash('sha256').update(text.toLowerCase()).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
